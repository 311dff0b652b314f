/**
 * What is emulated, from `-c FILE`, `--abi` and `--device`: the command line comes before the file, the file before the default.
 * The YAML reader and the schema are loaded only where there is a file: they cost as much as Node's own start.
 */
import { abiProfile, DEFAULT_ABI } from '../abi/profiles.ts';
import type { Accounts } from '../host/config/accounts.ts';
import type { ConfigText, PlacedFault } from '../host/config/config.ts';
import { ConfigError, type ConfigProblem } from '../host/config/config-error.ts';
import { DEFAULT_DEVICE } from '../host/config/defaults.ts';
import type { DeviceCatalogue, PlacedEntry } from '../host/config/device-entry.ts';
import type { FaultSpec } from '../host/interceptors/faults/spec.ts';
import { type FileUse, readGivenFile } from '../host/config/named-file.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import { CliError, EXIT } from './cli-error.ts';
import type { Settings } from '../cli/parts.ts';

export interface SettingsOptions {
  /** `-c FILE`. */
  readonly config?: string | undefined;
  /** `--abi NAME`: instead of the file's. */
  readonly abi?: string | undefined;
  /** `--lockdown LEVEL`: instead of the file's. */
  readonly lockdown?: LockdownLevel | undefined;
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
  catalogue: () => Promise<DeviceCatalogue>,
  accounts?: Accounts,
): Promise<Settings> {
  const abi = options.abi === undefined ? undefined : abiProfile(options.abi);
  if (options.abi !== undefined && !abi) {
    const { unknownAbi } = await import('../host/config/abi-name.ts');
    throw new CliError(`--abi: ${unknownAbi(options.abi)}`, EXIT.usage);
  }
  const problems: ConfigProblem[] = [];
  const file = options.config === undefined ? undefined : await readConfig(options.config, problems);
  const profile = abi ?? file?.abi ?? abiProfile(DEFAULT_ABI);
  if (!profile) throw new Error(`the default ABI profile ${DEFAULT_ABI} is missing`);
  const faults = await readFaults(file?.faults ?? [], options.fault ?? [], problems);
  const lockdown = options.lockdown ?? file?.lockdown ?? 'none';
  const asked = options.device ?? [];
  if (asked.length === 0 && file?.devices === undefined) {
    if (problems.length > 0) throw refusal(new ConfigError(problems));
    return { abi: profile, lockdown, devices: [DEFAULT_DEVICE], faults };
  }

  const [{ readDevices }, { parseDeviceOption }, { systemAccounts }] = await Promise.all([
    import('../host/config/device-entry.ts'),
    import('../host/config/device-option.ts'),
    import('../host/config/accounts.ts'),
  ]);
  const entries: readonly PlacedEntry[] = [
    ...(file?.devices ?? []),
    ...asked.map((text) => parseDeviceOption(text, problems)),
  ];
  const rules = {
    catalogue: await catalogue(),
    accounts: accounts ?? systemAccounts(),
    maxDevices: profile.maxDevices,
  };
  const devices = readDevices(entries, rules);
  if (problems.length > 0) throw refusal(new ConfigError(problems));
  return { abi: profile, lockdown, devices, faults };
}

async function readFaults(
  ofFile: readonly PlacedFault[],
  ofOptions: readonly string[],
  problems: ConfigProblem[],
): Promise<FaultSpec[]> {
  if (ofFile.length === 0 && ofOptions.length === 0) return [];
  const { parseFault } = await import('../host/interceptors/faults/parse.ts');
  const placed = [
    ...ofFile,
    ...ofOptions.map((text) => ({
      text,
      complain(column: number, message: string) {
        problems.push({ place: `--fault ${text}: column ${column}`, message, line: undefined, column });
      },
    })),
  ];
  return placed.flatMap(({ text, complain }) => parseFault(text, complain) ?? []);
}

async function readConfig(path: string, problems: ConfigProblem[]): Promise<ConfigText> {
  const text = readText(path);
  const { parseConfig } = await import('../host/config/config.ts');
  try {
    return parseConfig(text, path, problems);
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
