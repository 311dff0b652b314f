/** `fwctl-emu profile`: what its verbs do. Each returns what is to be printed; refusals are CliError. */
import { writeFileSync } from 'node:fs';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import { type Difference, differences, type PlainValue, PRESENT, profileTree } from '../../devices/mlx5/profile-tree.ts';
import { DEVICE_PROFILES } from '../../devices/mlx5/profiles.ts';
import { ConfigError } from '../../host/config/config-error.ts';
import { readProfileFile, resolveProfile } from '../../host/profiles/device-profiles.ts';
import { readGivenFile } from '../../host/config/named-file.ts';
import { captureProfile } from '../../host/machine/drivers/mlx5/profile-capture.ts';
import { profileJson, profileYaml } from '../../host/profiles/profile-text.ts';
import { CliError } from '../../emulator/cli-error.ts';
import { openDevice } from './profile-device.ts';

export function listProfiles(json: boolean): string {
  const list = DEVICE_PROFILES.map(({ name, title }) => ({ name, title }));
  if (json) return `${JSON.stringify(list, null, 2)}\n`;
  const width = Math.max(...list.map(({ name }) => name.length));
  return list.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join('');
}

export function showProfile(name: string, json: boolean): string {
  const tree = profileTree(profileOf(name));
  return json ? `${profileJson(tree)}\n` : profileYaml(tree);
}

/** `text` is empty when they are the same and no JSON is wanted. Names and titles are not compared. */
export function diffProfiles(a: string, b: string, json: boolean): { text: string; same: boolean } {
  const found = differences(profileTree(profileOf(a)), profileTree(profileOf(b)));
  const text = json ? `${JSON.stringify(found, plainJson, 2)}\n` : found.map(differenceLine).join('');
  return { text, same: found.length === 0 };
}

export function checkProfile(path: string): string {
  const profile = guarded(() => readProfileFile(path, readGivenFile));
  const { caps, registers } = profileTree(profile);
  const count = (records: object, word: string) => `${Object.keys(records).length} ${word}`;
  return `${path}: ok: ${profile.name}, ${count(caps, 'capability types')}, ${count(registers, 'registers with values')}\n`;
}

export interface CaptureOptions {
  readonly output?: string;
  readonly name: string;
  readonly title?: string;
  readonly json?: boolean;
}

/** What is to be printed: the profile, or, with an output file, where it is. */
export async function capture(device: string, options: CaptureOptions): Promise<string> {
  const opened = await openDevice(device);
  let profile: Mlx5DeviceProfile;
  try {
    profile = await captureProfile(opened.ask, { name: options.name, title: options.title ?? '' });
  } finally {
    opened.close();
  }
  const { model_description, model_name } = profile.identity;
  const title = options.title ?? (model_description || model_name || `captured from ${device}`);
  const tree = profileTree({ ...profile, title });
  const text = options.json ? `${profileJson(tree)}\n` : profileYaml(tree);
  if (options.output === undefined) return text;
  try {
    writeFileSync(options.output, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists; name another, or take it away' : `${code}; check the path`;
    throw new CliError(`${options.output}: the profile cannot be written (${why})`);
  }
  return `${options.output}: captured from ${device}\n`;
}

function profileOf(name: string): Mlx5DeviceProfile {
  const profile = guarded(() => resolveProfile(name, readGivenFile));
  if (profile !== undefined) return profile;
  const names = DEVICE_PROFILES.map((known) => known.name);
  throw new CliError(
    `there is no device profile "${name}" (built in: ${names.join(', ')}; a file is named with a "/" or by its ending)${didYouMean(name, names)}`,
  );
}

/** Problems of a file are printed bare, as compilers print theirs. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConfigError ? new CliError(error.message) : error;
  }
}

function differenceLine({ path, before, after }: Difference): string {
  return `${path}: ${shown(before, path)} -> ${shown(after, path)}\n`;
}

/** What a profile does not name is 0; of a capability type: the device has it not. */
function shown(value: PlainValue | undefined, path: string): string {
  if (value === undefined) return path.split('.').length === 2 && path.startsWith('caps.') ? 'absent' : '0';
  if (value === PRESENT) return PRESENT;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** JSON has no bigint: beyond 2^53 as decimal text. */
function plainJson(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
