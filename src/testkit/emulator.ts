/**
 * `fwctl-emu/testkit`: emulated devices inside a test of a JavaScript program, without a node, a mount or a right of any kind. Works in
 * node:test, vitest and any other runner: nothing here knows one.
 */
import { abiProfile, DEFAULT_ABI } from '../abi/profiles.ts';
import { systemClock } from '../host/clock.ts';
import { DEFAULT_DEVICE } from '../host/defaults.ts';
import { readFault } from '../host/faults/parse.ts';
import { FaultPlan, type FaultStatus } from '../host/faults/plan.ts';
import { Host } from '../host/host.ts';
import type { DeviceSpec } from '../host/host-device.ts';
import { CallRecorder } from '../host/interceptors/record.ts';
import { recordTap } from '../host/interceptors/record-tap.ts';
import { mlx5Decoder } from '../host/interceptors/trace-mlx5.ts';
import { formatPciAddress, nextPciAddress, parsePciAddress } from '../host/pci-address.ts';
import type { RecordedExchange } from '../host/recording/format.ts';
import { Recorder } from '../host/recording/recorder.ts';
import type { Caller } from '../kernel/caller.ts';
import { type DeviceInfo, type InprocessFile, InprocessTransport, plainCaller } from '../transport/inprocess.ts';
import { CallLog, type TestCall, testCall } from './calls.ts';

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

/** A fault in force. */
export interface TestFault {
  readonly id: number;
  /** How often it matched and struck so far. */
  readonly status: FaultStatus;
  /** Lets go what it holds back (`hang`). */
  release(): void;
  remove(): void;
}

/** An open device. All methods reject, or throw, an error whose `name` is the errno's (`EIO`). */
export class TestFile {
  private readonly file: InprocessFile;

  constructor(file: InprocessFile) {
    this.file = file;
  }

  /** FWCTL_RPC: the reply, at most `outLength` bytes. A firmware status is in it, not thrown. */
  rpc(scope: number, request: Uint8Array, outLength: number): Promise<Uint8Array> {
    return this.file.rpcLate(scope, request, outLength);
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
  private readonly host: Host;
  private readonly plan: FaultPlan;
  private readonly transport = new InprocessTransport();
  private readonly files = new Set<TestFile>();

  /** Throws an Error that says what is wrong with the options. */
  constructor({ abi: name = DEFAULT_ABI, devices = [{}], faults = [] }: EmulatorOptions = {}) {
    const abi = abiProfile(name);
    if (abi === undefined) throw new Error(`there is no ABI profile "${name}"`);
    const calls: TestCall[] = [];
    this.calls = new CallLog(calls);
    this.plan = new FaultPlan();
    const running = new CallRecorder(new Recorder((line) => take(calls, line), [], mlx5Decoder));
    this.host = new Host({
      abi,
      clock: systemClock,
      faults: this.plan,
      interceptOps: (ops, device, spec) => recordTap(ops, { running }, device, spec),
    });
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

  /** A new device; its name. */
  plug(device: TestDevice = {}): string {
    return this.host.plug({ ...DEFAULT_DEVICE, pci: this.freeAddress(), ...device }).name;
  }

  /** Open files stay, and answer ENODEV. */
  unplug(name = 'fwctl0'): void {
    this.host.unplug(name);
  }

  /** Adds a fault. Throws an Error that says what is wrong with its text. */
  fault(text: string): TestFault {
    const { plan } = this;
    const id = plan.add(readFault(text));
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
    const device = this.host.devices().find((candidate) => candidate.name === name);
    if (device === undefined)
      throw new Error(`there is no device ${name} (there are ${this.devices.join(', ') || 'none'})`);
    const file = new TestFile(await this.transport.openDeviceLate(device.fileOps, { caller: plainCaller(caller) }));
    this.files.add(file);
    return file;
  }

  /** Closes what is open, lets go what faults hold, and takes the devices away. */
  stop(): void {
    for (const { id } of this.plan.list()) this.plan.remove(id);
    for (const file of this.files) file.close();
    this.files.clear();
    for (const name of this.devices) this.host.unplug(name);
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

function take(calls: TestCall[], line: string): void {
  const row = JSON.parse(line) as object;
  if ('fwctl_emu_recording' in row || 'device' in row) return;
  calls.push(testCall(row as RecordedExchange));
}
