/** What operators have set on devices that run, in their order; a device that goes takes its own along. */
import type { OverrideValue } from '../host/config/device-entry.ts';
import type { HostDevice } from '../host/machine/host-device.ts';

export class ChangedValues {
  private readonly byDevice = new WeakMap<HostDevice, Map<string, OverrideValue>>();

  /** `device` has taken it. */
  note(device: HostDevice, name: string, value: OverrideValue): void {
    let values = this.byDevice.get(device);
    if (values === undefined) {
      values = new Map();
      this.byDevice.set(device, values);
    }
    // behind what was set since: a register's for all instances comes over those of one
    values.delete(name);
    values.set(name, value);
  }

  of(device: HostDevice): readonly (readonly [string, OverrideValue])[] {
    return [...(this.byDevice.get(device) ?? [])];
  }
}
