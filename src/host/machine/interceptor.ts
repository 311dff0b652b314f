/**
 * What may stand around the devices of a machine: trace, counters, recorder, faults. The machine folds a list of them
 * around each device, the first one innermost, and knows none by name; none knows another, nor any driver.
 */
import type { Dialect, DoorGuard } from '../../fwctl/dialect.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { CommandOps } from '../../kernel/commands.ts';
import type { FileOps } from '../../kernel/file-ops.ts';
import type { DeviceSpec } from '../config/device-spec.ts';

/** Where in the machine it stands: one object a node, so that what an interceptor keeps of a device can hang on it. */
export interface Place {
  /** The class device's name: `fwctl0`, `iommu`. */
  readonly name: string;
  readonly spec: DeviceSpec;
  /** What the messages of its RPCs mean; undefined: it has none, its ioctls are commands themselves. */
  readonly dialect: Dialect | undefined;
  /** Names of such ioctls, by ioctl word; undefined: they are fwctl's. */
  readonly ioctls: ReadonlyMap<number, string> | undefined;
  /** Takes the device away, in the middle of its own calls too; nothing where it has gone, or can never go. */
  unplug(): void;
}

/** Each member wraps what it is given, asked once for each place that has such a thing; absent: it does not care. */
export interface Interceptor {
  /** The file operations of a node. */
  files?(inner: FileOps, place: Place): FileOps;
  /** A driver's operations, between the fwctl core and it. */
  ops?(inner: FwctlOps<unknown>, place: Place): FwctlOps<unknown>;
  /** The commands of a node whose ioctls are commands themselves. */
  commands?(inner: CommandOps, place: Place): CommandOps;
  /** Asked, before `ops`, by a driver with a door to its firmware, which its dialect wraps: what is to stand at it. */
  door?(place: Place): DoorGuard;
}
