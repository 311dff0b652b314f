/** A device that its own client resets: the machine unplugs it and plugs it again, as the kernel's driver does. */
import type { Clock } from '../../abi/clock.ts';
import type { HostDevice } from './host-device.ts';

/** What is asked of the machine. */
interface Machine {
  readonly clock: Clock;
  devices(): readonly HostDevice[];
  replug(name: string): unknown;
}

/** How long the device goes on (invented): who asked can close it, and finds it by its own number again. */
const RESTART_MS = 100;

/** Not in the middle of the call that asks, nor if the device has gone by then. `failed`: it could not be plugged. */
export function restartLater(machine: Machine, pci: string, failed: (message: string) => void): void {
  const find = () => machine.devices().find(({ spec }) => spec.pci === pci);
  const device = find();
  machine.clock.after(RESTART_MS, () => {
    if (device === undefined || find() !== device) return;
    try {
      machine.replug(device.name);
    } catch (error) {
      failed(`${device.name}: it could not start anew: ${(error as Error).message}`);
    }
  });
}
