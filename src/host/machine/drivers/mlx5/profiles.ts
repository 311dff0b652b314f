/** The profiles of ConnectX cards as the driver's row has them. */
import type { Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { applyOverrides } from '../../../../devices/mlx5/overrides.ts';
import { DEVICE_PROFILES } from '../../../../devices/mlx5/profiles.ts';
import { isProfilePath } from '../../../config/profile-path.ts';
import type { ProfileKind } from '../../../profiles/profile-kind.ts';
import { usable } from '../../../profiles/profile-text-file.ts';
import { readProfileFile, resolveProfile } from './device-profiles.ts';
import { parseProfile } from './profile-file.ts';

export const mlx5Profiles: ProfileKind = {
  builtIn: DEVICE_PROFILES.map(({ name, title }) => ({ name, title })),
  readFile(name, text) {
    if (!isProfilePath(name)) return undefined;
    return usable(name, () => (text === undefined ? readProfileFile(name) : parseProfile(text, name)));
  },
  checkOverrides(name, overrides, file) {
    const profile = (file as Mlx5DeviceProfile | undefined) ?? resolveProfile(name);
    const [first] = Object.keys(overrides);
    if (profile !== undefined) applyOverrides(profile, overrides);
    else if (first !== undefined) throw new Error(`${first}: profile ${name} has no values to set; take it out`);
  },
  tools: async () => (await import('./profile-tools.ts')).mlx5ProfileTools,
  nameOf: (pciDevice) => DEVICE_PROFILES.find(({ identity }) => identity.pci_device_id === pciDevice)?.name,
};
