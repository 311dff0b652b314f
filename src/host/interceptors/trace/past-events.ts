/**
 * Entries of the history as events of the trace: what was kept is put back where a call has it, and decoded as the
 * trace decodes a call that has just ended. Of an entry that is gone there is nothing.
 */
import type { AbiProfile } from '../../../abi/profiles.ts';
import type { Messages } from '../../../fwctl/dialect.ts';
import { Call, FRAME } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { PastCaller, PastEntry, PastIoctl } from './call-ring.ts';
import type { History, HistoryNote, PendingCall } from './history.ts';
import { TracedCall } from './trace-call.ts';
import type { IoctlEvent, TraceEvent, TraceOutcome } from './trace-event.ts';
import type { TraceLanguages } from './trace-hub.ts';
import { outcomeOf } from './trace-outcome.ts';
import { Payloads, type TraceWants } from './trace-payload.ts';
import { WallTime } from './trace-time.ts';

/** What happened beside calls: devices that came and went, faults that struck. */
export type MachineEvent = Exclude<HistoryNote, { readonly kind: 'kmsg' }> & { readonly timeUs: number };
export type PastEvent = TraceEvent | MachineEvent;

/** An event of the trace, and not of the machine. */
export function isTraceEvent(event: PastEvent): event is TraceEvent {
  return event.kind !== 'plug' && event.kind !== 'unplug' && event.kind !== 'strike';
}

export class PastEvents {
  readonly history: History;
  readonly abi: AbiProfile;
  private readonly languages: TraceLanguages;
  private readonly wall: WallTime;
  private readonly wants: TraceWants = { detail: 'all', raw: true };
  private readonly payloads = new WeakMap<Place, Payloads>();
  private readonly call = new TracedCall(new CallOfOld());

  constructor(history: History, abi: AbiProfile, languages: TraceLanguages) {
    this.history = history;
    this.abi = abi;
    this.languages = languages;
    this.wall = new WallTime(history.clock);
  }

  /** Microseconds of the epoch at a moment of the machine's clock. */
  timeUs(atNs: number): number {
    return this.wall.usAt(atNs);
  }

  /** Undefined: it is not kept any more, or is still to come. With `all` the fields of its reply too. */
  event(number: number, detail: 'keys' | 'all'): PastEvent | undefined {
    const entry = this.history.ring.read(number);
    return entry && this.eventOf(entry, detail);
  }

  eventOf(entry: PastEntry, detail: 'keys' | 'all'): PastEvent {
    this.wants.detail = detail;
    const timeUs = this.wall.usAt(entry.startNs);
    if (entry.kind === 'note') return { timeUs, ...(entry.note as HistoryNote) };
    const base = this.baseOf(entry.caller, timeUs, (entry.endNs - entry.startNs) / 1000);
    const { held = false, result } = entry as { held?: boolean; result?: unknown };
    switch (entry.kind) {
      case 'open': {
        const outcome: TraceOutcome = result === 0 ? { kind: 'ok', value: 0 } : outcomeOf(result);
        return { kind: 'open', ...base, flags: entry.flags, held, outcome };
      }
      case 'close':
        return { kind: 'close', ...base, timeUs: this.wall.usAt(entry.endNs), uid: undefined, ioctls: entry.ioctls };
      case 'ioctl':
        return this.ioctlEvent(entry, base);
    }
  }

  /** Of the event's driver. */
  messagesOf(event: PastEvent): Messages | undefined {
    return 'driver' in event ? this.languages.messages.get(event.driver ?? '') : undefined;
  }

  /** A call that is being held back now, as far as it is known. */
  pendingEvent({ caller, startNs, call }: PendingCall): TraceEvent {
    this.wants.detail = 'keys';
    const us = (this.history.clock.monotonicNs() - startNs) / 1000;
    const base = { ...this.baseOf(caller, this.wall.usAt(startNs), us), held: true };
    const outcome: TraceOutcome = { kind: 'ok', value: 0 };
    if (call === undefined) return { kind: 'open', ...base, flags: 0, outcome };
    const part = this.payloadsOf(caller.place).part(call);
    return { kind: 'ioctl', ...base, cmd: call.cmd, part, outcome };
  }

  private ioctlEvent(entry: PastIoctl, base: ReturnType<PastEvents['baseOf']>): IoctlEvent {
    const payloads = this.payloadsOf(entry.caller.place);
    const { call } = this;
    putBack(entry, call);
    const part = payloads.part(call);
    const { result, held, cmd } = entry;
    const outcome: TraceOutcome =
      typeof result === 'number' ? { kind: 'ok', value: result } : outcomeOf(result, call, part, payloads);
    return { kind: 'ioctl', ...base, cmd, part, held, outcome };
  }

  private baseOf({ place, file, comm, tid, uid }: PastCaller, timeUs: number, durationUs: number) {
    const { driver } = this.payloadsOf(place);
    return { timeUs, device: place.name, driver, file, comm, tid, callerUid: uid, durationUs };
  }

  private payloadsOf(place: Place): Payloads {
    let payloads = this.payloads.get(place);
    if (payloads === undefined) {
      const { messages, ioctls } = this.languages;
      const known = place.dialect && messages.get(place.dialect.driver);
      payloads = new Payloads(this.abi, known, this.wants, ioctls.get(place.spec.driver)?.(place.spec));
      this.payloads.set(place, payloads);
    }
    return payloads;
  }
}

/** Nothing of a caller's memory is there any more. */
class CallOfOld extends Call {
  constructor() {
    super(new ArrayBuffer(FRAME.bytes));
  }

  get caller(): Caller {
    throw new Error('the caller has gone');
  }

  copyFromUser(): number {
    return 0;
  }

  copyToUser(): void {}

  clearUser(): void {}

  commit(): boolean {
    return false;
  }
}

function putBack(entry: PastIoctl, call: TracedCall): void {
  const { argument, asked, answered, request, reply, outLength } = entry;
  call.cmd = entry.cmd;
  call.compat = entry.compat;
  call.asked.set(asked);
  call.ucmdBytes = asked.length;
  call.inBytes = request.length;
  call.outSource = FRAME.out;
  call.outLength = outLength;
  call.committed = entry.committed;
  call.pointed = entry.pointed;
  call.bytes.set(argument, FRAME.arg);
  call.bytes.set(answered, FRAME.ucmd);
  call.bytes.set(request, FRAME.in);
  call.bytes.set(reply, FRAME.out);
}
