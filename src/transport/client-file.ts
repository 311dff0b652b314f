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

/** What is behind an address in a request. */
export interface ClientBuffer {
  /** Offset of the address in the request, which has 8 bytes there. */
  readonly at: number;
  /** What the node reads, and finds place in for what it writes; undefined: an address that is no memory. */
  readonly bytes: Uint8Array | undefined;
  /** The reply gives the address back at the same place. */
  readonly echoed: boolean;
}

const ADDRESS_BYTES = 8;
/** No user's address on any machine: EFAULT to whom reads or writes there. */
const NOWHERE = 0xdead_0000_0000_0000n;

/** The buffers in one piece, whose address only the ioctl's own thread puts into the request. */
class Memory {
  /** Three u32 each: offset in the request, offset in `bytes`, length. */
  readonly places: ArrayBuffer;
  readonly bytes: ArrayBuffer;
  private readonly parts: { readonly from: Uint8Array; readonly to: Uint8Array }[] = [];

  constructor(buffers: readonly ClientBuffer[], request: ArrayBuffer) {
    const view = new DataView(request);
    this.bytes = new ArrayBuffer(buffers.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0));
    const rows: number[] = [];
    let place = 0;
    for (const { at, bytes } of buffers) {
      if (bytes === undefined) {
        view.setBigUint64(at, NOWHERE, true);
        continue;
      }
      const copy = new Uint8Array(this.bytes, place, bytes.length);
      copy.set(bytes);
      this.parts.push({ from: copy, to: bytes });
      rows.push(at, place, bytes.length);
      place += bytes.length;
    }
    this.places = Uint32Array.from(rows).buffer;
  }

  bringBack(): void {
    for (const { from, to } of this.parts) to.set(from);
  }
}

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

  /**
   * `request` is copied; `outLength` at most MAX_RPC_LEN. `buffers`: what is behind addresses in it. They are of this
   * process for the ioctl alone; where a reply gives one back, it gives the request's own.
   */
  async rpc(
    scope: number,
    request: Uint8Array,
    outLength: number,
    buffers: readonly ClientBuffer[] = [],
  ): Promise<ClientResult<ClientReply>> {
    if (request.length > MAX_RPC_LEN || outLength > MAX_RPC_LEN) throw new RangeError('an RPC has at most 2 MiB');
    const argument = new ArrayBuffer(fwctlRpc.bytes);
    const input = request.slice().buffer;
    const memory = new Memory(buffers, input);
    const out = new ArrayBuffer(outLength);
    const view = new DataView(argument);
    view.setUint32(fwctlRpc.size, fwctlRpc.bytes, true);
    view.setUint32(fwctlRpc.scope, scope, true);
    view.setUint32(fwctlRpc.inLen, request.length, true);
    view.setUint32(fwctlRpc.outLen, outLength, true);
    const { places, bytes } = memory;
    const result = await this.native.fwctlIoctl(this.handle.fd, FWCTL_RPC, argument, input, out, bytes, places);
    if (result < 0) return { errno: -result };
    memory.bringBack();
    const length = view.getUint32(fwctlRpc.outLen, true);
    const reply = new Uint8Array(out, 0, Math.min(length, outLength));
    for (const { at, echoed } of buffers) {
      const end = Math.min(at + ADDRESS_BYTES, reply.length);
      if (echoed && at < end) reply.set(request.subarray(at, end), at);
    }
    return { value: { reply, length } };
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** open(2) for reading and writing. Rejects with Node's error, which has `errno` (negative) and `code`. */
export async function openNode(path: string, native: Native): Promise<ClientFile> {
  return new ClientFile(await open(path, 'r+'), native);
}
