/**
 * What the emulator counts of its own work: calls by command and outcome, their time, open files, answers held back. It stands at two
 * places of each device: at its file operations, where every call begins and ends, and at its driver's, where the command is known.
 */
import type { Clock } from '../abi/clock.ts';
import { FWCTL_INFO, FWCTL_RPC } from '../abi/fwctl.ts';
import { Held, whenReleased } from '../abi/held.ts';
import type { FwctlOps } from '../fwctl/ops.ts';
import type { Call } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import type { FileOps, OpenFile } from '../kernel/file-ops.ts';

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

/** One device's counters; it outlives the device, so that a scraper never sees a number go back. */
export class DeviceStats {
  readonly name: string;
  openFiles = 0;
  opened = 0;
  /** Names of those commands that are ioctls, by ioctl word. */
  ioctls: ReadonlyMap<number, string> = new Map();
  /** Opens that were refused, by errno. */
  readonly refusedOpens = new Map<number, number>();
  /** Calls and opens whose answer is held back now. */
  held = 0;
  /** Calls by bucket of their time. */
  readonly latency: number[] = new Array<number>(LATENCY_BUCKETS_US.length + 1).fill(0);
  latencySumNs = 0;
  private readonly counts = new Map<number, Map<number, Counter>>();
  /** What was counted last, and most often comes again: the look-up would be dearer than the count. */
  private lastCommand = 0;
  private lastOutcome = 0;
  private last: Counter | undefined;

  constructor(name: string) {
    this.name = name;
  }

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
    return [...this.counts].flatMap(([command, outcomes]) =>
      [...outcomes].map(([outcome, { count }]) => ({ command, outcome, count })),
    );
  }

  private counter(command: number, outcome: number): Counter {
    let outcomes = this.counts.get(command);
    if (outcomes === undefined) {
      outcomes = new Map();
      this.counts.set(command, outcomes);
    }
    let counter = outcomes.get(outcome);
    if (counter === undefined) {
      counter = { count: 0 };
      outcomes.set(outcome, counter);
    }
    return counter;
  }

  clear(): void {
    this.counts.clear();
    this.last = undefined;
    this.latency.fill(0);
    this.latencySumNs = 0;
    this.opened = 0;
    this.refusedOpens.clear();
  }
}

/** What the two places of one device tell each other about the call that is being made: the core is synchronous. */
interface Passing {
  command: number;
  status: number;
}

export class Stats {
  private readonly clock: Clock;
  private readonly byName = new Map<string, DeviceStats>();
  /** Those of devices that are never unplugged. */
  private readonly kept = new Set<string>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** All that have been plugged since the start; a name that was given twice is one row. */
  devices(): readonly DeviceStats[] {
    return [...this.byName.values()];
  }

  /** The counters start again from 0; open files and held answers are what they are. */
  clear(): void {
    for (const device of this.byName.values()) device.clear();
  }

  /** Nothing has ever been counted; for a machine that has just been emptied. Devices with open files keep their row. */
  forget(): void {
    this.clear();
    for (const device of this.devices())
      if (device.openFiles === 0 && device.held === 0 && !this.kept.has(device.name)) this.byName.delete(device.name);
  }

  /** For a device that is being plugged: its driver's operations counted, and, once it has a name, its file operations. */
  device<Uctx>(ops: FwctlOps<Uctx>): { ops: FwctlOps<Uctx>; fileOps(name: string, fileOps: FileOps): FileOps } {
    const passing: Passing = { command: NO_OPCODE.RPC, status: 0 };
    return {
      ops: countedOps(ops, passing),
      fileOps: (name, fileOps) => countedFileOps(fileOps, this.statsOf(name), passing, this.clock),
    };
  }

  /** For a node that is not of fwctl, and its ioctls' names by ioctl word. */
  node(name: string, fileOps: FileOps, ioctls: ReadonlyMap<number, string>): FileOps {
    this.kept.add(name);
    const stats = this.statsOf(name);
    stats.ioctls = ioctls;
    const passing: Passing = { command: NO_OPCODE.OTHER, status: 0 };
    return countedFileOps(namedFileOps(fileOps, passing, ioctls), stats, passing, this.clock);
  }

  private statsOf(name: string): DeviceStats {
    let stats = this.byName.get(name);
    if (stats === undefined) {
      stats = new DeviceStats(name);
      this.byName.set(name, stats);
    }
    return stats;
  }
}

