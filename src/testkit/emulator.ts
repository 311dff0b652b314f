/** `fwctl-emu/testkit`: emulated devices inside a JavaScript test, in any runner, without a node, mount or right. */
import { errnoName } from '../abi/errno.ts';
import { formatPciAddress, nextPciAddress, parsePciAddress } from '../abi/pci/address.ts';
import { abiProfile, DEFAULT_ABI } from '../abi/profiles.ts';
import { type Assembled, assemble } from '../emulator/assembly.ts';
import { unknownAbi } from '../host/config/abi-name.ts';
import { DEFAULT_DEVICE } from '../host/config/defaults.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import { readFault } from '../host/interceptors/faults/parse.ts';
import type { FaultStatus } from '../host/interceptors/faults/plan.ts';
import type { RecordedExchange } from '../host/interceptors/recording/format.ts';
import { recordTaps } from '../host/interceptors/recording/record-tap.ts';
import { recording } from '../host/interceptors/recording/running-recording.ts';
import { driverRow } from '../host/machine/driver-row.ts';
import { DRIVERS } from '../host/machine/drivers.ts';
import type { Caller } from '../kernel/caller.ts';
import { Errno } from '../kernel/errno.ts';
import { type DeviceInfo, type InprocessFile, InprocessTransport, plainCaller } from '../transport/inprocess.ts';
import { CallLog, type TestCall, testCall } from './calls.ts';
import { checkKeys, keysOf } from './known-keys.ts';
import { MESSAGES } from './messages.ts';

/** What may be said of a device; the rest is the default's: a ConnectX-6 Dx at the first free address. */
export type TestDevice = Partial<DeviceSpec>;

export interface EmulatorOptions {
  /** The kernel: `v2`, `linux-6.15`, `linux-7.3` (default). */
  readonly abi?: string;
  /** Default: one ConnectX-6 Dx. */
  readonly devices?: readonly TestDevice[];
  /** As --fault takes them; see docs/faults.md. */
  readonly faults?: readonly string[];
}

const OPTION_KEYS = keysOf<Required<EmulatorOptions>>({ abi: true, devices: true, faults: true });
const DEVICE_KEYS = keysOf<Required<TestDevice>>({
  driver: true,
  profile: true,
  file: true,
  pci: true,
  mode: true,
  uid: true,
  gid: true,
  surroundings: true,
  overrides: true,
  live: true,
  own: true,
  keys: true,
});

/** A fault in force. */
export interface TestFault {
  readonly id: number;
  /** How often it matched and struck so far. */
  readonly status: FaultStatus;
  /** Lets go what it holds back (`hang`). */
  release(): void;
  remove(): void;
}

/** Memory of the calling program, as it were. */
export interface TestMemory {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const ARGUMENT_BYTES = 4096;

/** An open device. All methods reject, or throw, an error whose `name` is the errno's (`EIO`). */
export class TestFile {
  private readonly file: InprocessFile;
  private readonly transport: InprocessTransport;
  /** Places of structures that no ioctl uses now. */
  private readonly idle: TestMemory[] = [];

  constructor(file: InprocessFile, transport: InprocessTransport) {
    this.file = file;
    this.transport = transport;
  }

  /** FWCTL_RPC: the reply, at most `outLength` bytes. A firmware status is in it, not thrown. */
  rpc(scope: number, request: Uint8Array, outLength: number): Promise<Uint8Array> {
    return this.file.rpcLate(scope, request, outLength);
  }

  /** An ioctl of this module's `iommufd`, by its word; the return value. `structure`: argument, becomes the answer. */
  async ioctl(number: number, structure: Uint8Array): Promise<number> {
    if (structure.length > ARGUMENT_BYTES) throw new RangeError(`a structure has at most ${ARGUMENT_BYTES} bytes`);
    const place = this.idle.pop() ?? this.memory(ARGUMENT_BYTES);
    place.bytes.set(structure);
    const result = await this.file.ioctlLate(number, place.address);
    structure.set(place.bytes.subarray(0, structure.length));
    this.idle.push(place);
    const name = result < 0 ? (errnoName(-result) as Errno['name']) : undefined;
    if (name !== undefined) throw new Errno(name, `ioctl 0x${number.toString(16)} was refused`);
    return result;
  }

  /** Memory that a structure can point to; it lasts as long as the emulator. */
  memory(length: number): TestMemory {
    const { memory } = this.transport;
    const address = memory.allocate(length);
    return { address, bytes: memory.view(address, length) };
  }

  /** FWCTL_INFO. Throws an Error when a fault holds the answer back. */
  info(): DeviceInfo {
    return this.file.info();
  }

  close(): void {
    this.file.close();
  }
}

export class Emulator {
  /** Every call that reached a driver. */
  readonly calls: CallLog;
  private readonly host: Assembled['host'];
  private readonly plan: Assembled['faults'];
  private readonly transport = new InprocessTransport();
  private readonly files = new Set<TestFile>();

