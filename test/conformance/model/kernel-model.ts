/**
 * A second, plain reading of the kernel, to compare the emulator with: drivers/fwctl/main.c, drivers/fwctl/mlx5/main.c
 * and copy_struct_from_user(), byte by byte and in the kernel's order of checks. Shares no code with src/; what the
 * mlx5 driver lets through is the table that was measured on the real kernels.
 */
import { goldenScopes, type KernelName, type MeasuredScopes } from '../golden.ts';
import type { ModelMemory } from './model-memory.ts';

/** A driver and its device, as one run of the property has it. */
export type ModelDevice =
  | { readonly kind: 'mlx5'; readonly uid: number; readonly caps: number }
  | { readonly kind: 'raw'; readonly type: number; readonly info: Uint8Array | undefined; readonly mode: RawMode }
  | {
      readonly kind: 'other';
      readonly type: number;
      readonly info: Uint8Array;
      /** Its reply, of which the core copies out what there is room for. Refuses by `refuse`. */
      rpc(call: ModelRpc): Uint8Array;
    };

/** An RPC as a driver of its own model gets it. */
export interface ModelRpc {
  readonly scope: number;
  readonly request: Uint8Array;
  readonly outLength: number;
  readonly memory: ModelMemory;
  /** What has reached the firmware. */
  readonly delivered: string[];
}

/** What a raw driver answers: the request, or so many bytes (RAW_BYTE), or an errno. */
export type RawMode = 'echo' | number | 'EIO';

export const RAW_BYTE = 0x5c;

export interface ModelCaller {
  readonly capable: boolean;
  readonly comm: string;
  readonly pid: number;
  /** A 32-bit program. */
  readonly compat: boolean;
}

/** What the firmware of this run does: a delivery errno, or a reply. */
export interface ModelFirmware {
  readonly deliver: 'EIO' | 'ETIMEDOUT' | undefined;
  reply(request: Uint8Array, length: number): Uint8Array;
}

const INFO_SIZE = 24;
const RPC_SIZE = 32;
const LIMIT = 2 * 1024 * 1024;
const DEVICE_TYPE_MLX5 = 1;

class Refused extends Error {}

export function refuse(errno: string): never {
  throw new Refused(errno);
}

export class KernelModel {
  tainted = 0;
  /** The kernel's log, text only. */
  readonly log: string[] = [];
  /** What has reached a firmware or a raw driver. */
  readonly delivered: string[] = [];
  private readonly kernel: KernelName;
  private readonly memory: ModelMemory;
  private readonly firmware: ModelFirmware;

  constructor(kernel: KernelName, memory: ModelMemory, firmware: ModelFirmware) {
    this.kernel = kernel;
    this.memory = memory;
    this.firmware = firmware;
  }

  /** ioctl(2) on an open file of device `number`: `OK` or the errno's name. */
  ioctl(
    device: ModelDevice,
    number: number,
    unplugged: boolean,
    cmd: number,
    argument: bigint,
    caller: ModelCaller,
  ): string {
    try {
      if (caller.compat || (cmd !== 0x9a00 && cmd !== 0x9a01)) refuse('ENOTTY');
      const struct = this.structure(argument, cmd === 0x9a00 ? INFO_SIZE : RPC_SIZE);
      if (unplugged) refuse('ENODEV');
      if (cmd === 0x9a00) this.info(device, struct, argument);
      else this.rpc(device, number, struct, argument, caller);
      return 'OK';
    } catch (error) {
      if (error instanceof Refused) return error.message;
      throw error;
    }
  }

  /** get_user(size), the size rules, check_zeroed_user() of the tail, copy_from_user(). */
  private structure(argument: bigint, known: number): DataView {
    const word = this.memory.read(argument, 4);
    if (word.length < 4) refuse('EFAULT');
    const size = new DataView(word.buffer).getUint32(0, true);
    if (size < known) refuse('EINVAL');
    for (let at = known; at < size; at++) {
      const byte = this.memory.byte(argument + BigInt(at));
      if (byte === undefined) refuse('EFAULT');
      if (byte !== 0) refuse('E2BIG');
    }
    const bytes = this.memory.read(argument, known);
    if (bytes.length < known) refuse('EFAULT');
    return new DataView(bytes.buffer);
  }

  private info(device: ModelDevice, struct: DataView, argument: bigint): void {
    if (struct.getUint32(4, true) !== 0) refuse('EOPNOTSUPP');
    const room = struct.getUint32(12, true);
    let length = 0;
    if (room !== 0) {
      const data = infoOf(device);
      length = data.length;
      const pointer = struct.getBigUint64(16, true);
      this.writeOrFault(pointer, data.subarray(0, room));
      // clear_user(); memory ends soon, so that no long run of zeroes is made
      for (let at = data.length; at < room; at++) {
        if (!this.memory.put(pointer + BigInt(at), 0)) refuse('EFAULT');
      }
    }
    struct.setUint32(8, device.kind === 'mlx5' ? DEVICE_TYPE_MLX5 : device.type, true);
    struct.setUint32(12, length, true);
    this.writeOrFault(argument, new Uint8Array(struct.buffer));
  }

