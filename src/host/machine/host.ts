/**
 * The composition root: one emulated machine with its taint, its log and its fwctl devices. Plug beside unplug.
 * Transports and views listen for changes: a node appears after `plug`, and is gone before `unplug` waits for calls in flight.
 */
import type { Clock } from '../../abi/clock.ts';
import type { Held } from '../../abi/held.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import { FwctlClass, type FwctlNode } from '../../fwctl/class.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { CommandOps } from '../../iommufd/commands.ts';
import type { FileOps } from '../../kernel/file-ops.ts';
import { KERN_WARNING, Kmsg } from '../../kernel/kmsg.ts';
import type { LockdownLevel } from '../../kernel/lockdown.ts';
import { Minors } from '../../kernel/minors.ts';
import { Taint } from '../../kernel/taint.ts';
import { driverRow, type FwctlDriverRow, type MiscDriverRow, type Probed } from './drivers.ts';
import type { FaultPlan } from '../interceptors/faults/plan.ts';
import type { FirmwareModules } from './drivers/mlx5/firmware-module.ts';
import type { DeviceSpec, FunctionSpec, HostDevice, HostEvent, HostNode } from './host-device.ts';
import { FaultGate } from '../interceptors/faults/fault-gate.ts';
import { faultyCommands } from '../interceptors/faults/faults-commands.ts';
import { MemoryStateStore, type StateStore } from './state-store.ts';
import type { Stats } from '../interceptors/stats/stats.ts';

export interface HostOptions {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  /** Where devices' non-volatile state is kept, by PCI address; absent: in memory, as long as the host lives. */
  readonly states?: StateStore;
  /** Counts what passes; absent: nobody counts. */
  readonly stats?: Stats;
  /** Wraps the file operations of each device: the trace. Absent: they are used as they are. */
  readonly intercept?: (fileOps: FileOps, device: string, spec: DeviceSpec) => FileOps;
  /** Kernel lockdown; none unless told. */
  readonly lockdown?: LockdownLevel;
  /** Firmware in files that devices may name (loadFirmwareModules); absent: none. */
  readonly modules?: FirmwareModules;
  /** Faults, now and later. Absent: there never are any, and no call pays for them. */
  readonly faults?: FaultPlan;
  /** What stands behind a device, instead of what its driver's row makes; undefined: the row. */
  readonly probe?: (spec: FunctionSpec) => Probed | undefined;
  /** Wraps each device's driver, outside of its faults: the recorder. The host writes the device's name into it as soon as there is one. */
  readonly interceptOps?: (ops: FwctlOps<unknown>, spec: FunctionSpec) => FwctlOps<unknown> & { name: string };
  /** As `probe`, of a node of iommufd. */
  readonly probeCommands?: (node: string, spec: DeviceSpec) => CommandOps | undefined;
  /** As `interceptOps`, of a node of iommufd. */
  readonly interceptCommands?: (commands: CommandOps, node: string, spec: DeviceSpec) => CommandOps;
}

interface Plugged {
  readonly device: HostDevice;
  /** Undefined: it is not of fwctl. */
  readonly node: FwctlNode | undefined;
  readonly kept: Probed['kept'];
  /** Which of its driver's functions it is; names its auxiliary device. */
  readonly number: number;
}

export class Host {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  readonly taint = new Taint();
  readonly kmsg: Kmsg;
  readonly lockdown: LockdownLevel;
  /** Undefined: faults cannot be had on this machine. */
  readonly faults: FaultPlan | undefined;
  readonly states: StateStore;
  /** Into the kernel log, as a driver would. */
  readonly warn = (message: string) => this.kmsg.print(KERN_WARNING, `fwctl-emu: ${message}`);
  /** For a fault in the middle of a call: a second one finds it gone already. */
  private readonly unplugFaulty = (name: string) => {
    if (this.plugged.has(name)) this.unplug(name);
  };
  private readonly fwctl: FwctlClass;
  private readonly stats: Stats | undefined;
  private readonly intercept: HostOptions['intercept'];
  private readonly interceptOps: HostOptions['interceptOps'];
  private readonly probe: HostOptions['probe'];
  private readonly interceptCommands: HostOptions['interceptCommands'];
  private readonly probeCommands: HostOptions['probeCommands'];
  private readonly modules: FirmwareModules;
  private readonly plugged = new Map<string, Plugged>();
  /** Names of plugged devices by PCI address. */
  private readonly byPci = new Map<string, string>();
  /** Numbers of each driver's plugged functions. */
  private readonly functions = new Map<DeviceSpec['driver'], Minors>();
  private readonly listeners = new Set<(event: HostEvent) => void>();

  constructor(options: HostOptions) {
    this.abi = options.abi;
    this.clock = options.clock;
    this.kmsg = new Kmsg(options.clock);
    this.lockdown = options.lockdown ?? 'none';
    const { taint, kmsg, lockdown } = this;
    this.fwctl = new FwctlClass({ abi: options.abi, taint, kmsg, lockdown });
    this.states = options.states ?? new MemoryStateStore();
    this.stats = options.stats;
    this.intercept = options.intercept;
    this.faults = options.faults;
    this.interceptOps = options.interceptOps;
    this.probe = options.probe;
    this.interceptCommands = options.interceptCommands;
    this.probeCommands = options.probeCommands;
    this.modules = options.modules ?? new Map();
  }

