/** `fwctl-emu check FILE`, `fwctl-emu check --schema`: a configuration examined without doing anything. */
import { loadSettings } from '../emulator/settings.ts';
import { catalogueOf } from '../host/machine/catalogue.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';

/** Throws CliError with one line for each problem; otherwise what the file asks for, in one line. */
export async function checkFile(path: string, drivers: () => Promise<readonly DriverRow[]>): Promise<string> {
  const { abi, devices } = await loadSettings({ config: path }, drivers);
  const addresses = devices.map(({ pci, driver }) => pci ?? driver);
  const shown = addresses.length <= 4 ? addresses.join(', ') : `${addresses[0]} to ${addresses.at(-1)}`;
  const count = devices.length === 1 ? '1 device' : `${devices.length} devices`;
  return `${path}: ok: ${abi.name}, ${count}${shown === '' ? '' : ` at ${shown}`}`;
}

/** The JSON Schema of a configuration, indented. */
export async function schemaText(drivers: readonly DriverRow[]): Promise<string> {
  const { configJsonSchema } = await import('../host/config/config-schema.ts');
  return JSON.stringify(configJsonSchema(catalogueOf(drivers)), null, 2);
}
