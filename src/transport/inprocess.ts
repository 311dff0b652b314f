/**
 * The transport without a kernel: opens FileOps from JavaScript, for tests and for programs that want the emulator as a
 * library. One transport is one process: all its files share one address space.
 */
import { FWCTL_INFO, FWCTL_RPC, fwctlInfo, fwctlRpc, MAX_RPC_LEN } from '../abi/fwctl.ts';
import { Held, whenReleased } from '../abi/held.ts';
import type { Caller } from '../kernel/caller.ts';
import type { FileOps } from '../kernel/file-ops.ts';
import { InprocessCall } from './inprocess-call.ts';
import { type Answer, isRefusal, OpenFiles, type ServedFile } from './open-files.ts';
import { UserMemory } from './user-memory.ts';

const O_RDWR = 2;

/** A root thread with every capability; `changes` are set over that. */
export function plainCaller(changes: Partial<Caller> = {}): Caller {
  return { tid: 1, uid: 0, gid: 0, comm: () => 'node', pid: () => 1, capable: () => true, ...changes };
}

export interface OpenOptions {
  /** Who opens, and who makes the calls unless told otherwise. */
  readonly caller?: Caller;
  /** O_* flags; O_RDWR unless told. */
  readonly flags?: number;
}

/** What FWCTL_INFO said. */
export interface DeviceInfo {
  readonly deviceType: number;
  /** The driver's data, cut at the room given. */
  readonly data: Uint8Array;
  /** The driver's own length of its data, bytes. */
  readonly dataLength: number;
}

/** A frame, and places in the caller's memory for the structure and payloads of `rpc` and `info`. */
interface Scratch {
  readonly call: InprocessCall;
  readonly argument: number;
  readonly in: number;
  readonly out: number;
}

export class InprocessTransport {
  readonly memory: UserMemory;
  /** A bug is its caller's to see here; memory is always at hand. */
  readonly files = new OpenFiles({ bug: rethrow, unreachable: rethrow });
  private readonly idle: InprocessCall[] = [];
  private readonly idleScratch: Scratch[] = [];

  constructor(memory = new UserMemory()) {
    this.memory = memory;
  }

  /** open(2). Throws Errno. An open that the device holds back (slow firmware) throws an Error: `openDeviceLate`. */
  openDevice(fileOps: FileOps, options: OpenOptions = {}): InprocessFile {
    return atOnce(this.start(fileOps, options), 'openDeviceLate', (file) => file.close());
  }

  /** The same; resolves when the device answers, rejects with Errno. */
  async openDeviceLate(fileOps: FileOps, options: OpenOptions = {}): Promise<InprocessFile> {
    return collected(this.start(fileOps, options));
  }

  private start(fileOps: FileOps, options: OpenOptions): InprocessFile | Held<InprocessFile> {
    const caller = options.caller ?? plainCaller();
    const opened = this.files.open(fileOps, caller, options.flags ?? O_RDWR);
    return whenReleased(opened, (file) => new InprocessFile(this, valueOrThrow(file), caller));
  }

  /** A frame to use; give it back with `putCall`. */
  takeCall(caller: Caller): InprocessCall {
    return this.idle.pop() ?? new InprocessCall(this.memory, caller);
  }

  putCall(call: InprocessCall): void {
    this.idle.push(call);
  }

  takeScratch(caller: Caller): Scratch {
    const { memory } = this;
    return (
      this.idleScratch.pop() ?? {
        call: new InprocessCall(memory, caller),
        argument: memory.allocate(64),
        in: memory.allocate(MAX_RPC_LEN),
        out: memory.allocate(MAX_RPC_LEN),
      }
    );
  }

  putScratch(scratch: Scratch): void {
    this.idleScratch.push(scratch);
  }
}

/** One open descriptor. */
export class InprocessFile {
  private readonly transport: InprocessTransport;
  private readonly file: ServedFile;
  private readonly caller: Caller;

  constructor(transport: InprocessTransport, file: ServedFile, caller: Caller) {
    this.transport = transport;
    this.file = file;
    this.caller = caller;
  }

  /**
   * ioctl(2): the return value, or a negative errno, or such a number held back (subscribe with `onRelease`, take with
   * `get`). `argument` is an address in the transport's memory.
   */
  ioctl(cmd: number, argument: number | bigint, caller = this.caller): number | Held<number> {
    const { transport } = this;
    const call = transport.takeCall(caller);
    call.start(caller, cmd, argument);
    return whenReleased(transport.files.ioctl(this.file, call), (answer) => {
      transport.putCall(call);
      return isRefusal(answer) ? -transport.files.errnoOf(answer) : answer;
    });
  }

  /** The same; resolves when the device answers. */
  async ioctlLate(cmd: number, argument: number | bigint, caller = this.caller): Promise<number> {
    return collected(this.ioctl(cmd, argument, caller));
  }

