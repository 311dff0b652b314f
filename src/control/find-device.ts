/** A device as an operator names it. */
import { didYouMean, someNames } from '../abi/nearest-name.ts';
import type { Host } from '../host/machine/host.ts';
import type { HostDevice } from '../host/machine/host-device.ts';
import { ControlError } from './protocol.ts';

/** By name (`fwctl0`) or PCI address. Throws ControlError. */
export function findDevice(host: Host, asked: string): HostDevice {
  const devices = host.devices();
  const found = devices.find(({ name, spec }) => name === asked || spec.pci === asked.toLowerCase());
  if (found !== undefined) return found;
  const names = devices.map(({ name }) => name);
  const there = names.length === 0 ? 'nothing is plugged' : `plugged: ${someNames(names)}`;
  throw new ControlError(404, 'no_such_device', `there is no device ${asked} (${there})${didYouMean(asked, names)}`);
}
