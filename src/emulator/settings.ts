/**
 * What is emulated, from `-c FILE`, `--abi` and `--device`: the command line comes before the file, the file before the
 * default. The YAML reader and the schema are loaded only where there is a file: they cost as much as Node's own start.
 */
import { type AbiProfile, abiProfile, DEFAULT_ABI } from '../abi/profiles.ts';
import type { Accounts } from '../host/config/accounts.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import type { ConfigText, PlacedFault } from '../host/config/config.ts';
import { ConfigError, type ConfigProblem } from '../host/config/config-error.ts';
import { DEFAULT_DEVICE } from '../host/config/defaults.ts';
import type { PlacedEntry } from '../host/config/device-entry.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import { type FileUse, readGivenFile } from '../host/config/named-file.ts';
import type { FaultSpec } from '../host/interceptors/faults/spec.ts';
import { catalogueOf } from '../host/machine/catalogue.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import type { HostOptions } from '../host/machine/host.ts';
import { loadMessages } from '../host/machine/load-messages.ts';

export interface Settings {
  readonly abi: AbiProfile;
  readonly devices: readonly DeviceSpec[];
  /** Kernel lockdown; none unless told. */
  readonly lockdown?: HostOptions['lockdown'];
  /** Faults from the start on. */
  readonly faults: readonly FaultSpec[];
}

export interface SettingsOptions {
  /** `-c FILE`. */
  readonly config?: string | undefined;
  /** `--abi NAME`: instead of the file's. */
  readonly abi?: string | undefined;
  /** `--lockdown LEVEL`: instead of the file's. */
  readonly lockdown?: HostOptions['lockdown'] | undefined;
  /** `--device SPEC`, in order: after the file's devices; without a file, instead of the default one. */
  readonly device?: readonly string[] | undefined;
  /** `--fault SPEC`, in order: after the file's. */
  readonly fault?: readonly string[] | undefined;
}

/** A configuration is written by people; larger is a mistake. */
const CONFIGURATION: FileUse = { what: 'configuration', maxBytes: 1024 * 1024 };

/** Throws CliError with one line for each problem (status 2 when all are on the command line). */
export async function loadSettings(
  options: SettingsOptions,
  drivers: () => Promise<readonly DriverRow[]>,
  accounts?: Accounts,
): Promise<Settings> {
  const abi = options.abi === undefined ? undefined : abiProfile(options.abi);
  if (options.abi !== undefined && !abi) {
    const { unknownAbi } = await import('../host/config/abi-name.ts');
    throw new CliError(`--abi: ${unknownAbi(options.abi)}`, EXIT.usage);
  }
  const problems: ConfigProblem[] = [];
  const file = options.config === undefined ? undefined : await readConfig(options.config, drivers, problems);
  const profile = abi ?? file?.abi ?? abiProfile(DEFAULT_ABI);
  if (!profile) throw new Error(`the default ABI profile ${DEFAULT_ABI} is missing`);
  const faults = await readFaults(file?.faults ?? [], options.fault ?? [], drivers, problems);
  const lockdown = options.lockdown ?? file?.lockdown ?? 'none';
  const asked = options.device ?? [];
  if (asked.length === 0 && file?.devices === undefined) {
    if (problems.length > 0) throw refusal(new ConfigError(problems));
    return { abi: profile, lockdown, devices: [DEFAULT_DEVICE], faults };
  }

  const [{ readDevices }, { parseDeviceOption }, { allDeviceKeys }, { systemAccounts }] = await Promise.all([
    import('../host/config/device-entry.ts'),
    import('../host/config/device-option.ts'),
    import('../host/config/device-keys.ts'),
    import('../host/config/accounts.ts'),
  ]);
  const catalogue = catalogueOf(await drivers());
  const known = Object.keys(allDeviceKeys(catalogue.drivers));
  const entries: readonly PlacedEntry[] = [
    ...(file?.devices ?? []),
    ...asked.map((text) => parseDeviceOption(text, known, problems)),
  ];
  const rules = { catalogue, accounts: accounts ?? systemAccounts(), maxDevices: profile.maxDevices };
  const devices = readDevices(entries, rules);
  if (problems.length > 0) throw refusal(new ConfigError(problems));
  return { abi: profile, lockdown, devices, faults };
}

async function readFaults(
  ofFile: readonly PlacedFault[],
  ofOptions: readonly string[],
  drivers: () => Promise<readonly DriverRow[]>,
  problems: ConfigProblem[],
): Promise<FaultSpec[]> {
  if (ofFile.length === 0 && ofOptions.length === 0) return [];
  const { parseFault } = await import('../host/interceptors/faults/parse.ts');
  const messages = await loadMessages(await drivers());
  const placed = [
    ...ofFile,
    ...ofOptions.map((text) => ({
      text,
      complain(column: number, message: string) {
        problems.push({ place: `--fault ${text}: column ${column}`, message, line: undefined, column });
      },
    })),
  ];
  return placed.flatMap(({ text, complain }) => parseFault(text, messages, complain) ?? []);
}

async function readConfig(
  path: string,
  drivers: () => Promise<readonly DriverRow[]>,
  problems: ConfigProblem[],
): Promise<ConfigText> {
  const text = readText(path);
  const { parseConfig } = await import('../host/config/config.ts');
  try {
    return parseConfig(text, path, catalogueOf(await drivers()), problems);
  } catch (error) {
    throw error instanceof ConfigError ? refusal(error) : error;
  }
}

function readText(path: string): string {
  try {
    return readGivenFile(path, CONFIGURATION);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** Configuration problems are printed bare, as compilers print theirs, so that editors find the place. */
function refusal(error: ConfigError): CliError {
  const onlyOptions = error.problems.every((problem) => problem.line === undefined);
  return new CliError(error.message, onlyOptions ? EXIT.usage : EXIT.failure);
}
