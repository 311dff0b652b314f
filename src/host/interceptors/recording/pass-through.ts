/**
 * A device whose every exchange goes on to a real node: the driver side of `fwctl-emu record`. Each open file here is
 * an open file there, so contexts, uids and refusals are the device's own.
 */
import { errnoName } from '../../../abi/errno.ts';
import { Held } from '../../../abi/held.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { Errno } from '../../../kernel/errno.ts';

/** What a call of the node came to; `errno` is positive. */
export type PassedResult<T> = { readonly value: T } | { readonly errno: number };

/** An open file of the node: transport/client.ts. */
export interface PassedFile {
  info(): Promise<PassedResult<{ readonly data: Uint8Array }>>;
  rpc(
    scope: number,
    request: Uint8Array,
    outLength: number,
  ): Promise<PassedResult<{ readonly reply: Uint8Array; readonly length: number }>>;
  close(): Promise<void>;
}

interface PassedUctx {
  readonly file: PassedFile;
  /** Asked once, at open: a context's data stay as they are. */
  readonly info: PassedResult<{ readonly data: Uint8Array }>;
}

/** `open` rejects with an error whose `errno` is negative, as Node's are. */
export function passThroughFwctl(deviceType: number, open: () => Promise<PassedFile>): FwctlOps<PassedUctx> {
  return {
    deviceType,
    openUctx() {
      const held = new Held<PassedUctx>();
      openAndAsk(open).then(
        (uctx) => held.release(() => uctx),
        (error: NodeJS.ErrnoException) => held.release(() => refuse(-(error.errno ?? -5))),
      );
      return held;
    },
    closeUctx({ file }) {
      // Nobody is left who could hear of a failure.
      file.close().catch(() => {});
    },
    info({ info }, data) {
      if ('errno' in info) return refuse(info.errno);
      const { value } = info;
      data.bytes.set(value.data);
      return value.data.length;
    },
    fwRpc({ file }, { scope, request, reply }) {
      const held = new Held<number>();
      file.rpc(scope, request.bytes.slice(0, request.length), reply.length).then(
        (result) =>
          held.release(() => {
            if ('errno' in result) return refuse(result.errno);
            reply.bytes.set(result.value.reply);
            return result.value.length;
          }),
        () => held.release(() => refuse(5)),
      );
      return held;
    },
  };
}

async function openAndAsk(open: () => Promise<PassedFile>): Promise<PassedUctx> {
  const file = await open();
  return { file, info: await file.info() };
}

function refuse(errno: number): never {
  const name = errnoName(errno);
  const known = /^E[A-Z0-9]+$/.test(name);
  throw new Errno(known ? (name as Errno['name']) : 'EIO', `the device behind answered ${name}`);
}
