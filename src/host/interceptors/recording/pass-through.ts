/**
 * A device whose every exchange goes on to a real node: the driver side of `fwctl-emu record`. Each open file here is
 * an open file there, so contexts, uids and refusals are the device's own.
 */
import { errnoName } from '../../../abi/errno.ts';
import { Held } from '../../../abi/held.ts';
import type { Dialect, PointedBuffer } from '../../../fwctl/dialect.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { type Call, FRAME } from '../../../kernel/call.ts';
import { Errno } from '../../../kernel/errno.ts';

/** What a call of the node came to; `errno` is positive. */
export type PassedResult<T> = { readonly value: T } | { readonly errno: number };

/** A client's buffer behind an address in its request. */
export interface PassedBuffer {
  /** Offset of the address in the request. */
  readonly at: number;
  /**
   * A copy of it, of which the node is told in its place, and which has afterwards what the node wrote; undefined: it
   * is not memory that can be had, and the node is told an address which is none.
   */
  readonly bytes: Uint8Array | undefined;
  /** The reply has the address at the same place: there it is to be the client's. */
  readonly echoed: boolean;
}

/** An open file of the node: transport/client-file.ts. */
export interface PassedFile {
  info(): Promise<PassedResult<{ readonly data: Uint8Array }>>;
  rpc(
    scope: number,
    request: Uint8Array,
    outLength: number,
    buffers: readonly PassedBuffer[],
  ): Promise<PassedResult<{ readonly reply: Uint8Array; readonly length: number }>>;
  close(): Promise<void>;
}

/** More than the kernel's drivers take in one request; what a driver refuses for its length need not be fetched. */
const MOST = FRAME.bytes - FRAME.buffers;

interface PassedUctx {
  readonly file: PassedFile;
  /** Asked once, at open: a context's data stay as they are. */
  readonly info: PassedResult<{ readonly data: Uint8Array }>;
}

/**
 * `open` rejects with an error whose `errno` is negative, as Node's are. `dialect`: of the device's driver, which knows
 * where addresses stand in a request: what is there is fetched from the client before, and brought back afterwards.
 */
export function passThroughFwctl(
  deviceType: number,
  dialect: Pick<Dialect, 'buffers'>,
  open: () => Promise<PassedFile>,
): FwctlOps<PassedUctx> {
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
    fwRpc({ file }, { scope, request, reply, call }) {
      const places = dialect.buffers(request);
      let room = MOST;
      const buffers = places.map((place) => {
        const bytes = place.bytes > room ? undefined : fetched(call, place);
        room -= bytes?.length ?? 0;
        return { ...place, bytes };
      });
      const held = new Held<number>();
      file.rpc(scope, request.bytes.slice(0, request.length), reply.length, buffers).then(
        (result) =>
          held.release(() => {
            if ('errno' in result) return refuse(result.errno);
            bringBack(call, places, buffers);
            reply.bytes.set(result.value.reply);
            return result.value.length;
          }),
        () => held.release(() => refuse(5)),
      );
      return held;
    },
  };
}

/** Undefined: the client has no such memory. */
function fetched(call: Call, { at, bytes: length, way }: PointedBuffer): Uint8Array | undefined {
  if (way === 'write') return new Uint8Array(length);
  const copied = call.copyFromUser(FRAME.in + at, 0, FRAME.buffers, length);
  return copied < length ? undefined : call.bytes.slice(FRAME.buffers, FRAME.buffers + length);
}

/** Each of them, also where one cannot be written, as the drivers do. */
function bringBack(call: Call, places: readonly PointedBuffer[], buffers: readonly PassedBuffer[]): void {
  let place: number = FRAME.buffers;
  for (const [n, { at, bytes }] of buffers.entries()) {
    if (places[n]?.way === 'read' || bytes === undefined) continue;
    call.bytes.set(bytes, place);
    call.copyToUser(FRAME.in + at, 0, place, bytes.length, true);
    place += bytes.length;
  }
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
