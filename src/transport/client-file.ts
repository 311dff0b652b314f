/** The other end of fwctl: ioctls of a node not ours, real or another emulator's, on worker threads: they may block. */
import { type FileHandle, open } from 'node:fs/promises';
import { FWCTL_INFO, FWCTL_RPC, fwctlInfo, fwctlRpc, MAX_RPC_LEN } from '../abi/fwctl.ts';
import type { Native } from './native.ts';

export interface ClientInfo {
  readonly deviceType: number;
  readonly data: Uint8Array;
}

/** `errno`: positive; the call failed. */
export type ClientResult<T> = { readonly value: T } | { readonly errno: number };

export interface ClientReply {
  /** What was copied out, at most what was asked for. */
  readonly reply: Uint8Array;
  /** The length that the driver answered. */
  readonly length: number;
}

/** Room for a driver's device data; the largest in the kernel has 28 bytes (fwctl_info_cxl and its like). */
const INFO_BYTES = 4096;

/** An open node. */
export class ClientFile {
  private readonly handle: FileHandle;
  private readonly native: Native;

  constructor(handle: FileHandle, native: Native) {
    this.handle = handle;
    this.native = native;
  }

  async info(): Promise<ClientResult<ClientInfo>> {
    const argument = new ArrayBuffer(fwctlInfo.bytes);
    const out = new ArrayBuffer(INFO_BYTES);
    const view = new DataView(argument);
    view.setUint32(fwctlInfo.size, fwctlInfo.bytes, true);
    view.setUint32(fwctlInfo.deviceDataLen, INFO_BYTES, true);
    const result = await this.native.fwctlIoctl(this.handle.fd, FWCTL_INFO, argument, undefined, out);
    if (result < 0) return { errno: -result };
    const length = Math.min(view.getUint32(fwctlInfo.deviceDataLen, true), INFO_BYTES);
    return {
      value: { deviceType: view.getUint32(fwctlInfo.outDeviceType, true), data: new Uint8Array(out, 0, length) },
    };
  }

  /** `request` is copied; `outLength` at most MAX_RPC_LEN. */
  async rpc(scope: number, request: Uint8Array, outLength: number): Promise<ClientResult<ClientReply>> {
    if (request.length > MAX_RPC_LEN || outLength > MAX_RPC_LEN) throw new RangeError('an RPC has at most 2 MiB');
    const argument = new ArrayBuffer(fwctlRpc.bytes);
    const input = request.slice().buffer;
    const out = new ArrayBuffer(outLength);
    const view = new DataView(argument);
    view.setUint32(fwctlRpc.size, fwctlRpc.bytes, true);
    view.setUint32(fwctlRpc.scope, scope, true);
    view.setUint32(fwctlRpc.inLen, request.length, true);
    view.setUint32(fwctlRpc.outLen, outLength, true);
    const result = await this.native.fwctlIoctl(this.handle.fd, FWCTL_RPC, argument, input, out);
    if (result < 0) return { errno: -result };
    const length = view.getUint32(fwctlRpc.outLen, true);
    return { value: { reply: new Uint8Array(out, 0, Math.min(length, outLength)), length } };
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** open(2) for reading and writing. Rejects with Node's error, which has `errno` (negative) and `code`. */
export async function openNode(path: string, native: Native): Promise<ClientFile> {
  return new ClientFile(await open(path, 'r+'), native);
}