  private rpc(device: ModelDevice, number: number, struct: DataView, argument: bigint, caller: ModelCaller): void {
    const [scope, inLength, outLength] = [4, 8, 12].map((at) => struct.getUint32(at, true)) as [number, number, number];
    if (inLength > LIMIT || outLength > LIMIT) refuse('EMSGSIZE');
    this.admit(scope, number, caller);
    const request = this.memory.read(struct.getBigUint64(16, true), inLength);
    if (request.length < inLength) refuse('EFAULT');
    const reply = this.driverRpc(device, scope, request, outLength);
    this.writeOrFault(struct.getBigUint64(24, true), reply.subarray(0, outLength));
    struct.setUint32(12, reply.length, true);
    this.writeOrFault(argument, new Uint8Array(struct.buffer));
  }

  private driverRpc(device: ModelDevice, scope: number, request: Uint8Array, outLength: number): Uint8Array {
    if (device.kind === 'mlx5') return this.mlx5Rpc(device, scope, request, outLength);
    if (device.kind === 'raw') return this.rawRpc(device.mode, scope, request);
    const { memory, delivered } = this;
    return device.rpc({ scope, request, outLength, memory, delivered });
  }

  private admit(scope: number, number: number, caller: ModelCaller): void {
    if (scope === 0 || scope === 1) return;
    if (scope > 3) refuse('EOPNOTSUPP');
    if (scope === 3 && !caller.capable) refuse('EPERM');
    if (this.tainted !== 0) return;
    this.tainted = 524288;
    const device = this.kernel === 'v2' ? 'device device' : 'device';
    this.log.push(
      `fwctl fwctl${number}: ${caller.comm}(${caller.pid}): has requested full access to the physical ${device}`,
    );
  }

  private mlx5Rpc(device: { uid: number }, scope: number, request: Uint8Array, outLength: number): Uint8Array {
    if (request.length < 16 || outLength < 16) refuse('EMSGSIZE');
    if (this.kernel === 'v2' && scope >= 2) refuse('EOPNOTSUPP');
    const opcode = ((request[0] as number) << 8) | (request[1] as number);
    const opMod = ((request[6] as number) << 8) | (request[7] as number);
    if (!allowedScopes(this.kernel, opcode, opMod).includes(scope)) refuse('EBADMSG');
    request[2] = device.uid >> 8;
    request[3] = device.uid & 0xff;
    this.delivered.push(`mlx5 ${outLength} ${Buffer.from(request).toString('hex')}`);
    if (this.firmware.deliver !== undefined) refuse(this.firmware.deliver);
    const reply = new Uint8Array(outLength);
    reply.set(this.firmware.reply(request, outLength));
    return reply;
  }

  private rawRpc(mode: RawMode, scope: number, request: Uint8Array): Uint8Array {
    this.delivered.push(`raw ${scope} ${Buffer.from(request).toString('hex')}`);
    if (mode === 'EIO') refuse('EIO');
    return mode === 'echo' ? request : new Uint8Array(mode).fill(RAW_BYTE);
  }

  private writeOrFault(address: bigint, bytes: Uint8Array): void {
    writeOrFault(this.memory, address, bytes);
  }
}

/** copy_to_user(): up to the fault. */
export function writeOrFault(memory: ModelMemory, address: bigint, bytes: Uint8Array): void {
  bytes.forEach((byte, i) => {
    if (!memory.put(address + BigInt(i), byte)) refuse('EFAULT');
  });
}

function infoOf(device: ModelDevice): Uint8Array {
  if (device.kind !== 'mlx5') return device.info ?? new Uint8Array(0);
  const data = new DataView(new ArrayBuffer(8));
  data.setUint32(0, device.uid, true);
  data.setUint32(4, device.caps, true);
  return new Uint8Array(data.buffer);
}

const measured = new Map(goldenScopes().map((row) => [Number(row.op), row]));

/** Every opcode that any kernel lets through. */
export const MEASURED_OPCODES: readonly number[] = [...measured.keys()];

function allowedScopes(kernel: KernelName, opcode: number, opMod: number): readonly number[] {
  const scopes: MeasuredScopes | undefined = measured.get(opcode)?.[kernel];
  if (scopes === undefined) return [];
  return Array.isArray(scopes) ? scopes : (scopes[`op_mod ${Math.min(opMod, 2)}`] ?? []);
}
