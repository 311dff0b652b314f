/** The emulated mlx5 firmware: a Mailbox made from a device profile. */
import type { Clock } from '../../abi/clock.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { HCA_STATE } from '../../abi/mlx5/hca-commands.ts';
import type { ExecuteCommand, PciBus } from '../../abi/pci/bus.ts';
import { cardProfile } from './card-address.ts';
import { MLX5_COMMANDS } from './commands.ts';
import type { Mlx5Device } from './device.ts';
import { createBlocks, type DeviceBlocks } from './device-blocks.ts';
import { type PortFacts, portFacts } from './function/port-facts.ts';
import { Hca, type Health } from './hca/hca.ts';
import { HcaCaps } from './hca-caps.ts';
import { Mlx5LiveValues } from './live-values.ts';
import type { Mailbox } from './mailbox.ts';
import type { ObjectStore } from './objects.ts';
import { type LateBus, Mlx5PciFunction } from './pci/function.ts';
import { lineOf, linkOf } from './port/link.ts';
import { RegisterStore } from './register-table.ts';
import { MLX5_REGISTERS } from './registers.ts';
import { type FirmwareState, restoreState, saveState } from './state.ts';
import { UctxTable } from './uctx.ts';
import { createWorld } from './world.ts';

export interface FirmwareOptions {
  readonly clock: Clock;
  /** Where the device is, as the two below are told it. */
  readonly place?: string;
  /** Which of the cards of its profile the one there is: each has an address of its own. Absent: 0, the profile's. */
  card?(place: string): number;
  /** The machine that a driver of the function's own runs on; absent: mlx5_core has brought it up, as over fwctl. */
  readonly bus?: PciBus;
  /** Told that the device is to start anew, in the middle of a command; absent: nobody can do that, and it goes on. */
  restart?(place: string): void;
}

export class Mlx5Firmware implements Mailbox {
  private readonly device: Mlx5Device;

  constructor(profile: Mlx5DeviceProfile, options: FirmwareOptions) {
    this.device = new PoweredDevice(profile, options);
  }

  /** User contexts that are open now. */
  get openUctxs(): number {
    return this.device.uctxs.size;
  }

  /** An operator's way to the values. */
  liveValues(): Mlx5LiveValues {
    return new Mlx5LiveValues(this.device);
  }

  /** What a driver's netdev would tell of the port. */
  portFacts(): PortFacts {
    return portFacts(this.device);
  }

  /** As a function of a machine, of which `bus` is the one that the firmware was made with. */
  pciFunction(bus: LateBus, execute: ExecuteCommand): Mlx5PciFunction {
    return new Mlx5PciFunction(this.device, bus, execute);
  }

  /** What the health buffer tells; an operator's to change. */
  get health(): Health {
    return this.device.hca.health;
  }

  /** What exists inside the device now. */
  get objects(): ObjectStore {
    return this.device.objects;
  }

  /** What survives a power-down (state.ts), as JSON data. */
  saveState(): FirmwareState {
    return saveState(this.device);
  }

  /** For a device fresh from power-up: what saveState gave. Throws FirmwareStateError; then nothing has changed. */
  restoreState(state: unknown): void {
    restoreState(this.device, state);
  }

  /** Answers at once, always. */
  exec(request: MessageBuffer, reply: MessageBuffer): undefined {
    MLX5_COMMANDS.exec(request, reply, this.device);
    return undefined;
  }
}

/** The state from power-up on, most of it made when first asked for: a machine may have thousands of devices. */
class PoweredDevice implements Mlx5Device {
  /** As given, until it is asked for: the card's own is made then, and `card` is gone. */
  private own: Mlx5DeviceProfile;
  private card: ((place: string) => number) | undefined;
  private now: Mlx5DeviceProfile | undefined;
  readonly clock: Clock;
  readonly startedNs: number;
  readonly caps: HcaCaps;
  readonly registerTable = MLX5_REGISTERS;
  private contexts: UctxTable | undefined;
  private world: ObjectStore | undefined;
  private images: RegisterStore | undefined;
  private made: DeviceBlocks | undefined;
  private readonly place: string;
  private readonly restart: ((place: string) => void) | undefined;
  private readonly bus: PciBus | undefined;
  private ownHca: Hca | undefined;

