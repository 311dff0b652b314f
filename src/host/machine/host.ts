/**
 * The composition root: an emulated machine with its taint, log and fwctl devices. Plug beside unplug. Transports and
 * views listen for changes: a node appears after `plug`, and is gone before `unplug` waits for calls in flight.
 */
import type { Clock } from '../../abi/clock.ts';
import type { Held } from '../../abi/held.ts';
import { ABI_PROFILES, type AbiProfile } from '../../abi/profiles.ts';
import { FwctlClass, type FwctlNode } from '../../fwctl/class.ts';
import type { FwctlDevice } from '../../fwctl/device.ts';
import type { CommandOps } from '../../kernel/commands.ts';
import { KERN_WARNING, Kmsg } from '../../kernel/kmsg.ts';
import type { LockdownLevel } from '../../kernel/lockdown.ts';
import { Minors } from '../../kernel/minors.ts';
import { Taint } from '../../kernel/taint.ts';
import type { DeviceSpec, FunctionSpec } from '../config/device-spec.ts';
import {
  type DriverParts,
  type DriverRow,
  driverRow,
  type FwctlDriverRow,
  keysOf,
  type MiscDriverRow,
  type Probed,
} from './driver-row.ts';
import type { HostDevice, HostEvent, HostNode } from './host-device.ts';
import type { Interceptor, Place } from './interceptor.ts';
import { setLive } from './live-values.ts';
import { restartLater } from './restart-later.ts';
import { shownParents } from './shown-parents.ts';
import { MemoryStateStore, type StateStore } from './state-store.ts';

export interface HostOptions {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  /** Which devices there can be. */
  readonly drivers: readonly DriverRow[];
  /** What stands around each device, the first one innermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Where devices' non-volatile state is kept, by PCI address; absent: in memory, as long as the host lives. */
  readonly states?: StateStore;
  /** Kernel lockdown; none unless told. */
  readonly lockdown?: LockdownLevel;
  /** Told, beside the kernel log, what an operator should know: DriverParts.warn. */
  readonly warn?: (message: string) => void;
  /** By driver: what its row has prepared for the devices to come. */
  readonly prepared?: ReadonlyMap<string, unknown>;
  /** Devices are for guests, whose own drivers bring them up. */
  readonly forGuest?: boolean;
  /** What stands behind devices instead of what their drivers' rows make. */
  readonly instead?: StandIns;
}

/** Devices that are not the emulator's own: a recording answers, or a real device. */
export interface StandIns {
  /** `minor`: the number it is to have, where that is free; otherwise the next one. Undefined: the row's device. */
  probe(spec: FunctionSpec): (Probed & { readonly minor: number }) | undefined;
  /** The same of a node whose ioctls are commands. */
  commands(node: string): CommandOps | undefined;
}

const NO_IOCTLS: ReadonlyMap<number, string> = new Map();

/** A place whose number is given later than the place. */
type NumberedPlace = Place & { name: string };

/** A function that was probed, and has no numbers yet. */
interface Made {
  readonly row: FwctlDriverRow;
  readonly spec: FunctionSpec;
  readonly probed: Probed;
  readonly place: NumberedPlace;
  /** Its number is the first free one from this on. */
  readonly from: number | undefined;
}

/** What a device's numbers are at least; a device without such numbers has no use for them. */
interface Plugged {
  readonly device: HostDevice;
  /** Undefined: it is not of fwctl. */
  readonly node: FwctlNode | undefined;
  /** A function, and what stands behind it; undefined: it is none. */
  readonly made: Made | undefined;
  /** Which of its driver's functions it is; names its auxiliary device. */
  readonly number: number;
}

export class Host {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  readonly taint = new Taint();
  readonly kmsg: Kmsg;
  readonly lockdown: LockdownLevel;
  readonly states: StateStore;
  private readonly drivers: readonly DriverRow[];
  private readonly interceptors: readonly Interceptor[];
  private readonly prepared: ReadonlyMap<string, unknown>;
  private readonly instead: StandIns | undefined;
  /** What every driver's probe is given. */
  private readonly given: Pick<DriverParts, 'abi' | 'clock' | 'states' | 'forGuest'>;
  private readonly warnOperator: (message: string) => void;
  private readonly fwctl: FwctlClass;
  private readonly plugged = new Map<string, Plugged>();
  /** What drivers say once. */
  private readonly warned = new Set<string>();
  /** Names of plugged devices by PCI address. */
  private readonly byPci = new Map<string, string>();
  /** Numbers of each driver's plugged functions. */
  private readonly functions = new Map<string, Minors>();
  private readonly listeners = new Set<(event: HostEvent) => void>();

