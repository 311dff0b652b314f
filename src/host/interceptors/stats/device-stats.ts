/** What is counted of one device: its open files, its calls by command and outcome, their time. */
import type { Dialect } from '../../../fwctl/dialect.ts';

/** What is counted where no command is known: each is below every opcode. */
export const NO_OPCODE = { INFO: -1, RPC: -2, OTHER: -3 } as const;

/** Upper ends of the histogram's buckets, microseconds; one more bucket has all that is above. */
export const LATENCY_BUCKETS_US: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000,
];

export interface CallCount {
  /** Firmware opcode, or one of NO_OPCODE; of a node whose ioctls are its commands, the ioctl word, negative. */
  readonly command: number;
  /** 0: it was carried out; below: a negative errno; above: the firmware's status. */
  readonly outcome: number;
  readonly count: number;
}

interface Counter {
  count: number;
}

/** One device's row; it outlives the device, so that a scraper never sees a number go back. */
export class DeviceStats {
  readonly name: string;
  openFiles = 0;
  opened = 0;
  /** Calls and opens whose answer is held back now. */
  held = 0;
  /** What the firmware's commands and statuses mean; undefined: the commands are ioctls. */
  dialect: Dialect | undefined;
  /** Names of those commands that are ioctls, by ioctl word; undefined: they are the firmware's. */
  ioctls: ReadonlyMap<number, string> | undefined;
  /** Undefined: nobody has opened it yet, as most of thousands of devices. */
  counts: DeviceCounts | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Somebody opens it, and is counted. */
  use(): DeviceCounts {
    this.counts ??= new DeviceCounts();
    return this.counts;
  }

  clear(): void {
    this.opened = 0;
    this.counts?.clear();
  }
}

/** What is counted of a device that somebody opens. */
export class DeviceCounts {
  /** Opens that were refused, by errno. */
  readonly refusedOpens = new Map<number, number>();
  /** Calls by bucket of their time. */
  readonly latency: number[] = new Array<number>(LATENCY_BUCKETS_US.length + 1).fill(0);
  latencySumNs = 0;
  private readonly counters = new Map<number, Map<number, Counter>>();
  /** What was counted last, and most often comes again: the look-up would be dearer than the count. */
  private lastCommand = 0;
  private lastOutcome = 0;
  private last: Counter | undefined;

  count(command: number, outcome: number, ns: number): void {
    let counter = this.last;
    if (counter === undefined || command !== this.lastCommand || outcome !== this.lastOutcome) {
      counter = this.counter(command, outcome);
      this.lastCommand = command;
      this.lastOutcome = outcome;
      this.last = counter;
    }
    counter.count++;
    const us = ns / 1000;
    let bucket = 0;
    while (us > (LATENCY_BUCKETS_US[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.latency[bucket] = (this.latency[bucket] ?? 0) + 1;
    this.latencySumNs += ns;
  }

  calls(): CallCount[] {
    return [...this.counters].flatMap(([command, outcomes]) =>
      [...outcomes].map(([outcome, { count }]) => ({ command, outcome, count })),
    );
  }

  private counter(command: number, outcome: number): Counter {
    let outcomes = this.counters.get(command);
    if (outcomes === undefined) {
      outcomes = new Map();
      this.counters.set(command, outcomes);
    }
    let counter = outcomes.get(outcome);
    if (counter === undefined) {
      counter = { count: 0 };
      outcomes.set(outcome, counter);
    }
    return counter;
  }

  clear(): void {
    this.counters.clear();
    this.last = undefined;
    this.latency.fill(0);
    this.latencySumNs = 0;
    this.refusedOpens.clear();
  }
}
