/**
 * The trace: FileOps that say what passes through them. One event for each open, ioctl and last close, handed to a
 * listener when the call is answered. Off is not wrapped, and costs nothing. On, it changes no answer: whatever goes
 * wrong in making an event is told in the event or dropped, never to the caller.
 */
import type { Clock } from '../../../abi/clock.ts';
import type { Held } from '../../../abi/held.ts';
import type { AbiProfile } from '../../../abi/profiles.ts';
import { type Result, watch } from '../../../abi/watch.ts';
import type { Detail, Messages } from '../../../fwctl/dialect.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { FileOps, OpenFile } from '../../../kernel/file-ops.ts';
import type { DescribedIoctl } from '../../../kernel/ioctl-members.ts';
import type { KmsgRecord } from '../../../kernel/kmsg.ts';
import { TracedCall } from './trace-call.ts';
import type { TraceEvent, TraceListener, TraceOutcome } from './trace-event.ts';
import { outcomeOf } from './trace-outcome.ts';
import { Payloads, type TraceWants } from './trace-payload.ts';
import { WallTime } from './trace-time.ts';

export interface TraceOptions {
  /** The node's name, `fwctl0`. */
  readonly device: string;
  /** The kernel that is emulated: a refusal says which one would have let the call pass. */
  readonly abi: AbiProfile;
  readonly clock: Clock;
  /** Shared by all that write into one trace, `traceKmsg` too: their times are then in order to the microsecond. */
  readonly wall?: WallTime;
  /** Gets each event; an exception of it is swallowed. */
  readonly sink: TraceListener;
  /** Names for the driver's payloads; absent: their first bytes in hex. */
  readonly messages?: Messages;
  /** The ioctls of a subsystem other than fwctl, by ioctl word. */
  readonly ioctls?: ReadonlyMap<number, DescribedIoctl>;
  /** Default `all`. */
  readonly detail?: Detail;
  /** Instead of `detail`: looked at for each event, and may change. */
  readonly wants?: TraceWants;
}

/** What all files of one device share. */
interface Tracing {
  readonly device: string;
  readonly driver: string | undefined;
  readonly clock: Clock;
  readonly wall: WallTime;
  readonly payloads: Payloads;
  /** One TracedCall for each frame of the transport. */
  readonly calls: WeakMap<Call, TracedCall>;
  /** Makes and hands over an event. */
  emit(make: () => TraceEvent): void;
}

/** Who called, taken at the start: a thread may be gone when a held answer comes. */
interface Origin {
  readonly startNs: number;
  readonly comm: string;
  readonly tid: number;
  readonly callerUid: number;
}

/** The tracing of one device's files, one by one. */
export class DeviceTrace {
  private readonly tracing: Tracing;

  constructor(options: TraceOptions) {
    const { device, clock, sink, abi, messages, detail = 'all' } = options;
    this.tracing = {
      device,
      driver: messages?.driver,
      clock,
      wall: options.wall ?? new WallTime(clock),
      payloads: new Payloads(abi, messages, options.wants ?? { detail, raw: false }, options.ioctls),
      calls: new WeakMap(),
      emit(make) {
        try {
          sink(make());
        } catch {
          // An event lost is better than a call lost.
        }
      },
    };
  }

  /** Opens a file and traces that. `number`: what the file is called in the trace. */
  open(fileOps: FileOps, caller: Caller, flags: number, number: number): OpenFile | Held<OpenFile> {
    const { tracing } = this;
    const origin = originOf(tracing, caller);
    const report = (held: boolean, outcome: TraceOutcome) =>
      tracing.emit(() => ({ kind: 'open', ...baseOf(tracing, number, origin), flags, held, outcome }));
    return watch(
      () => fileOps.open(caller, flags),
      (file) => new TracedFile(file, number, origin, tracing),
      (held, result) => report(held, 'error' in result ? outcomeOf(result.error) : { kind: 'ok', value: 0 }),
    );
  }

  /** A file that has been opened before, with nobody looking. */
  adopt(file: OpenFile, caller: Caller, number: number): OpenFile {
    return new TracedFile(file, number, originOf(this.tracing, caller), this.tracing);
  }
}

/** A listener for the emulated kernel's log (`Kmsg.listen`): its lines in the trace. */
export function traceKmsg(clock: Clock, sink: TraceListener, wall = new WallTime(clock)): (record: KmsgRecord) => void {
  return (record) => {
    try {
      sink({ kind: 'kmsg', timeUs: wall.usAt(record.monotonicNs), level: record.level, text: record.text });
    } catch {
      // As above.
    }
  };
}

class TracedFile implements OpenFile {
  private readonly inner: OpenFile;
  private readonly number: number;
  private readonly opener: Origin;
  private readonly tracing: Tracing;
  /** The context's uid, once an answer has shown it. */
  private uid: number | undefined;
  private ioctls = 0;

  constructor(inner: OpenFile, number: number, opener: Origin, tracing: Tracing) {
    this.inner = inner;
    this.number = number;
    this.opener = opener;
    this.tracing = tracing;
  }

  ioctl(call: Call): number | Held<number> {
    const { tracing } = this;
    const origin = originOf(tracing, call.caller);
    let traced = tracing.calls.get(call);
    if (traced === undefined) {
      traced = new TracedCall(call);
      tracing.calls.set(call, traced);
    }
    const watched = traced;
    watched.begin();
    return watch(
      () => this.inner.ioctl(watched),
      (value) => value,
      (held, result) => this.report(watched, origin, held, result),
    );
  }

  release(): void {
    this.inner.release();
    const { tracing, uid, ioctls } = this;
    tracing.emit(() => ({
      kind: 'close',
      ...baseOf(tracing, this.number, this.opener),
      timeUs: tracing.wall.now(),
      uid,
      ioctls,
    }));
  }

  private report(call: TracedCall, origin: Origin, held: boolean, result: Result<number>): void {
    const { tracing } = this;
    if ('error' in result && call.isRerun(result.error)) return;
    this.ioctls++;
    tracing.emit(() => {
      const base = baseOf(tracing, this.number, origin);
      const part = tracing.payloads.part(call);
      const outcome: TraceOutcome =
        'error' in result ? outcomeOf(result.error, call, part, tracing.payloads) : { kind: 'ok', value: result.value };
      this.uid = tracing.payloads.uidOf(part) ?? this.uid;
      return { kind: 'ioctl', ...base, cmd: call.cmd, part, held, outcome };
    });
  }
}

function originOf(tracing: Tracing, caller: Caller): Origin {
  const startNs = tracing.clock.monotonicNs();
  let comm = '?';
  try {
    comm = caller.comm();
  } catch {
    // The thread may be on its way out.
  }
  return { startNs, comm, tid: caller.tid, callerUid: caller.uid };
}

function baseOf(tracing: Tracing, file: number, origin: Origin) {
  const { device, driver, clock, wall } = tracing;
  const { comm, tid, callerUid, startNs } = origin;
  const durationUs = (clock.monotonicNs() - startNs) / 1000;
  return { timeUs: wall.usAt(startNs), device, driver, file, comm, tid, callerUid, durationUs };
}
