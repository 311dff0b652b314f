/**
 * What has happened on a machine since it began, kept raw for whoever looks later: the inspector and the report of a
 * run. There is one only where somebody asked for it; nothing is decoded before it is looked at (past-events.ts).
 */
import type { Clock } from '../../../abi/clock.ts';
import { Held } from '../../../abi/held.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { FileOps, OpenFile } from '../../../kernel/file-ops.ts';
import type { KmsgRecord } from '../../../kernel/kmsg.ts';
import type { Interceptor, Place } from '../../machine/interceptor.ts';
import { CallRing, type PastCaller, type RingSize } from './call-ring.ts';
import { TracedCall } from './trace-call.ts';

/** About 64 MiB beside 8 MiB of columns, of which a machine spends what it has filled. An invented bound. */
export const HISTORY_SIZE: RingSize = { entries: 128 * 1024, bytes: 64 * 1024 * 1024 };

/** What is noted beside calls. */
export type HistoryNote =
  | { readonly kind: 'kmsg'; readonly level: number; readonly text: string }
  | { readonly kind: 'plug' | 'unplug'; readonly device: string }
  /** A fault struck at a call through that file; 0: at an open. */
  | {
      readonly kind: 'strike';
      readonly device: string;
      readonly file: number;
      readonly id: number;
      readonly text: string;
    };

/** A call that has not been answered yet. */
export interface PendingCall {
  readonly caller: PastCaller;
  readonly startNs: number;
  /** Undefined: an open. */
  readonly call: TracedCall | undefined;
}

/** The clock of those inside of the history: their readings of a call are its own too; one costs what a copy does. */
export class ReadClock implements Clock {
  readonly monotonicNs: () => number;
  readonly wallMs: Clock['wallMs'];
  readonly after: Clock['after'];
  /** The first reading since it was last made 0, and the last. */
  first = 0;
  last = 0;

  constructor({ monotonicNs, wallMs, after }: Clock) {
    this.monotonicNs = () => {
      const now = monotonicNs();
      if (this.first === 0) this.first = now;
      this.last = now;
      return now;
    };
    this.wallMs = wallMs;
    this.after = after;
  }
}

export class History implements Interceptor {
  readonly clock: ReadClock;
  readonly ring: CallRing;
  /** Answers that are held back now. */
  readonly pending = new Set<PendingCall>();
  /** One TracedCall for each frame of the transport, and the one that was used last. */
  private readonly calls = new WeakMap<Call, TracedCall>();
  private lastCall: Call | undefined;
  private lastSeen: TracedCall | undefined;
  /** Whose ioctl was begun last: a fault that strikes meanwhile strikes at that. */
  current: PastCaller | undefined;

  constructor(clock: ReadClock, size: RingSize = HISTORY_SIZE) {
    this.clock = clock;
    this.ring = new CallRing(size);
  }

  files(inner: FileOps, place: Place): FileOps {
    let files = 0;
    return { open: (caller, flags) => this.open(inner, place, ++files, caller, flags) };
  }

  /** For `Kmsg.listen`. */
  kmsg({ level, text, monotonicNs }: KmsgRecord): void {
    this.ring.note(monotonicNs, { kind: 'kmsg', level, text } satisfies HistoryNote);
  }

  note(note: HistoryNote): void {
    this.ring.note(this.clock.monotonicNs(), note);
  }

  /** A fault strikes, in the middle of the call. */
  strike(device: string, id: number, text: string): void {
    const file = this.current?.place.name === device ? this.current.file : 0;
    this.note({ kind: 'strike', device, file, id, text });
  }

  /** Watches what passes through it. */
  seen(call: Call): TracedCall {
    if (call === this.lastCall && this.lastSeen !== undefined) return this.lastSeen;
    const known = this.calls.get(call) ?? new TracedCall(call);
    this.calls.set(call, known);
    this.lastCall = call;
    this.lastSeen = known;
    return known;
  }

