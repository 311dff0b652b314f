/** What devices there can be: the drivers' rows in the form that the configuration is checked against. */
import type { CatalogueDriver, DeviceCatalogue } from '../config/device-entry.ts';
import type { AnyDriverKeys } from '../config/driver-key.ts';
import { readRegularFile } from '../config/named-file.ts';
import { isProfilePath } from '../config/profile-path.ts';
import { driverOfProfile } from '../profiles/profile-driver.ts';
import { PROFILE_FILE } from '../profiles/profile-text-file.ts';
import type { DriverRow } from './driver-row.ts';

export function catalogueOf(rows: readonly DriverRow[]): DeviceCatalogue {
  const drivers = rows.map(
    (row): CatalogueDriver => ({
      name: row.name,
      profiles: row.profiles.builtIn.map(({ name }) => name),
      keys: row.keys as AnyDriverKeys,
      readProfileFile: row.profiles.readFile,
      checkOverrides: row.profiles.checkOverrides,
      ...(row.subsystem === 'misc' ? { builtIn: { mode: row.mode } } : row.check && { check: row.check }),
    }),
  );
  return {
    drivers,
    ownerOf(path, text) {
      if (!isProfilePath(path)) return undefined;
      try {
        return driverOfProfile(text ?? readRegularFile(path, PROFILE_FILE), path, drivers);
      } catch {
        // said by who reads it as a profile
        return undefined;
      }
    },
  };
}
