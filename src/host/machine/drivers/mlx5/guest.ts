/** An mlx5 device that belongs to a guest: its firmware fresh from power-up, for a driver of the guest's own. */
import type { Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import type { OverrideValue } from '../../../../abi/profile-shape.ts';
import type { Mlx5Firmware } from '../../../../firmware/mlx5/firmware.ts';
import type { Health } from '../../../../firmware/mlx5/hca/hca.ts';
import { type LiveValues, type PlainValue, ValueError } from '../../live-values.ts';
import { FirmwareValues } from './live-values.ts';

/** No packet is carried: without it a driver makes no flow tables, and no netdev above them. */
const NO_NETDEV = { nic_flow_table: 0 };

/** The device as a guest is given it, before what is set. */
export function guestProfile(profile: Mlx5DeviceProfile): Mlx5DeviceProfile {
  return { ...profile, caps: { ...profile.caps, GENERAL: { ...profile.caps.GENERAL, ...NO_NETDEV } } };
}

/** The largest value of each. */
const HEALTH: Readonly<Record<keyof Health, number>> = { synd: 0xff, ext_synd: 0xffff, severity: 7, rfr: 1, stuck: 1 };
const PREFIX = 'health.';

/** Beside the firmware's values what the health buffer tells: `health.synd`, `health.rfr`, ... */
export class GuestValues implements LiveValues {
  private readonly inner: FirmwareValues;
  private readonly health: Health;

  constructor(firmware: Mlx5Firmware) {
    this.inner = new FirmwareValues(firmware);
    this.health = firmware.health;
  }

  identity(): Record<string, PlainValue> {
    return this.inner.identity();
  }

  all(): Record<string, PlainValue> {
    return { ...this.inner.all(), ...this.healthValues() };
  }

  get(name: string): Record<string, PlainValue> {
    if (name !== 'health' && !name.startsWith(PREFIX)) return this.inner.get(name);
    const found = Object.entries(this.healthValues()).filter(([path]) => name === 'health' || path === name);
    if (found.length === 0) throw new ValueError(`${name}: there is no such value; there is ${this.names()}`);
    return Object.fromEntries(found);
  }

  set(name: string, value: OverrideValue): void {
    if (!name.startsWith(PREFIX)) {
      this.inner.set(name, value);
      return;
    }
    const field = name.slice(PREFIX.length) as keyof Health;
    const most = HEALTH[field];
    if (most === undefined) throw new ValueError(`${name}: there is no such value; there is ${this.names()}`);
    const number = Number(value);
    if (!Number.isInteger(number) || number < 0 || number > most)
      throw new ValueError(`${name}: a whole number of 0 to ${most} is wanted`);
    this.health[field] = number;
  }

  private healthValues(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.health).map(([field, value]) => [`${PREFIX}${field}`, value]));
  }

  private names(): string {
    return Object.keys(this.healthValues()).join(', ');
  }
}
