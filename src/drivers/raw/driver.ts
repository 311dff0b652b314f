/**
 * A fwctl driver without a device behind it: it answers what its options say. For tests of the core, and for tools that
 * meet a device type of their own. No kernel counterpart but the raw mock of the reference runs.
 */
import type { ErrnoName } from '../../abi/errno.ts';
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import { Errno } from '../../kernel/errno.ts';

/** Answers one RPC: writes `reply.bytes` from 0, returns the length, whatever `reply.length` is. Throws Errno. */
export type RawRpc = (request: MessageBuffer, reply: MessageBuffer) => number | Held<number>;

/** May be changed at any time; looked at in each call. */
export interface RawOptions {
  /** enum fwctl_device_type, any 32-bit number. Read once. */
  readonly deviceType: number;
  /** Device data of FWCTL_INFO. Undefined when the driver is made: it has no info op at all. */
  info: Uint8Array | undefined;
  /** What FWCTL_INFO fails with, when it asks for data. */
  infoErrno: ErrnoName | undefined;
  /** What open fails with. */
  openErrno: ErrnoName | undefined;
  /** The answer to RPCs. */
  rpc: RawRpc;
}

/** A device of type 0x7e without data that gives requests back; `changes` are set over that. */
export function rawOptions(changes: Partial<RawOptions> = {}): RawOptions {
  return {
    deviceType: 0x7e,
    info: new Uint8Array(0),
    infoErrno: undefined,
    openErrno: undefined,
    rpc: echo,
    ...changes,
  };
}

/** The request as it is; the length is in_len. */
export const echo: RawRpc = (request, reply) => {
  reply.bytes.set(request.bytes.subarray(0, request.length));
  return request.length;
};

/** Always these bytes; the length is theirs. */
export function answerBytes(answer: Uint8Array): RawRpc {
  return (_request, reply) => {
    reply.bytes.set(answer);
    return answer.length;
  };
}

/** The driver's fw_rpc fails. */
export function refuseRpc(errno: ErrnoName): RawRpc {
  const refusal = scripted(errno, 'RPC');
  return () => {
    throw refusal;
  };
}

/** The context of a raw device carries nothing. */
export type RawUctx = Readonly<Record<string, never>>;

export function rawFwctl(options: RawOptions): FwctlOps<RawUctx> {
  const ops: FwctlOps<RawUctx> = {
    deviceType: options.deviceType,
    openUctx() {
      if (options.openErrno !== undefined) throw scripted(options.openErrno, 'open');
      return {};
    },
    closeUctx() {},
    fwRpc: (_uctx, { request, reply }) => options.rpc(request, reply),
  };
  if (options.info === undefined) return ops;
  return {
    ...ops,
    info(_uctx, data) {
      if (options.infoErrno !== undefined) throw scripted(options.infoErrno, 'info');
      const info = options.info ?? new Uint8Array(0);
      data.bytes.set(info);
      return info.length;
    },
  };
}

function scripted(errno: ErrnoName, what: string): Errno {
  return new Errno(errno, `the raw driver's options make ${what} fail`);
}
