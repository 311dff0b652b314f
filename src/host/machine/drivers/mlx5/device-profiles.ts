/** Device profiles by what a configuration calls them: the name of a built-in one, or the path of a file. */
import type { Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { applyOverrides } from '../../../../devices/mlx5/overrides.ts';
import { DEVICE_PROFILES, deviceProfile } from '../../../../devices/mlx5/profiles.ts';
import { readRegularFile } from '../../../config/named-file.ts';
import { isProfilePath } from '../../../config/profile-path.ts';
import type { ProfileKind } from '../../../profiles/profile-kind.ts';
import { PROFILE_FILE, usable } from '../../../profiles/profile-text-file.ts';
import { parseProfile } from './profile-file.ts';

/**
 * The profile. A file is read anew each time, so that a device that is plugged again is as the file says then. Undefined: there is no
 * built-in profile of that name. Throws ConfigError for what is wrong in a file, Error when it cannot be read.
 */
export function resolveProfile(name: string): Mlx5DeviceProfile | undefined {
  return isProfilePath(name) ? readProfileFile(name) : deviceProfile(name);
}

function readProfileFile(path: string): Mlx5DeviceProfile {
  return parseProfile(readRegularFile(path, PROFILE_FILE), path);
}

export const mlx5Profiles: ProfileKind = {
  builtIn: DEVICE_PROFILES.map(({ name, title }) => ({ name, title })),
  isFile: (name) => isProfilePath(name) && usable(name, () => readProfileFile(name)),
  checkOverrides(name, overrides) {
    const profile = resolveProfile(name);
    const [first] = Object.keys(overrides);
    if (profile !== undefined) applyOverrides(profile, overrides);
    else if (first !== undefined) throw new Error(`${first}: profile ${name} has no values to set; take it out`);
  },
  tools: async () => (await import('./profile-tools.ts')).mlx5ProfileTools,
  nameOf: (pciDevice) => DEVICE_PROFILES.find(({ identity }) => identity.pci_device_id === pciDevice)?.name,
};