  /** Throws an Error that says what is wrong with the options. */
  constructor(options: EmulatorOptions = {}) {
    checkKeys('startEmulator', options, OPTION_KEYS);
    const { abi: name = DEFAULT_ABI, devices = [{}], faults = [] } = options;
    const abi = abiProfile(name);
    if (abi === undefined) throw new Error(unknownAbi(name));
    const calls: TestCall[] = [];
    this.calls = new CallLog(calls);
    const { running } = recording(lineTaker(calls), MESSAGES);
    const { host, faults: plan } = assemble({ abi, drivers: DRIVERS, around: [recordTaps({ running })] });
    this.host = host;
    this.plan = plan;
    for (const device of devices) this.plug(device);
    for (const fault of faults) this.fault(fault);
  }

  /** Names of the plugged devices, `fwctl0` first. */
  get devices(): readonly string[] {
    return this.host.devices().map((device) => device.name);
  }

  /** The emulated kernel's taint mask. */
  get taint(): number {
    return Number(this.host.taint.value);
  }

  /** A new device; its name. `{ driver: 'iommufd' }` is /dev/iommu and /dev/vfio/vfio, `iommu` and `vfio` to `open`. */
  plug(device: TestDevice = {}): string {
    checkKeys('a device', device, DEVICE_KEYS);
    const { pci: _, ...unplaced } = DEFAULT_DEVICE;
    const row = driverRow(DRIVERS, device.driver ?? DEFAULT_DEVICE.driver);
    const profile = row.profiles.builtIn[0]?.name ?? row.name;
    const where = row.subsystem === 'misc' ? { mode: row.mode } : { pci: this.freeAddress() };
    return this.host.plug({ ...unplaced, profile, ...where, ...device }).name;
  }

  /** Open files stay, and answer ENODEV. */
  unplug(name = 'fwctl0'): void {
    this.host.unplug(name);
  }

  /** Unplugs it and plugs the same again; the new one's name. Where that throws, the old one is there as before. */
  replug(name = 'fwctl0'): string {
    return this.host.replug(name).device.name;
  }

  /** Adds a fault. Throws an Error that says what is wrong with its text. */
  fault(text: string): TestFault {
    const { plan } = this;
    const id = plan.add(readFault(text, MESSAGES));
    const last = (): FaultStatus => plan.list().find((fault) => fault.id === id) ?? gone;
    let gone: FaultStatus = { id, text, calls: 0, strikes: 0, held: 0 };
    return {
      id,
      get status() {
        return last();
      },
      release: () => void plan.release(id),
      remove() {
        gone = { ...last(), held: 0 };
        plan.remove(id);
      },
    };
  }

  /** open(2) of a device. `caller`: who; root with all capabilities unless told. Rejects with the errno. */
  async open(name = 'fwctl0', caller: Partial<Caller> = {}): Promise<TestFile> {
    const nodes = this.host.devices().flatMap((device) => device.nodes);
    const node = nodes.find((candidate) => candidate.name === name);
    const names = nodes.map((one) => one.name);
    if (node === undefined) throw new Error(`there is no device ${name} (there are ${names.join(', ') || 'none'})`);
    const opened = await this.transport.openDeviceLate(node.fileOps, { caller: plainCaller(caller) });
    const file = new TestFile(opened, this.transport);
    this.files.add(file);
    return file;
  }

  /** Closes what is open, lets go what faults hold, and takes the devices away. */
  stop(): void {
    for (const { id } of this.plan.list()) this.plan.remove(id);
    for (const file of this.files) file.close();
    this.files.clear();
    for (const { name, spec } of this.host.devices()) if (spec.pci !== undefined) this.host.unplug(name);
  }

  /** For `await using` and `using` of TypeScript. */
  [Symbol.dispose](): void {
    this.stop();
  }

  private freeAddress(): string {
    const taken = new Set<string | undefined>(this.host.devices().map(({ spec }) => spec.pci));
    for (let at = parsePciAddress(DEFAULT_DEVICE.pci); at !== undefined; at = nextPciAddress(at)) {
      const address = formatPciAddress(at);
      if (!taken.has(address)) return address;
    }
    throw new Error('no PCI address is free');
  }
}

/** Devices that are there at once. */
export function startEmulator(options: EmulatorOptions = {}): Emulator {
  return new Emulator(options);
}

/** Takes the lines of a recording, and keeps its calls. */
function lineTaker(calls: TestCall[]): (line: string) => void {
  const drivers = new Map<string, string>();
  return (line) => {
    const row = JSON.parse(line) as object;
    if ('fwctl_emu_recording' in row) return;
    if ('device' in row && 'driver' in row) drivers.set(String(row.device), String(row.driver));
    else calls.push(testCall(row as RecordedExchange, (device) => MESSAGES.get(drivers.get(device) ?? '')));
  };
}