  constructor(options: HostOptions) {
    const { abi, clock, lockdown = 'none', interceptors = [], prepared = new Map(), forGuest = false } = options;
    this.abi = abi;
    this.clock = clock;
    this.kmsg = new Kmsg(clock);
    this.lockdown = lockdown;
    this.drivers = options.drivers;
    this.interceptors = interceptors;
    this.prepared = prepared;
    this.instead = options.instead;
    this.warnOperator = options.warn ?? (() => {});
    this.states = options.states ?? new MemoryStateStore();
    this.given = { abi, clock, states: this.states, forGuest };
    this.fwctl = new FwctlClass({ abi, taint: this.taint, kmsg: this.kmsg, lockdown });
  }

  /** A new device. Throws an Error that says what is wrong with it, or that no number is free. */
  plug(spec: DeviceSpec): HostDevice {
    const row = driverRow(this.drivers, spec.driver);
    if (row.subsystem !== 'fwctl') return this.show(this.builtIn(row, spec));
    if (!isFunction(spec)) throw new Error(`driver ${row.name} wants a PCI address`);
    this.refuseTaken(spec);
    return this.show(this.attached(this.made(row, spec)));
  }

  private show(plugged: Plugged): HostDevice {
    const { device } = plugged;
    this.plugged.set(device.name, plugged);
    if (device.spec.pci !== undefined) this.byPci.set(device.spec.pci, device.name);
    try {
      this.tell({ kind: 'plug', device });
    } catch (error) {
      // Somebody could not show it: it is nowhere, then.
      this.hide(plugged);
      this.end(plugged);
      throw error;
    }
    return device;
  }

  private refuseTaken({ pci }: FunctionSpec): void {
    const holder = this.byPci.get(pci);
    if (holder !== undefined) throw new Error(`${pci} is taken by ${holder}`);
  }

  /** All that can be wrong with a function itself is found here: it is on no list, and takes nothing, yet. */
  private made(row: FwctlDriverRow, spec: FunctionSpec): Made {
    this.refuseOlderKernel(row);
    const instead = this.instead?.probe(spec);
    const place = this.placeOf('', spec, row.dialect);
    const probed = instead ?? this.probe(row, spec, place);
    if (spec.live !== undefined && instead === undefined) setLive(probed.live, spec.live);
    return { row, spec, place, probed, from: instead?.minor };
  }

  /** It gets its numbers and nodes. */
  private attached(made: Made, from = made.from): Plugged {
    const { row, spec, probed, place } = made;
    const allocated = this.fwctl.alloc(from);
    place.name = allocated.name;
    let number: number | undefined;
    try {
      number = this.functionNumber(spec.driver);
      const all = row.parents(spec, keysOf(row, spec), number, probed);
      const parents = spec.surroundings === undefined ? all : shownParents(all, spec.surroundings);
      const others = this.otherNodes(row.nodes?.(number) ?? [], spec);
      const node = this.registered(allocated, probed, place);
      const nodes = node === undefined ? others : [this.fwctlNode(node, spec, place), ...others];
      const [first] = nodes;
      if (first === undefined) throw new Error(`driver ${row.name} has made no node of ${spec.profile}`);
      if (node === undefined) allocated.put();
      const { name, fileOps, live, card } = { ...first, ...probed };
      const device = { name, nodes, spec, parents, fileOps, ...(live && { live }), ...(card && { card }) };
      return { device, node, made, number };
    } catch (error) {
      if (number !== undefined) this.functions.get(spec.driver)?.free(number);
      allocated.put();
      throw error;
    }
  }

