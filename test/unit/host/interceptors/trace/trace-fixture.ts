/**
 * What the trace's tests share: a clock that is set by hand, a Call over a plain ArrayBuffer, and a traced mlx5 device.
 */
import type { Clock } from '../../../../../src/abi/clock.ts';
import type { Held } from '../../../../../src/abi/held.ts';
import { ABI_PROFILES, type AbiName, type AbiProfile } from '../../../../../src/abi/profiles.ts';
import { mlx5Messages } from '../../../../../src/drivers/mlx5/dialect/messages.ts';
import { mlx5Fwctl } from '../../../../../src/drivers/mlx5/driver.ts';
import type { Mailbox } from '../../../../../src/firmware/mlx5/mailbox.ts';
import { FwctlClass } from '../../../../../src/fwctl/class.ts';
import type { Detail } from '../../../../../src/fwctl/dialect.ts';
import { DeviceTrace, type TraceOptions, traceKmsg } from '../../../../../src/host/interceptors/trace/device-trace.ts';
import type { TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { eventText, type TextStyle } from '../../../../../src/host/interceptors/trace/trace-text.ts';
import { Call, FRAME, type UserPointer } from '../../../../../src/kernel/call.ts';
import type { Caller } from '../../../../../src/kernel/caller.ts';
import type { FileOps } from '../../../../../src/kernel/file-ops.ts';
import { Kmsg } from '../../../../../src/kernel/kmsg.ts';
import { Taint } from '../../../../../src/kernel/taint.ts';
import { InprocessTransport, plainCaller } from '../../../../../src/transport/inprocess.ts';

/** A device all of whose files are traced, from the first call on. */
export function traceFileOps(fileOps: FileOps, options: TraceOptions): FileOps {
  const trace = new DeviceTrace(options);
  let files = 0;
  return { open: (caller, flags) => trace.open(fileOps, caller, flags, ++files) };
}

export class HandClock implements Clock {
  ns = 5_000_000;
  /** 2026-01-02T03:04:05.678Z. */
  wall = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

  monotonicNs(): number {
    return this.ns;
  }

  wallMs(): number {
    return this.wall;
  }

  after(): () => void {
    throw new Error('not used');
  }

  /** Lets time go by, ms. */
  pass(ms: number): void {
    this.ns += ms * 1e6;
    this.wall += ms;
  }
}

export const TOOL: Caller = plainCaller({ tid: 4711, uid: 1000, comm: () => 'mlx5ctl' });

/** A Call whose caller's memory is one array, of which addresses from 0 on are mapped. */
export class ArrayCall extends Call {
  readonly caller: Caller;
  readonly memory: Uint8Array;
  private readonly writes: (() => boolean)[] = [];

  constructor(memory: Uint8Array, caller: Caller = TOOL) {
    super(new ArrayBuffer(FRAME.bytes));
    this.memory = memory;
    this.caller = caller;
  }

  copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    const from = Number(this.view.getBigUint64(pointer, true)) + skip;
    const there = this.memory.subarray(from, from + length);
    this.bytes.set(there, target);
    return there.length;
  }

  copyToUser(pointer: UserPointer, skip: number, source: number, length: number): void {
    const to = Number(this.view.getBigUint64(pointer, true)) + skip;
    this.writes.push(() => {
      if (to + length > this.memory.length) return false;
      this.memory.set(this.bytes.subarray(source, source + length), to);
      return true;
    });
  }

  clearUser(): void {
    throw new Error('not used');
  }

  commit(): boolean {
    return this.writes.splice(0).every((write) => write());
  }
}

export function abiNamed(name: AbiName): AbiProfile {
  const abi = ABI_PROFILES.find((profile) => profile.name === name);
  if (abi === undefined) throw new Error(name);
  return abi;
}

/** Answers CREATE_UCTX with uids from 1 and everything else as the test says. */
export function scriptedMailbox(answer: Mailbox['exec']): Mailbox {
  let uids = 0;
  return {
    exec(request, reply): undefined | Held<undefined> {
      const opcode = request.view.getUint16(0);
      if (opcode === 0xa04) reply.view.setUint16(10, ++uids);
      else if (opcode !== 0xa06) return answer(request, reply);
      return undefined;
    },
  };
}

export interface TracedDevice {
  readonly clock: HandClock;
  readonly events: TraceEvent[];
  readonly transport: InprocessTransport;
  readonly fileOps: FileOps;
  /** All events so far as text, each without its time. */
  lines(style?: Partial<TextStyle>): string[];
}

/** The fwctl core and the mlx5 driver, over `answer`, traced. */
export function tracedMlx5(
  answer: Mailbox['exec'],
  abiName: AbiName = 'linux-7.3',
  detail: Detail = 'all',
): TracedDevice {
  const clock = new HandClock();
  const events: TraceEvent[] = [];
  const sink = (event: TraceEvent): void => {
    events.push(event);
  };
  const abi = abiNamed(abiName);
  const kmsg = new Kmsg(clock);
  kmsg.listen(traceKmsg(clock, sink));
  // The driver's probe is no test's business.
  let exec: Mailbox['exec'] = () => undefined;
  const ops = mlx5Fwctl(
    scriptedMailbox((request, reply) => exec(request, reply)),
    abi,
  );
  exec = answer;
  const fwctl = new FwctlClass({ abi, taint: new Taint(), kmsg });
  const { device, fileOps } = fwctl.register(fwctl.alloc(), ops);
  return {
    clock,
    events,
    transport: new InprocessTransport(),
    fileOps: traceFileOps(fileOps, { device: device.name, abi, clock, sink, messages: mlx5Messages, detail }),
    lines: (style) => events.map((event) => untimed(eventText(event, { fields: 'none', color: false, ...style }))),
  };
}

export function untimed(line: string): string {
  return line.replace(/^\d\d:\d\d:\d\d\.\d{6} /, '');
}

/** A command header, then `rest`. */
export function command(opcode: number, opMod: number, rest: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(Math.max(16, 8 + rest.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, opcode);
  view.setUint16(6, opMod);
  bytes.set(rest, 8);
  return bytes;
}

/** ACCESS_REG with `dataBytes` of register data. */
export function registerCommand(id: number, opMod: number, dataBytes: number): Uint8Array {
  const bytes = new Uint8Array(16 + dataBytes);
  bytes.set(command(0x805, opMod, [0, 0, id >> 8, id & 0xff]));
  return bytes;
}