/** mlx5 requests start with the opcode (16 bits, big-endian), replies with the status (8 bits); the raw driver's likewise. */
function countedOps<Uctx>(ops: FwctlOps<Uctx>, passing: Passing): FwctlOps<Uctx> {
  const info = ops.info?.bind(ops);
  return {
    deviceType: ops.deviceType,
    openUctx: (caller) => ops.openUctx(caller),
    closeUctx: (uctx) => ops.closeUctx(uctx),
    ...(info && { info }),
    fwRpc(uctx, scope, request, reply) {
      const command = request.length < 2 ? NO_OPCODE.RPC : request.view.getUint16(0);
      passing.command = command;
      const answer = ops.fwRpc(uctx, scope, request, reply);
      if (!(answer instanceof Held)) {
        passing.status = answer > 0 ? (reply.bytes[0] ?? 0) : 0;
        return answer;
      }
      return answer.map((length) => {
        passing.status = length > 0 ? (reply.bytes[0] ?? 0) : 0;
        return length;
      });
    },
  };
}

/** Says which ioctl it is, where countedOps says which firmware command. */
function namedFileOps(fileOps: FileOps, passing: Passing, ioctls: ReadonlyMap<number, string>): FileOps {
  const named = (file: OpenFile): OpenFile => ({
    ioctl(call) {
      if (ioctls.has(call.cmd)) passing.command = -call.cmd;
      return file.ioctl(call);
    },
    release: () => file.release(),
  });
  return { open: (caller, flags) => whenReleased(fileOps.open(caller, flags), named) };
}

function countedFileOps(fileOps: FileOps, stats: DeviceStats, passing: Passing, clock: Clock): FileOps {
  const opened = (file: OpenFile): OpenFile => {
    stats.opened++;
    stats.openFiles++;
    return new CountedFile(file, stats, passing, clock);
  };
  const refused = (error: unknown) => {
    if (error instanceof Errno) stats.refusedOpens.set(error.errno, (stats.refusedOpens.get(error.errno) ?? 0) + 1);
  };
  return {
    open(caller, flags) {
      try {
        const answer = fileOps.open(caller, flags);
        return answer instanceof Held ? counted(answer, stats, opened, refused) : opened(answer);
      } catch (error) {
        refused(error);
        throw error;
      }
    },
  };
}

class CountedFile implements OpenFile {
  private readonly inner: OpenFile;
  private readonly stats: DeviceStats;
  private readonly passing: Passing;
  private readonly clock: Clock;
  private released = false;

  constructor(inner: OpenFile, stats: DeviceStats, passing: Passing, clock: Clock) {
    this.inner = inner;
    this.stats = stats;
    this.passing = passing;
    this.clock = clock;
  }

  ioctl(call: Call): number | Held<number> {
    const { passing, stats, clock } = this;
    const startNs = clock.monotonicNs();
    passing.command =
      call.cmd === FWCTL_RPC ? NO_OPCODE.RPC : call.cmd === FWCTL_INFO ? NO_OPCODE.INFO : NO_OPCODE.OTHER;
    passing.status = 0;
    let answer: number | Held<number>;
    try {
      answer = this.inner.ioctl(call);
    } catch (error) {
      this.refused(error, passing.command, startNs);
      throw error;
    }
    const { command } = passing;
    if (!(answer instanceof Held)) {
      stats.count(command, passing.status, clock.monotonicNs() - startNs);
      return answer;
    }
    passing.status = 0;
    return counted(
      answer,
      stats,
      (value) => {
        stats.count(command, passing.status, clock.monotonicNs() - startNs);
        return value;
      },
      (error) => this.refused(error, command, startNs),
    );
  }

  release(): void {
    if (!this.released) this.stats.openFiles--;
    this.released = true;
    this.inner.release();
  }

  /** What is no errno is no outcome: CUSE's transport breaks a call off so to begin it again, and a bug is logged. */
  private refused(error: unknown, command: number, startNs: number): void {
    if (error instanceof Errno) this.stats.count(command, -error.errno, this.clock.monotonicNs() - startNs);
  }
}

/** A held answer, counted as one from now until it is let go. */
function counted<T>(
  late: Held<T>,
  stats: DeviceStats,
  done: (value: T) => T,
  refused: (error: unknown) => void,
): Held<T> {
  stats.held++;
  const watched = new Held<T>();
  late.onRelease(() => {
    stats.held--;
    watched.release(() => {
      let value: T;
      try {
        value = late.get();
      } catch (error) {
        refused(error);
        throw error;
      }
      return done(value);
    });
  });
  return watched;
}
