/** The device profiles by name. A new device is a file of data and a line here. */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { bluefield3 } from './bluefield3.ts';
import { connectx6dx } from './connectx6dx.ts';
import { connectx7 } from './connectx7.ts';
import { legacy } from './legacy.ts';

/** The first is what a device is that nobody describes. */
export const DEVICE_PROFILES: readonly Mlx5DeviceProfile[] = [connectx6dx, connectx7, bluefield3, legacy];

/** Earlier names of profiles. */
const ALIASES: ReadonlyMap<string, string> = new Map([['connectx6dx-legacy', 'legacy']]);

/** The profile of that name; undefined when there is none. */
export function deviceProfile(name: string): Mlx5DeviceProfile | undefined {
  const real = ALIASES.get(name) ?? name;
  return DEVICE_PROFILES.find((profile) => profile.name === real);
}