  constructor(profile: Mlx5DeviceProfile, { clock, card, place = '', restart, bus }: FirmwareOptions) {
    this.own = profile;
    this.card = card;
    this.clock = clock;
    this.startedNs = clock.monotonicNs();
    this.caps = new HcaCaps(profile);
    this.place = place;
    this.restart = restart;
    this.bus = bus;
  }

  get profile(): Mlx5DeviceProfile {
    return this.now ?? this.powerUp;
  }

  set profile(profile: Mlx5DeviceProfile) {
    this.now = profile;
  }

  /** The profile of power-up: what is made later is as of then. */
  private get powerUp(): Mlx5DeviceProfile {
    if (this.card !== undefined) {
      this.own = cardProfile(this.own, this.card(this.place));
      this.card = undefined;
    }
    return this.own;
  }

  get uctxs(): UctxTable {
    this.contexts ??= new UctxTable(this.caps.maxUctx);
    return this.contexts;
  }

  get objects(): ObjectStore {
    this.world ??= createWorld(this.powerUp, this.startedNs, this.bus === undefined);
    return this.world;
  }

  get registers(): RegisterStore {
    this.images ??= new RegisterStore();
    return this.images;
  }

  get hca(): Hca {
    this.ownHca ??= new Hca(this.bus);
    return this.ownHca;
  }

  /** Most devices are never asked for more of it. */
  get hcaState(): number {
    return this.bus === undefined ? (this.ownHca?.state ?? HCA_STATE.init) : this.hca.state;
  }

  tearDown(): void {
    const { hca } = this;
    for (const number of hca.queues.keys()) this.objects.remove('EQ', number);
    for (const index of hca.keys.indexes()) this.objects.remove('MKEY', index);
    hca.tearDown();
  }

  resetFunction(): void {
    this.hca.reset();
    this.world = undefined;
    this.contexts = undefined;
    this.caps.adopt(this.profile);
  }

  requestRestart(): void {
    this.restart?.(this.place);
  }

  uidExists(uid: number): boolean {
    return this.uctxs.has(uid);
  }

  private get blocks(): DeviceBlocks {
    this.made ??= createBlocks(this.powerUp, this.clock, this.startedNs, (port) => lineOf(linkOf(this, port)));
    return this.made;
  }

  get traffic(): DeviceBlocks['traffic'] {
    return this.blocks.traffic;
  }

  get time(): DeviceBlocks['time'] {
    return this.blocks.time;
  }

  get dumps(): DeviceBlocks['dumps'] {
    return this.blocks.dumps;
  }

  get diagnostics(): DeviceBlocks['diagnostics'] {
    return this.blocks.diagnostics;
  }

  get update(): DeviceBlocks['update'] {
    return this.blocks.update;
  }

  get nv(): DeviceBlocks['nv'] {
    return this.blocks.nv;
  }

  get links(): DeviceBlocks['links'] {
    return this.blocks.links;
  }

  get congestion(): DeviceBlocks['congestion'] {
    return this.blocks.congestion;
  }

  get eeproms(): DeviceBlocks['eeproms'] {
    return this.blocks.eeproms;
  }

  get beacons(): DeviceBlocks['beacons'] {
    return this.blocks.beacons;
  }

  get pcieCountersFromNs(): number {
    return this.blocks.pcieCountersFromNs;
  }

  set pcieCountersFromNs(ns: number) {
    this.blocks.pcieCountersFromNs = ns;
  }
}

/** A device fresh from power-up. */
export function createMlx5Firmware(profile: Mlx5DeviceProfile, options: FirmwareOptions): Mlx5Firmware {
  return new Mlx5Firmware(profile, options);
}
