/**
 * Which device each thread named, opened or asked about last, by open(2), stat(2), fstat(2), statx(2) and their like:
 * what is meant by the device number 0:0, which all files of a FUSE mount have.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface Asked {
  readonly path: string;
  /** Milliseconds. */
  readonly at: number;
}

/** Threads remembered; of more that ask at the same time the oldest is forgotten. */
const MOST = 4096;
/** /proc tells a thread's start in hundredths of a second (USER_HZ). */
const TICK_MS = 10;

export class LastAsked {
  private readonly byThread = new Map<number, Asked>();
  private readonly now: () => number;

  /** `now`: milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  note(tid: number, path: string): void {
    this.byThread.delete(tid);
    if (this.byThread.size >= MOST) this.byThread.delete(this.byThread.keys().next().value as number);
    this.byThread.set(tid, { path, at: this.now() });
  }

  /** What the thread asked about last; if nothing, what another of its process did. Undefined: none of them has. */
  by(tid: number): string | undefined {
    const own = this.current(tid);
    if (own !== undefined) return own.path;
    const others = threadsBeside(tid).flatMap((other) => this.current(other) ?? []);
    return others.sort((one, other) => other.at - one.at)[0]?.path;
  }

  /** Undefined, too, when the thread is younger than what is noted: the id was another's. */
  private current(tid: number): Asked | undefined {
    const asked = this.byThread.get(tid);
    if (asked === undefined) return undefined;
    const age = threadAge(tid);
    if (age !== undefined && this.now() - asked.at <= age + 2 * TICK_MS) return asked;
    this.byThread.delete(tid);
    return undefined;
  }
}

function threadsBeside(tid: number): number[] {
  try {
    return readdirSync(`/proc/${tid}/task`).map(Number);
  } catch {
    return []; // it is gone
  }
}

/** Milliseconds since the thread started, by /proc/TID/stat (proc_pid_stat(5)); undefined: it is gone. */
function threadAge(tid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${tid}/stat`, 'latin1');
    const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000 - started * TICK_MS;
  } catch {
    return undefined;
  }
}
