/** Device profiles by what a configuration calls them: the name of a built-in one, or the path of a file. */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { deviceProfile } from '../../devices/mlx5/profiles.ts';
import { ConfigError } from '../config/config-error.ts';
import { type FileUse, readRegularFile } from '../config/named-file.ts';
import { parseProfile } from '../machine/drivers/mlx5/profile-file.ts';
import { isProfilePath } from '../config/profile-path.ts';

/** A profile is written by people or by `profile capture`; larger is a mistake. */
const PROFILE: FileUse = { what: 'profile', maxBytes: 4 * 1024 * 1024 };

/**
 * The profile. A file is read anew each time, so that a device that is plugged again is as the file says then. Undefined: there is no
 * built-in profile of that name. `read`: what else than a regular file may be read, by the command line. Throws ConfigError for what is
 * wrong in a file, Error when it cannot be read.
 */
export function resolveProfile(name: string, read = readRegularFile): Mlx5DeviceProfile | undefined {
  return isProfilePath(name) ? readProfileFile(name, read) : deviceProfile(name);
}

/** Throws as resolveProfile does. */
export function readProfileFile(path: string, read = readRegularFile): Mlx5DeviceProfile {
  return parseProfile(read(path, PROFILE), path);
}

/** True for the path of a sound file. Throws an Error that says what is wrong with it, in one line. */
export function usableProfile(path: string): true {
  try {
    readProfileFile(path);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first, ...others] = error.problems;
    const more = others.length === 0 ? '' : `, and ${others.length} more: see "fwctl-emu profile check ${path}"`;
    throw new Error(`the profile has a problem: ${first?.place}: ${first?.message}${more}`);
  }
}
