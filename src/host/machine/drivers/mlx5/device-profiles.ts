/** Device profiles by what a configuration calls them: the name of a built-in one, or the path of a file. */
import type { Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { deviceProfile } from '../../../../devices/mlx5/profiles.ts';
import { readRegularFile } from '../../../config/named-file.ts';
import { isProfilePath } from '../../../config/profile-path.ts';
import { PROFILE_FILE } from '../../../profiles/profile-text-file.ts';
import { parseProfile } from './profile-file.ts';

/**
 * The profile. A file is read anew each time: a device that is plugged again is as it says then. Undefined: there is no
 * built-in profile of that name. Throws ConfigError for what is wrong in a file, Error when it cannot be read.
 */
export function resolveProfile(name: string): Mlx5DeviceProfile | undefined {
  return isProfilePath(name) ? readProfileFile(name) : deviceProfile(name);
}

export function readProfileFile(path: string): Mlx5DeviceProfile {
  return parseProfile(readRegularFile(path, PROFILE_FILE), path);
}