  /**
   * A new device, with the lowest free number unless what stands behind it wants another. Throws an Error that says
   * what is wrong with it, or that no number is free.
   */
  plug(spec: DeviceSpec): HostDevice {
    const row = driverRow(spec.driver);
    const plugged = row.subsystem === 'fwctl' ? this.functionOf(row, spec) : this.builtIn(row, spec);
    const { device } = plugged;
    this.plugged.set(device.name, plugged);
    if (spec.pci !== undefined) this.byPci.set(spec.pci, device.name);
    try {
      this.tell({ kind: 'plug', device });
    } catch (error) {
      // Somebody could not show it: it is nowhere, then.
      this.take(plugged);
      throw error;
    }
    return device;
  }

  /** A PCI function with its fwctl device. */
  private functionOf(row: FwctlDriverRow, spec: DeviceSpec): Plugged {
    if (!isFunction(spec)) throw new Error(`driver ${row.name} wants a PCI address`);
    const holder = this.byPci.get(spec.pci);
    if (holder !== undefined) throw new Error(`${spec.pci} is taken by ${holder}`);
    const gate = this.faults && new FaultGate(this.faults, this.clock, this.unplugFaulty);
    const { abi, clock, states, warn } = this;
    const parts = {
      abi,
      clock,
      states,
      warn,
      modules: this.modules,
      ...(gate && { mailbox: gate.mailbox.bind(gate) }),
    };
    const { ops: own, live, kept, minor: wanted } = this.probe?.(spec) ?? row.probe(spec, parts);
    const faulty = gate === undefined ? own : gate.ops(own);
    const recorded = this.interceptOps?.(faulty, spec);
    const ops = recorded ?? faulty;
    const counting = this.stats?.device(ops);
    const node = this.fwctl.register(counting?.ops ?? ops, wanted);
    const { minor, name } = node.device;
    if (recorded !== undefined) recorded.name = name;
    if (gate !== undefined) gate.device = name;
    const files = gate === undefined ? node.fileOps : gate.fileOps(node.fileOps);
    const counted = counting === undefined ? files : counting.fileOps(name, files);
    const fileOps = this.intercept === undefined ? counted : this.intercept(counted, name, spec);
    const number = this.functionNumber(spec.driver);
    const { mode, uid, gid } = spec;
    const device: HostDevice = {
      name,
      nodes: [{ path: `fwctl/${name}`, name, class: 'fwctl', minor, keeper: node.device, mode, uid, gid, fileOps }],
      spec,
      pciDriver: row.pciDriver,
      auxiliary: row.auxiliary(number),
      fileOps,
      ...(live && { live }),
    };
    return { device, node, kept, number };
  }

  /** A device that the machine has once. */
  private builtIn(row: MiscDriverRow, spec: DeviceSpec): Plugged {
    const around = (commands: CommandOps, name: string) => this.aroundCommands(commands, name, spec);
    const nodes = row.nodes(spec, around).map((node): HostNode => {
      const { name, fileOps, ioctls = new Map() } = node;
      const counted = this.stats?.node(name, fileOps, ioctls) ?? fileOps;
      return { ...node, fileOps: this.intercept?.(counted, name, spec) ?? counted };
    });
    const [first] = nodes;
    if (first === undefined) throw new Error(`driver ${row.name} has no node`);
    const { name, fileOps } = first;
    if (this.plugged.has(name)) throw new Error(`there is ${name} already, and a machine has one`);
    const device = { name, nodes, spec, pciDriver: undefined, auxiliary: undefined, fileOps };
    return { device, node: undefined, kept: undefined, number: 0 };
  }

  /** What stands between a node's dispatch and its commands, as between fwctl and its drivers. */
  private aroundCommands(own: CommandOps, node: string, spec: DeviceSpec): CommandOps {
    const commands = this.probeCommands?.(node, spec) ?? own;
    const gate = this.faults && new FaultGate(this.faults, this.clock, () => {});
    if (gate !== undefined) gate.device = node;
    const faulty = gate === undefined ? commands : faultyCommands(commands, gate);
    return this.interceptCommands?.(faulty, node, spec) ?? faulty;
  }

  /**
   * Takes a device away, as a driver's unbind does: its node goes first, then every context. Undefined: done. Held: waits for
   * calls in flight. Throws an Error when there is no such device, or it is on no bus.
   */
  unplug(name: string): Held<undefined> | undefined {
    const plugged = this.plugged.get(name);
    if (plugged === undefined) throw new Error(`there is no device ${name}`);
    if (plugged.node === undefined) throw new Error(`${name} is on no bus: it goes with the machine`);
    return this.take(plugged);
  }

  private take({ device, node, kept, number }: Plugged): Held<undefined> | undefined {
    this.plugged.delete(device.name);
    this.functions.get(device.spec.driver)?.free(number);
    if (device.spec.pci !== undefined) this.byPci.delete(device.spec.pci);
    this.tell({ kind: 'unplug', device });
    const late = node && this.fwctl.unregister(node.device);
    kept?.save();
    return late;
  }

  /** The lowest number that no plugged device of the driver has: mlx5_adev_idx_alloc() of mlx5_core's dev.c. */
  private functionNumber(driver: DeviceSpec['driver']): number {
    let numbers = this.functions.get(driver);
    if (numbers === undefined) {
      numbers = new Minors(this.abi.maxDevices);
      this.functions.set(driver, numbers);
    }
    // asked once the device is registered, given back before its number is: never more functions than device numbers
    return numbers.allocate() as number;
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
}

/** Of a driver of PCI functions, it is one if it says where. */
function isFunction(spec: DeviceSpec): spec is FunctionSpec {
  return spec.pci !== undefined;
}