  private fwctlNode({ device, fileOps: own }: FwctlNode, spec: DeviceSpec, place: Place): HostNode {
    const { minor, name } = device;
    const fileOps = this.wrapped(own, (one, inner) => one.files?.(inner, place));
    const { mode, uid, gid } = spec;
    return { path: `fwctl/${name}`, name, class: 'fwctl', minor, keeper: device, mode, uid, gid, fileOps };
  }

  /** Nodes of which no ioctl is known. */
  private otherNodes(nodes: readonly HostNode[], spec: DeviceSpec): HostNode[] {
    return nodes.map((node) => {
      const place = this.placeOf(node.name, spec, undefined, NO_IOCTLS);
      return { ...node, fileOps: this.wrapped(node.fileOps, (one, inner) => one.files?.(inner, place)) };
    });
  }

  private probe(row: FwctlDriverRow, spec: FunctionSpec, place: Place): Probed {
    const { given, interceptors } = this;
    const parts: DriverParts = {
      ...given,
      prepared: this.prepared.get(row.name),
      guards: () => interceptors.flatMap((one) => one.door?.(place) ?? []),
      warn: this.warn,
      restart: this.restart,
      warnOnce: (text, { name, ...of }) => {
        if (this.warned.has(text)) return;
        this.warned.add(text);
        this.kmsg.print(KERN_WARNING, `${name}: ${text}`, of);
      },
    };
    return row.probe(spec, keysOf(row, spec), parts);
  }

  /** Undefined: it is no fwctl device. */
  private registered(device: FwctlDevice, { ops: own }: Probed, place: Place): FwctlNode | undefined {
    if (own === undefined) return undefined;
    return this.fwctl.register(
      device,
      this.wrapped(own, (one, inner) => one.ops?.(inner, place)),
    );
  }

  /** A device that the machine has once. */
  private builtIn(row: MiscDriverRow, spec: DeviceSpec): Plugged {
    const places = new Map<string, Place>();
    const ioctls = row.ioctls(spec);
    const placeOf = (name: string): Place => {
      const place = places.get(name) ?? this.placeOf(name, spec, undefined, ioctls);
      places.set(name, place);
      return place;
    };
    const around = (own: CommandOps, name: string): CommandOps => {
      const place = placeOf(name);
      const commands = this.instead?.commands(name) ?? own;
      return this.wrapped(commands, (one, inner) => one.commands?.(inner, place));
    };
    const nodes = row.nodes(spec, around).map((node): HostNode => {
      const place = placeOf(node.name);
      return { ...node, fileOps: this.wrapped(node.fileOps, (one, inner) => one.files?.(inner, place)) };
    });
    const [first] = nodes;
    if (first === undefined) throw new Error(`driver ${row.name} has no node`);
    const { name, fileOps } = first;
    if (this.plugged.has(name)) throw new Error(`there is ${name} already, and a machine has one`);
    return { device: { name, nodes, spec, parents: [], fileOps }, node: undefined, made: undefined, number: 0 };
  }

  /** What all interceptors make of it, each of what the one before has made. */
  private wrapped<T>(own: T, wrap: (one: Interceptor, inner: T) => T | undefined): T {
    return this.interceptors.reduce((inner, one) => wrap(one, inner) ?? inner, own);
  }

  private placeOf(name: string, spec: DeviceSpec, dialect: Place['dialect'], ioctls?: Place['ioctls']): NumberedPlace {
    const place: NumberedPlace = {
      name,
      spec,
      dialect,
      ioctls,
      unplug: () => {
        // a second call in the middle of a call finds it gone already
        if (this.plugged.get(place.name)?.device.spec.pci !== undefined) this.unplug(place.name);
      },
    };
    return place;
  }

  private refuseOlderKernel({ name, since }: FwctlDriverRow): void {
    if (since === undefined) return;
    const index = (abi: string) => ABI_PROFILES.findIndex((profile) => profile.name === abi);
    if (index(this.abi.name) >= index(since)) return;
    throw new Error(`${this.abi.title} has no driver ${name}: the first that has is ${since}; run with --abi ${since}`);
  }

  /**
   * Takes a device away, as a driver's unbind does: its node goes first, then every context. Undefined: done. Held:
   * waits for calls in flight. Throws an Error when there is no such device, or it is on no bus.
   */
  unplug(name: string): Held<undefined> | undefined {
    const { plugged } = this.removable(name);
    this.hide(plugged);
    return this.end(plugged);
  }