  /** FWCTL_RPC: the reply, at most `outLength` bytes. Throws Errno; an Error when the answer is held: use `rpcLate`. */
  rpc(scope: number, request: Uint8Array, outLength: number): Uint8Array {
    return atOnce(this.startRpc(scope, request, outLength), 'rpcLate');
  }

  /** The same; resolves when the device answers, rejects with Errno. */
  async rpcLate(scope: number, request: Uint8Array, outLength: number): Promise<Uint8Array> {
    return collected(this.startRpc(scope, request, outLength));
  }

  /** FWCTL_INFO with room for `room` bytes of device data. Throws Errno; an Error when the answer is held. */
  info(room = 4096): DeviceInfo {
    const filled = (struct: DataView): void => {
      struct.setUint32(fwctlInfo.size, fwctlInfo.bytes, true);
      struct.setUint32(fwctlInfo.deviceDataLen, room, true);
    };
    const answered = (struct: DataView, out: Uint8Array): DeviceInfo => {
      const dataLength = struct.getUint32(fwctlInfo.deviceDataLen, true);
      return {
        deviceType: struct.getUint32(fwctlInfo.outDeviceType, true),
        data: out.slice(0, Math.min(dataLength, room)),
        dataLength,
      };
    };
    if (room > MAX_RPC_LEN) throw new RangeError(`info: at most ${MAX_RPC_LEN} bytes of room`);
    return atOnce(this.exchange(FWCTL_INFO, fwctlInfo.outDeviceData, filled, answered), 'ioctlLate');
  }

  /** close(2): the last one. Calls that still run end first; the open file goes with the last of them. */
  close(): void {
    this.transport.files.close(this.file);
  }

  private startRpc(scope: number, request: Uint8Array, outLength: number): Uint8Array | Held<Uint8Array> {
    const filled = (struct: DataView, buffer: Uint8Array): void => {
      struct.setUint32(fwctlRpc.size, fwctlRpc.bytes, true);
      struct.setUint32(fwctlRpc.scope, scope, true);
      struct.setUint32(fwctlRpc.inLen, request.length, true);
      struct.setUint32(fwctlRpc.outLen, outLength, true);
      // A longer one is refused for its length before its bytes are looked at.
      if (request.length <= buffer.length) buffer.set(request);
    };
    const answered = (struct: DataView, out: Uint8Array): Uint8Array =>
      out.slice(0, Math.min(outLength, struct.getUint32(fwctlRpc.outLen, true)));
    return this.exchange(FWCTL_RPC, fwctlRpc.out, filled, answered);
  }

  /** One ioctl over scratch memory: `fill` writes structure and request, `read` takes the answer. Throws Errno. */
  private exchange<T>(
    cmd: number,
    outPointer: number,
    fill: (struct: DataView, request: Uint8Array) => void,
    read: (struct: DataView, out: Uint8Array) => T,
  ): T | Held<T> {
    const { transport, caller } = this;
    const { memory } = transport;
    const scratch = transport.takeScratch(caller);
    const bytes = memory.view(scratch.argument, fwctlRpc.bytes).fill(0);
    const struct = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    fill(struct, memory.view(scratch.in, MAX_RPC_LEN));
    if (cmd === FWCTL_RPC) struct.setBigUint64(fwctlRpc.in, BigInt(scratch.in), true);
    struct.setBigUint64(outPointer, BigInt(scratch.out), true);
    scratch.call.start(caller, cmd, scratch.argument);
    return whenReleased(transport.files.ioctl(this.file, scratch.call), (answer) => {
      try {
        valueOrThrow(answer);
        return read(struct, memory.view(scratch.out, MAX_RPC_LEN));
      } finally {
        transport.putScratch(scratch);
      }
    });
  }
}

function ignore(): void {}

function rethrow(error: unknown): never {
  throw error;
}

/** A refusal is thrown to who called. */
function valueOrThrow<T>(answer: Answer<T>): T {
  if (isRefusal(answer)) throw answer;
  return answer;
}

/** The answer, unless it is held: it is thrown away then, as soon as it is there. */
function atOnce<T>(answer: T | Held<T>, late: string, discard: (unwanted: T) => void = ignore): T {
  if (!(answer instanceof Held)) return answer;
  if (answer.released) return answer.get();
  collected(answer).then(discard, ignore);
  throw new Error(`the device holds its answer back: use ${late}`);
}

async function collected<T>(answer: T | Held<T>): Promise<T> {
  if (!(answer instanceof Held)) return answer;
  return new Promise((resolve, reject) => {
    answer.onRelease(() => {
      try {
        resolve(answer.get());
      } catch (error) {
        reject(error);
      }
    });
  });
}
