/**
 * What a driver is to the machine: a row, and the folders behind it. Everything that is asked of a driver by somebody
 * who does not know it by name is a member here, so that the compiler asks for what is missing.
 */
import type { Clock } from '../../abi/clock.ts';
import type { PciCard } from '../../abi/pci/bus.ts';
import type { AbiName, AbiProfile } from '../../abi/profiles.ts';
import type { Dialect, DoorGuard } from '../../fwctl/dialect.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { CommandOps } from '../../kernel/commands.ts';
import type { DescribedIoctl } from '../../kernel/ioctl-members.ts';
import type { KmsgDevice } from '../../kernel/kmsg.ts';
import type { DeviceSpec, FunctionSpec } from '../config/device-spec.ts';
import type { AnyDriverKeys, DriverKeys } from '../config/driver-key.ts';
import type { ProfileKind } from '../profiles/profile-kind.ts';
import type { HostNode, SysfsParent } from './host-device.ts';
import type { LiveValues } from './live-values.ts';
import type { StateStore } from './state-store.ts';

export interface DriverParts {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  /** Guards of the door to the device's firmware, innermost first: asked once by a driver that has one and wraps it. */
  guards(): readonly DoorGuard[];
  /** Where non-volatile state is kept. */
  readonly states: StateStore;
  /** What the row's `prepare` gave; undefined: there is no such member, or nobody asked. */
  readonly prepared: unknown;
  /** dev_warn_once(): into the kernel log, where it says `text` of any device the first time since the start. */
  warnOnce(text: string, device: KmsgDevice & { readonly name: string }): void;
  /**
   * Unplugs the device at that address and plugs the same again, once the call under way is answered; not if it has
   * gone by then.
   */
  restart(pci: string): void;
  /** The devices are for guests, whose own drivers bring them up: `Probed.card`. */
  readonly forGuest: boolean;
  /** Told what an operator should know: a state that could not be saved, a firmware module that failed. */
  warn(message: string): void;
}

/** What stands behind a device. */
export interface Probed {
  /** Undefined: there is no fwctl device, only what the row's `nodes` gives. */
  readonly ops: FwctlOps<unknown> | undefined;
  /** Undefined: the device has no values with names. */
  readonly live?: LiveValues;
  /** What a guest is given, where devices are for guests; undefined: it cannot be. */
  readonly card?: PciCard;
  /** The non-volatile state, to be saved at unplug; undefined: there is none. `save` does not throw. */
  readonly kept?: { save(): void };
}

/** A driver of PCI functions, each with one fwctl device. */
export interface FwctlDriverRow<Keys = unknown> {
  readonly subsystem: 'fwctl';
  readonly name: string;
  /** enum fwctl_device_type of its devices; undefined: each says its own. */
  readonly deviceType: number | undefined;
  /** The first of the emulated kernels that has the driver; undefined: it is of none, and every one may have it. */
  readonly since: AbiName | undefined;
  readonly keys: DriverKeys<Keys>;
  /** What is wrong with these values beside each other, by key; undefined: nothing. */
  check?(
    spec: Pick<DeviceSpec, 'profile' | 'file' | 'keys' | 'overrides'>,
  ): { readonly key: string; readonly message: string } | undefined;
  readonly profiles: ProfileKind;
  readonly dialect: Dialect;
  /**
   * The devices above its class device in sysfs, from the PCI function down. `number`: which of the driver's functions
   * it is, counted from 0 as the kernel does (ida). `probed`: what `probe` gave, or stands there instead; undefined:
   * nobody has probed it.
   */
  parents(spec: FunctionSpec, keys: Keys, number: number, probed?: Probed): readonly SysfsParent[];
  /** Nodes beside fwctl's, of its parents' own. Absent: there are none. */
  nodes?(number: number): readonly HostNode[];
  /** To be loaded before any of these, some of them its own, is plugged. Throws an Error that says what cannot be. */
  prepare?(specs: readonly DeviceSpec[]): Promise<unknown>;
  /** Throws an Error that says what is wrong with the specification. */
  probe(spec: FunctionSpec, keys: Keys, parts: DriverParts): Probed;
}

/** A driver that the machine has once, on no bus: its nodes are there from the start to the end. */
export interface MiscDriverRow<Keys = unknown> {
  readonly subsystem: 'misc';
  readonly name: string;
  readonly keys: DriverKeys<Keys>;
  readonly profiles: ProfileKind;
  /** The first node's permission bits unless told. */
  readonly mode: number;
  /** Names of its nodes' ioctls, by ioctl word. */
  ioctls(spec: DeviceSpec): ReadonlyMap<number, string>;
  /** `around`: what stands before a node's commands. Throws an Error that says what is wrong with the specification. */
  nodes(spec: DeviceSpec, around: (commands: CommandOps, node: string) => CommandOps): readonly HostNode[];
  /** How the events of its ioctls are written, by ioctl word; loaded when somebody traces. */
  describe(): Promise<(spec: DeviceSpec) => ReadonlyMap<number, DescribedIoctl>>;
}

export type DriverRow = FwctlDriverRow | MiscDriverRow;

/** A row among others: what its keys are, only it knows. */
export function fwctlDriver<Keys>(row: FwctlDriverRow<Keys>): FwctlDriverRow {
  return row as unknown as FwctlDriverRow;
}

export function miscDriver<Keys>(row: MiscDriverRow<Keys>): MiscDriverRow {
  return row as unknown as MiscDriverRow;
}

/** The values of the driver's own keys, each with its default. */
export function keysOf({ keys }: DriverRow, spec: DeviceSpec): unknown {
  const rows = Object.entries(keys as AnyDriverKeys);
  return { ...Object.fromEntries(rows.map(([key, { unlessTold }]) => [key, unlessTold])), ...spec.keys };
}

/** Throws an Error that names those that there are. */
export function driverRow(drivers: readonly DriverRow[], name: string): DriverRow {
  const row = drivers.find((driver) => driver.name === name);
  if (row === undefined) throw new Error(`driver ${name}: there is ${drivers.map((driver) => driver.name).join(', ')}`);
  return row;
}

/** Those of fwctl, whose dialects are asked by driver. */
export function fwctlRows(drivers: readonly DriverRow[]): FwctlDriverRow[] {
  return drivers.filter((row): row is FwctlDriverRow => row.subsystem === 'fwctl');
}
