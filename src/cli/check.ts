/** `fwctl-emu check FILE`, `fwctl-emu check --schema`: a configuration examined without doing anything. */
import type { DeviceCatalogue } from '../host/config/device-entry.ts';
import { loadSettings } from '../emulator/settings.ts';

/** Throws CliError with one line for each problem; otherwise what the file asks for, in one line. */
export async function checkFile(path: string, catalogue: () => Promise<DeviceCatalogue>): Promise<string> {
  const { abi, devices } = await loadSettings({ config: path }, catalogue);
  const addresses = devices.map(({ pci, driver }) => pci ?? driver);
  const shown = addresses.length <= 4 ? addresses.join(', ') : `${addresses[0]} to ${addresses.at(-1)}`;
  const count = devices.length === 1 ? '1 device' : `${devices.length} devices`;
  return `${path}: ok: ${abi.name}, ${count}${shown === '' ? '' : ` at ${shown}`}`;
}

/** The JSON Schema of a configuration, indented. */
export async function schemaText(catalogue: DeviceCatalogue): Promise<string> {
  const { configJsonSchema } = await import('../host/config/config-schema.ts');
  return JSON.stringify(configJsonSchema(catalogue), null, 2);
}
