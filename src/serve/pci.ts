/**
 * `fwctl-emu pci`: each device as a PCI function of a virtual machine, at a vfio-user socket, until a signal. A device
 * that is unplugged is a function that was pulled out: the guest reads ones. One that is plugged later gets a socket of
 * its own.
 */
import { closeSync, readlinkSync, unlinkSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import type { ExecuteCommand, PciFunction } from '../abi/pci/bus.ts';
import { configSpace, type PciShape } from '../abi/pci/function.ts';
import { CliError } from '../host/config/cli-error.ts';
import type { HostDevice, HostEvent } from '../host/machine/host-device.ts';
import type { Log } from '../host/machine/log.ts';
import { InprocessTransport, plainCaller } from '../transport/inprocess.ts';
import type { LoadedNative, Watch } from '../transport/native.ts';
import { VfioUserConnection } from '../transport/vfio-user/connection.ts';
import { type DeviceSystem, VfioUserDevice } from '../transport/vfio-user/device.ts';
import { freeSocketPath } from './free-socket-path.ts';
import type { HostPart } from './parts.ts';

/** Commands of the guest's driver are told in the trace as of this. */
const GUEST = plainCaller({ comm: () => 'guest', pid: () => 0, tid: 0 });
/** Every command passes whatever its scope: the lowest taints nothing. */
const SCOPE = 0;
const EVENT_FILE = 'anon_inode:[eventfd]';

export interface PciServing {
  /** What is served, a line a function. */
  readonly lines: readonly string[];
  /** Takes away sockets and functions. A second call does nothing. */
  close(): void;
}

/** One function at its socket. */
interface Seat {
  readonly device: HostDevice;
  readonly path: string;
  remove(): void;
  close(): void;
}

/** Throws CliError. Nothing is left behind then. */
export async function servePci(host: HostPart, path: string, native: LoadedNative, log: Log): Promise<PciServing> {
  const seats = new Map<number, Seat>();
  const free = () => {
    let index = 0;
    while (seats.has(index)) index++;
    return index;
  };
  const sit = async (device: HostDevice) => {
    const index = free();
    const at = index === 0 ? path : `${path}.${index}`;
    seats.set(index, await openSeat(device, at, native, log));
  };
  const leave = (device: HostDevice) => {
    for (const [index, seat] of seats) {
      if (seat.device !== device) continue;
      seats.delete(index);
      seat.remove();
    }
  };
  let open = true;
  const close = () => {
    open = false;
    for (const seat of seats.values()) seat.close();
    seats.clear();
  };
  try {
    for (const device of host.devices()) await sit(device);
  } catch (error) {
    close();
    throw error;
  }
  const change = async ({ kind, device }: HostEvent) => {
    if (kind === 'unplug') leave(device);
    else if (open) await sit(device);
  };
  // In turn: each finds the seats as the one before has left them. Many come at once (count=N, reset).
  let turn = Promise.resolve();
  const stop = host.onChange((event) => {
    turn = turn
      .then(() => change(event))
      .catch((error: unknown) => log.error((error as Error).message, { device: event.device.name }));
  });
  const lines = [...seats.values()].map(({ device, path: at }) => seatLine(device, at));
  return {
    lines,
    close() {
      stop();
      close();
    },
  };
}

function seatLine({ name, spec }: HostDevice, path: string): string {
  return `fwctl-emu: ${name} (${spec.driver} ${spec.profile}) is a PCI function at ${path}`;
}

async function openSeat(device: HostDevice, path: string, native: LoadedNative, log: Log): Promise<Seat> {
  const [parent] = device.parents;
  const shape = parent?.bus === 'pci' ? parent.shape?.() : undefined;
  if (device.card === undefined || shape === undefined) {
    const { driver, profile } = device.spec;
    const remedy = 'give a device of driver mlx5 with the emulated firmware';
    throw new CliError(
      `pci: ${device.name} (${driver} ${profile}) is no PCI function that a guest can have; ${remedy}`,
    );
  }
  const pci = device.card.function(executing(device, log));
  return openSocket(device, path, pci, shape, native, log);
}

/** Through all that stands around the device: trace, counters, faults, recorder. */
function executing(device: HostDevice, log: Log): ExecuteCommand {
  const file = new InprocessTransport().openDevice(device.fileOps, { caller: GUEST });
  return (request, outLength, done) => {
    file.rpcLate(SCOPE, request, outLength).then(done, (error: Error) => {
      log.debug(`a command of the guest was not delivered: ${error.message}`, { device: device.name });
      done(undefined);
    });
  };
}

/** Without what is not served: virtual functions, an expansion ROM. */
function guestShape({ vfs: _vfs, rom: _rom, ...shape }: PciShape): PciShape {
  return shape;
}

async function openSocket(
  device: HostDevice,
  path: string,
  pci: PciFunction,
  shape: PciShape,
  native: LoadedNative,
  log: Log,
): Promise<Seat> {
  await freeSocketPath(path);
  const listener = native.listenUnix(path);
  if (listener < 0) throw new CliError(`pci: no socket can be made at ${path} (${errnoName(-listener)}); give another`);
  const served = new VfioUserDevice(pci, configSpace(guestShape(shape)), deviceSystem(native));
  let connection: VfioUserConnection | undefined;
  let open = true;
  const taken = () => {
    for (let fd = native.acceptUnix(listener); fd >= 0; fd = native.acceptUnix(listener)) {
      if (connection !== undefined) {
        log.warn('a second machine wants the function, which has one: it is turned away', { device: device.name });
        closeSync(fd);
        continue;
      }
      log.info('a machine has come', { device: device.name });
      connection = new VfioUserConnection(fd, served, native, closeSync, {
        ended(why) {
          connection = undefined;
          if (why === undefined) log.info('the machine has gone', { device: device.name });
          else log.warn(`the machine was cut off: it sent ${why}`, { device: device.name });
        },
      });
    }
  };
  const watch: Watch = native.watch(listener, taken);
  const stopListening = () => {
    if (!open) return;
    open = false;
    native.unwatch(watch);
    closeSync(listener);
    try {
      unlinkSync(path);
    } catch (error) {
      log.debug(`${path}: ${(error as Error).message}`);
    }
  };
  return {
    device,
    path,
    remove() {
      stopListening();
      served.remove();
    },
    close() {
      stopListening();
      connection?.end();
    },
  };
}

function deviceSystem(native: LoadedNative): DeviceSystem {
  return {
    close: closeSync,
    signal: (fd) => void native.signalEvent(fd),
    isEvent(fd) {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === EVENT_FILE;
      } catch {
        return false;
      }
    },
  };
}