  /**
   * Unplugs a device and plugs the same again, fresh from power-up; `as`: with its files as they are now. Throws as
   * `plug` and `unplug` do: the old one is there then as before, with its open files. `late`: as `unplug` gives it, of
   * the old one.
   */
  replug(name: string, as?: FunctionSpec): { readonly device: HostDevice; readonly late: Held<undefined> | undefined } {
    const { plugged: old, made: before } = this.removable(name);
    const { row, probed } = before;
    // What it keeps is read again before it goes.
    probed.kept?.save();
    const { spec } = before;
    const made = this.made(row, as ?? spec);
    // Its number is the new one's, unless an open file keeps it.
    const inUse = old.node?.device.inUse === true;
    this.hide(old);
    if (!inUse) this.end(old);
    let device: HostDevice;
    try {
      device = this.show(this.attached(made));
    } catch (error) {
      if (inUse) this.functions.get(spec.driver)?.allocate(old.number);
      this.show(inUse ? old : this.attached(before, old.node?.device.minor));
      throw error;
    }
    return { device, late: inUse ? this.end(old) : undefined };
  }

  /** Instead of all functions these; `gone`: between. Throws as `plug` does, for one of them before any has gone. */
  exchange(specs: readonly FunctionSpec[], gone: () => void): HostDevice[] {
    const old = [...this.plugged.values()].filter(({ made }) => made !== undefined);
    for (const { made } of old) made?.probed.kept?.save();
    const made = specs.map((spec) => {
      const row = driverRow(this.drivers, spec.driver);
      if (row.subsystem !== 'fwctl') throw new Error(`driver ${row.name} is on no bus`);
      return this.made(row, spec);
    });
    for (const { device } of old) this.unplug(device.name);
    gone();
    return made.map((one) => this.show(this.attached(one)));
  }

  private removable(name: string): { readonly plugged: Plugged; readonly made: Made } {
    const plugged = this.plugged.get(name);
    if (plugged === undefined) throw new Error(`there is no device ${name}`);
    const { made } = plugged;
    if (made === undefined) throw new Error(`${name} is on no bus: it goes with the machine`);
    return { plugged, made };
  }

  /** Its nodes go; address and function number are free. */
  private hide({ device, number }: Plugged): void {
    this.plugged.delete(device.name);
    this.functions.get(device.spec.driver)?.free(number);
    if (device.spec.pci !== undefined) this.byPci.delete(device.spec.pci);
    this.tell({ kind: 'unplug', device });
  }

  /** Then every context does, and what it keeps is saved. */
  private end({ node, made }: Plugged): Held<undefined> | undefined {
    const late = node && this.fwctl.unregister(node.device);
    made?.probed.kept?.save();
    return late;
  }

  /** The lowest number that no device of the driver has: mlx5_adev_idx_alloc() of mlx5_core's dev.c, and its like. */
  private functionNumber(driver: string): number {
    const numbers = this.functions.get(driver) ?? new Minors(this.abi.maxDevices);
    this.functions.set(driver, numbers);
    const number = numbers.allocate();
    if (number === undefined) throw new Error(`driver ${driver} has more functions than there are device numbers`);
    return number;
  }

  /** The machine is over: what could not be saved gets its last chance, and others may have the states. */
  close(): void {
    if (this.states.durable) for (const { made } of this.plugged.values()) made?.probed.kept?.save();
    this.states.close();
  }

  /** Plugged devices, in the order of plugging. */
  devices(): readonly HostDevice[] {
    return [...this.plugged.values()].map(({ device }) => device);
  }

  /** Calls back at each plug and unplug; the returned function ends that. */
  onChange(listener: (event: HostEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(event: HostEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private readonly restart = (pci: string) => restartLater(this, pci, this.warn);

  /** Into the kernel log, as a driver would. */
  private readonly warn = (message: string) => {
    this.kmsg.print(KERN_WARNING, `fwctl-emu: ${message}`);
    this.warnOperator(message);
  };
}

/** Of a driver of PCI functions, it is one if it says where. */
export function isFunction(spec: DeviceSpec): spec is FunctionSpec {
  return spec.pci !== undefined;
}
