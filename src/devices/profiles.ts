/** The device profiles by name. A new device is a file of data and a line here. */
import type { Mlx5DeviceProfile } from '../abi/mlx5/device-profile.ts';
import { connectx6dx, connectx6dxLegacy } from './connectx6dx.ts';

export const DEVICE_PROFILES: readonly Mlx5DeviceProfile[] = [connectx6dx, connectx6dxLegacy];

/** The profile of that name; undefined when there is none. */
export function deviceProfile(name: string): Mlx5DeviceProfile | undefined {
  return DEVICE_PROFILES.find((profile) => profile.name === name);
}
