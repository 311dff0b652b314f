/** `fwctl-emu profile`: what its verbs do. Each returns what is to be printed; refusals are CliError. */
import { writeFileSync } from 'node:fs';
import { didYouMean } from '../../abi/nearest-name.ts';
import { CliError } from '../../host/config/cli-error.ts';
import { ConfigError } from '../../host/config/config-error.ts';
import { readGivenFile } from '../../host/config/named-file.ts';
import { plainText } from '../../host/config/plain-text.ts';
import { isProfilePath } from '../../host/config/profile-path.ts';
import { type DriverRow, type FwctlDriverRow, fwctlRows } from '../../host/machine/driver-row.ts';
import { driverOfProfile } from '../../host/profiles/profile-driver.ts';
import type { ProfileDifference, ProfileTools, ProfileTree } from '../../host/profiles/profile-kind.ts';
import { profileJson, profileYaml } from '../../host/profiles/profile-text.ts';
import { PROFILE_FILE } from '../../host/profiles/profile-text-file.ts';
import { terminalProgress } from '../progress.ts';
import { openDevice } from './profile-device.ts';

export function listProfiles(drivers: readonly DriverRow[], json: boolean): string {
  const list = builtIn(drivers);
  if (json) return `${JSON.stringify(list, null, 2)}\n`;
  const width = (key: 'name' | 'driver') => Math.max(...list.map((row) => row[key].length));
  const [names, owners] = [width('name'), width('driver')];
  return list.map(({ name, driver, title }) => `${name.padEnd(names)}  ${driver.padEnd(owners)}  ${title}\n`).join('');
}

export async function showProfile(drivers: readonly DriverRow[], name: string, json: boolean): Promise<string> {
  const { tree } = await profileOf(drivers, name);
  return json ? `${profileJson(tree)}\n` : profileYaml(tree);
}

/** `text` is empty when they are the same and no JSON is wanted. Names and titles are not compared. */
export async function diffProfiles(
  drivers: readonly DriverRow[],
  a: string,
  b: string,
  json: boolean,
): Promise<{ text: string; same: boolean }> {
  const [before, after] = [await profileOf(drivers, a), await profileOf(drivers, b)];
  if (before.driver !== after.driver)
    throw new CliError(`${a} is of driver ${before.driver}, ${b} of ${after.driver}; compare two of one driver`);
  const found = before.tools.differences(before.tree, after.tree);
  const plain = found.map(({ path, before: left, after: right }) => ({ path, before: left, after: right }));
  const text = json ? `${JSON.stringify(plain, plainJson, 2)}\n` : found.map(differenceLine).join('');
  return { text: json ? text : plainText(text), same: found.length === 0 };
}

export async function checkProfile(drivers: readonly DriverRow[], path: string): Promise<string> {
  const { tree, tools } = await profileOf(drivers, path);
  return plainText(`${path}: ok: ${tree.name}, ${tools.summary(tree)}\n`);
}

export interface CaptureOptions {
  readonly output?: string;
  readonly name: string;
  readonly title?: string;
  readonly json?: boolean;
}

/** What is to be printed: the profile, or, with an output file, where it is. */
export async function capture(drivers: readonly DriverRow[], device: string, options: CaptureOptions): Promise<string> {
  const opened = await openDevice(device, drivers);
  const progress = terminalProgress();
  let [tree, asked]: [ProfileTree | undefined, number] = [undefined, 0];
  const ask: typeof opened.ask = (request, replyBytes) => {
    progress?.show(`profile capture: ${++asked} requests`);
    return opened.ask(request, replyBytes);
  };
  try {
    tree = await opened.tools.capture(ask, { name: options.name, title: options.title, device });
  } finally {
    progress?.end();
    opened.close();
  }
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

interface Found {
  readonly driver: string;
  readonly tools: ProfileTools;
  readonly tree: ProfileTree;
}

/** Of the driver that has it; a file that says nothing of its driver is of the first one. */
async function profileOf(drivers: readonly DriverRow[], name: string): Promise<Found> {
  const rows = fwctlRows(drivers).filter(({ profiles }) => profiles.tools !== undefined);
  if (isProfilePath(name)) return fileOf(rows, name);
  for (const { name: driver, profiles } of rows) {
    const tools = await profiles.tools?.();
    const tree = tools?.builtIn(name);
    if (tools !== undefined && tree !== undefined) return { driver, tools, tree };
  }
  const names = builtIn(drivers).map((known) => known.name);
  const known = `built in: ${names.join(', ')}; a file is named with a "/" or by its ending`;
  throw new CliError(`there is no device profile "${name}" (${known})${didYouMean(name, names)}`);
}

async function fileOf(rows: readonly FwctlDriverRow[], path: string): Promise<Found> {
  const text = readGivenFile(path, PROFILE_FILE);
  const owners = rows.map(({ name, profiles }) => ({
    name,
    profiles: profiles.builtIn.map((one) => one.name),
    row: profiles,
  }));
  const owner = driverOfProfile(text, path, owners) ?? owners[0];
  const tools = await owner?.row.tools?.();
  if (owner === undefined || tools === undefined) throw new CliError(`${path}: there is no driver with profiles`);
  try {
    return { driver: owner.name, tools, tree: tools.parse(text, path) };
  } catch (error) {
    // Problems of a file are printed bare, as compilers print theirs.
    throw error instanceof ConfigError ? new CliError(error.message) : error;
  }
}

function builtIn(drivers: readonly DriverRow[]) {
  return fwctlRows(drivers).flatMap(({ name: driver, profiles: { tools, builtIn: all } }) =>
    tools === undefined ? [] : all.filter(({ bare }) => !bare).map(({ name, title }) => ({ name, driver, title })),
  );
}

function differenceLine({ path, shown: [before, after] }: ProfileDifference): string {
  return `${path}: ${before} -> ${after}\n`;
}

/** JSON has no bigint: beyond 2^53 as decimal text. */
function plainJson(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
