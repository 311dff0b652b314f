/** What devices there can be: the drivers' rows and the profiles, in the form that the configuration is checked against. */
import { applyOverrides } from '../devices/mlx5/overrides.ts';
import { DEVICE_PROFILES } from '../devices/mlx5/profiles.ts';
import type { DeviceCatalogue } from '../host/config/device-entry.ts';
import { resolveProfile, usableProfile } from '../host/profiles/device-profiles.ts';
import { isProfilePath } from '../host/config/profile-path.ts';

/** The profile of devices that have no values of their own: driver `raw`, a firmware that gives back what it gets. */
export const LOOPBACK_PROFILE = 'loopback';

export const catalogue: DeviceCatalogue = {
  drivers: [
    { name: 'mlx5', profiles: DEVICE_PROFILES.map((profile) => profile.name) },
    { name: 'raw', profiles: [LOOPBACK_PROFILE] },
    // 0660 root:root is what the kernel's own node has
    { name: 'iommufd', profiles: ['iommufd'], builtIn: { mode: 0o660 } },
  ],
  profileFile: (name) => isProfilePath(name) && usableProfile(name),
  checkOverrides(name, overrides) {
    const [first] = Object.keys(overrides);
    const profile = resolveProfile(name);
    if (profile) applyOverrides(profile, overrides);
    else if (first !== undefined) throw new Error(`${first}: profile ${name} has no values to set; take it out`);
  },
};
