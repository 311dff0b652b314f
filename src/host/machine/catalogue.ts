/** What devices there can be: the drivers' rows in the form that the configuration is checked against. */
import type { DeviceCatalogue } from '../config/device-entry.ts';
import type { AnyDriverKeys } from '../config/driver-key.ts';
import type { DriverRow } from './driver-row.ts';

export function catalogueOf(drivers: readonly DriverRow[]): DeviceCatalogue {
  return {
    drivers: drivers.map((row) => ({
      name: row.name,
      profiles: row.profiles.builtIn.map(({ name }) => name),
      keys: row.keys as AnyDriverKeys,
      isProfileFile: row.profiles.isFile,
      checkOverrides: row.profiles.checkOverrides,
      ...(row.subsystem === 'misc' ? { builtIn: { mode: row.mode } } : row.check && { check: row.check }),
    })),
  };
}