  private open(inner: FileOps, place: Place, file: number, who: Caller, flags: number): OpenFile | Held<OpenFile> {
    const caller = callerOf(place, file, who);
    this.current = undefined;
    const startNs = this.clock.monotonicNs();
    const done = (held: boolean, result: unknown) =>
      this.ring.open(caller, startNs, this.clock.monotonicNs(), flags, held, result);
    const opened = (held: boolean) => (bare: OpenFile) => {
      done(held, 0);
      return new PastFile(this, bare, caller, startNs);
    };
    let answer: OpenFile | Held<OpenFile>;
    try {
      answer = inner.open(who, flags);
    } catch (error) {
      done(false, error);
      throw error;
    }
    if (!(answer instanceof Held)) return opened(false)(answer);
    const pending: PendingCall = { caller, startNs, call: undefined };
    this.pending.add(pending);
    return later(this, pending, answer, opened(true), (error) => done(true, error));
  }
}

class PastFile implements OpenFile {
  private readonly history: History;
  private readonly inner: OpenFile;
  private readonly openedNs: number;
  /** Of the last call; before it, of the open. */
  private caller: PastCaller;
  private others: Map<number, PastCaller> | undefined;
  private ioctls = 0;

  constructor(history: History, inner: OpenFile, caller: PastCaller, openedNs: number) {
    this.history = history;
    this.inner = inner;
    this.caller = caller;
    this.openedNs = openedNs;
  }

  ioctl(call: Call): number | Held<number> {
    const { history } = this;
    const { ring, clock } = history;
    const who = call.caller;
    const caller = who.tid === this.caller.tid && who.uid === this.caller.uid ? this.caller : this.another(who);
    history.current = caller;
    clock.first = 0;
    const seen = history.seen(call);
    seen.begin();
    let answer: number | Held<number>;
    try {
      answer = this.inner.ioctl(seen);
    } catch (error) {
      this.failed(caller, clock.first || clock.monotonicNs(), seen, false, error);
      throw error;
    }
    const startNs = clock.first || clock.monotonicNs();
    if (!(answer instanceof Held)) {
      this.ioctls++;
      ring.ioctl(caller, startNs, clock.last, seen, false, answer);
      return answer;
    }
    const pending: PendingCall = { caller, startNs, call: seen };
    history.pending.add(pending);
    return later(
      history,
      pending,
      answer,
      (value) => {
        this.ioctls++;
        ring.ioctl(caller, startNs, clock.monotonicNs(), seen, true, value);
        return value;
      },
      (error) => this.failed(caller, startNs, seen, true, error),
    );
  }

  release(): void {
    this.inner.release();
    const { ring, clock } = this.history;
    ring.close(this.caller, this.openedNs, clock.monotonicNs(), this.ioctls);
  }

  private failed(caller: PastCaller, startNs: number, seen: TracedCall, held: boolean, error: unknown): void {
    if (seen.isRerun(error)) return;
    this.ioctls++;
    this.history.ring.ioctl(caller, startNs, this.history.clock.monotonicNs(), seen, held, error);
  }

  /** A thread that has not made the call before this one. Its name is asked once. */
  private another(who: Caller): PastCaller {
    this.others ??= new Map();
    let known = this.others.get(who.tid);
    if (known === undefined || known.uid !== who.uid) known = callerOf(this.caller.place, this.caller.file, who);
    this.others.set(this.caller.tid, this.caller);
    this.others.set(who.tid, known);
    this.caller = known;
    return known;
  }
}

function callerOf(place: Place, file: number, who: Caller): PastCaller {
  return { place, file, tid: who.tid, uid: who.uid, comm: commOf(who) };
}

function commOf(caller: Caller): string {
  try {
    return caller.comm();
  } catch {
    return '?'; // the thread may be on its way out
  }
}

/** Passes a held answer on, and says how it ended. */
function later<T, U>(
  { pending }: History,
  call: PendingCall,
  answer: Held<T>,
  passed: (value: T) => U,
  failed: (error: unknown) => void,
): Held<U> {
  const watched = new Held<U>();
  answer.onRelease(() =>
    watched.release(() => {
      pending.delete(call);
      let value: T;
      try {
        value = answer.get();
      } catch (error) {
        failed(error);
        throw error;
      }
      return passed(value);
    }),
  );
  return watched;
}
