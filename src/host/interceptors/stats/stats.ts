/**
 * What the emulator counts: calls by command and outcome, their time, open files, held answers. It stands at the file
 * operations of nodes, where calls begin and end; an RPC's command is read from its frame when it is answered.
 */
import type { Clock } from '../../../abi/clock.ts';
import { FWCTL_INFO, FWCTL_RPC, fwctlRpc } from '../../../abi/fwctl.ts';
import { Held } from '../../../abi/held.ts';
import type { Dialect } from '../../../fwctl/dialect.ts';
import { type Call, FRAME } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { FileOps, OpenFile } from '../../../kernel/file-ops.ts';
import type { Interceptor, Place } from '../../machine/interceptor.ts';
import { type DeviceCounts, DeviceStats, NO_OPCODE } from './device-stats.ts';

/** Of the structure in the frame: the length that the driver answered. */
const OUT_LEN = FRAME.ucmd + fwctlRpc.outLen;

export class Stats implements Interceptor {
  private readonly clock: Clock;
  private readonly byName = new Map<string, DeviceStats>();
  /** Those of nodes that are never unplugged. */
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

  /** Nothing has ever been counted, for a machine that was just emptied. Devices with open files keep their row. */
  forget(): void {
    this.clear();
    for (const device of this.devices())
      if (device.openFiles === 0 && device.held === 0 && !this.kept.has(device.name)) this.byName.delete(device.name);
  }

  files(inner: FileOps, { name, dialect, ioctls }: Place): FileOps {
    const stats = this.byName.get(name) ?? new DeviceStats(name);
    this.byName.set(name, stats);
    stats.dialect = dialect;
    stats.ioctls = ioctls;
    if (ioctls !== undefined) this.kept.add(name);
    return new CountedFiles(inner, stats, this.clock);
  }
}

class CountedFiles implements FileOps {
  private readonly fileOps: FileOps;
  private readonly stats: DeviceStats;
  private readonly clock: Clock;

  constructor(fileOps: FileOps, stats: DeviceStats, clock: Clock) {
    this.fileOps = fileOps;
    this.stats = stats;
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
    const { stats, clock } = this;
    stats.opened++;
    stats.openFiles++;
    return new CountedFile(file, stats, clock);
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
  private readonly dialect: Dialect | undefined;
  private readonly clock: Clock;
  private released = false;

  constructor(inner: OpenFile, stats: DeviceStats, clock: Clock) {
    this.inner = inner;
    this.stats = stats;
    this.counts = stats.use();
    this.dialect = stats.dialect;
    this.clock = clock;
  }

  ioctl(call: Call): number | Held<number> {
    const startNs = this.clock.monotonicNs();
    // the core sets it when it has read a request
    call.in.length = 0;
    let answer: number | Held<number>;
    try {
      answer = this.inner.ioctl(call);
    } catch (error) {
      this.refused(error, this.commandOf(call), startNs);
      throw error;
    }
    const command = this.commandOf(call);
    if (answer instanceof Held) return this.later(answer, call, command, startNs);
    this.answered(call, command, startNs);
    return answer;
  }

  /** A function of its own, because closures in `ioctl` would cost every call an allocation. */
  private later(answer: Held<number>, call: Call, command: number, startNs: number): Held<number> {
    const done = (value: number): number => {
      this.answered(call, command, startNs);
      return value;
    };
    return counted(answer, this.stats, done, (error) => this.refused(error, command, startNs));
  }

  private answered(call: Call, command: number, startNs: number): void {
    // of what is no RPC, or was answered by the core, the firmware has said nothing
    const status = command < 0 ? 0 : this.dialect?.status(call.out, call.view.getUint32(OUT_LEN, true));
    this.counts.count(command, status ?? 0, this.clock.monotonicNs() - startNs);
  }

  /** A firmware's command is 0 or above; of a node whose ioctls are its commands, the ioctl word, negative. */
  private commandOf(call: Call): number {
    const { dialect } = this;
    if (dialect === undefined) return this.stats.ioctls?.has(call.cmd) ? -call.cmd : NO_OPCODE.OTHER;
    if (call.cmd !== FWCTL_RPC) return call.cmd === FWCTL_INFO ? NO_OPCODE.INFO : NO_OPCODE.OTHER;
    const command = dialect.command(call.in);
    return command < 0 ? NO_OPCODE.RPC : command;
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
