/**
 * What the emulator counts of its own work: calls by command and outcome, their time, open files, answers held back. It stands at two
 * places of each device: at its file operations, where every call begins and ends, and at its driver's, where the command is known.
 */
import type { Clock } from '../../../abi/clock.ts';
import { FWCTL_INFO, FWCTL_RPC } from '../../../abi/fwctl.ts';
import { Held, whenReleased } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { FileOps, OpenFile } from '../../../kernel/file-ops.ts';
import { type DeviceCounts, DeviceStats, NO_OPCODE } from './device-stats.ts';

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

  /** One of them; undefined: none of that name has been plugged. */
  of(name: string): DeviceStats | undefined {
    return this.byName.get(name);
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
      ops: new CountedOps(ops, passing),
      fileOps: (name, fileOps) => new CountedFiles(fileOps, this.statsOf(name), passing, this.clock),
    };
  }

  /** For a node that is not of fwctl, and its ioctls' names by ioctl word. */
  node(name: string, fileOps: FileOps, ioctls: ReadonlyMap<number, string>): FileOps {
    this.kept.add(name);
    const stats = this.statsOf(name);
    stats.ioctls = ioctls;
    const passing: Passing = { command: NO_OPCODE.OTHER, status: 0 };
    return new CountedFiles(namedFileOps(fileOps, passing, ioctls), stats, passing, this.clock);
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
class CountedOps<Uctx> implements FwctlOps<Uctx> {
  readonly deviceType: number;
  /** Undefined where the driver has none. */
  readonly info: FwctlOps<Uctx>['info'];
  private readonly ops: FwctlOps<Uctx>;
  private readonly passing: Passing;

  constructor(ops: FwctlOps<Uctx>, passing: Passing) {
    this.deviceType = ops.deviceType;
    this.info = ops.info && this.countedInfo;
    this.ops = ops;
    this.passing = passing;
  }

  openUctx(caller: Caller): Uctx | Held<Uctx> {
    return this.ops.openUctx(caller);
  }

  closeUctx(uctx: Uctx): void {
    this.ops.closeUctx(uctx);
  }

  /** What is counted is the ioctl. */
  private countedInfo(uctx: Uctx, data: MessageBuffer): number {
    return this.ops.info?.(uctx, data) ?? 0;
  }

  fwRpc(uctx: Uctx, scope: number, request: MessageBuffer, reply: MessageBuffer): number | Held<number> {
    const { passing } = this;
    passing.command = request.length < 2 ? NO_OPCODE.RPC : request.view.getUint16(0);
    const answer = this.ops.fwRpc(uctx, scope, request, reply);
    if (answer instanceof Held) return answered(answer, reply, passing);
    passing.status = answer > 0 ? (reply.bytes[0] ?? 0) : 0;
    return answer;
  }
}

/** A function of its own, because a closure in `fwRpc` would cost every RPC an allocation. */
function answered(late: Held<number>, reply: MessageBuffer, passing: Passing): Held<number> {
  return late.map((length) => {
    passing.status = length > 0 ? (reply.bytes[0] ?? 0) : 0;
    return length;
  });
}

/** Says which ioctl it is, where CountedOps says which firmware command. */
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

class CountedFiles implements FileOps {
  private readonly fileOps: FileOps;
  private readonly stats: DeviceStats;
  private readonly passing: Passing;
  private readonly clock: Clock;

  constructor(fileOps: FileOps, stats: DeviceStats, passing: Passing, clock: Clock) {
    this.fileOps = fileOps;
    this.stats = stats;
    this.passing = passing;
    this.clock = clock;
  }

  open(caller: Caller, flags: number): OpenFile | Held<OpenFile> {
    try {
      const answer = this.fileOps.open(caller, flags);
      if (!(answer instanceof Held)) return this.opened(answer);
      return counted(
        answer,
        this.stats,
        (file) => this.opened(file),
        (error) => this.refused(error),
      );
    } catch (error) {
      this.refused(error);
      throw error;
    }
  }

  private opened(file: OpenFile): OpenFile {
    const { stats, passing, clock } = this;
    stats.opened++;
    stats.openFiles++;
    return new CountedFile(file, stats, stats.use(), passing, clock);
  }

  private refused(error: unknown): void {
    if (!(error instanceof Errno)) return;
    const { refusedOpens } = this.stats.use();
    refusedOpens.set(error.errno, (refusedOpens.get(error.errno) ?? 0) + 1);
  }
}

class CountedFile implements OpenFile {
  private readonly inner: OpenFile;
  private readonly stats: DeviceStats;
  private readonly counts: DeviceCounts;
  private readonly passing: Passing;
  private readonly clock: Clock;
  private released = false;

  constructor(inner: OpenFile, stats: DeviceStats, counts: DeviceCounts, passing: Passing, clock: Clock) {
    this.inner = inner;
    this.stats = stats;
    this.counts = counts;
    this.passing = passing;
    this.clock = clock;
  }

  ioctl(call: Call): number | Held<number> {
    const { passing, counts, clock } = this;
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
      counts.count(command, passing.status, clock.monotonicNs() - startNs);
      return answer;
    }
    passing.status = 0;
    return counted(
      answer,
      this.stats,
      (value) => {
        counts.count(command, passing.status, clock.monotonicNs() - startNs);
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
    if (error instanceof Errno) this.counts.count(command, -error.errno, this.clock.monotonicNs() - startNs);
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
