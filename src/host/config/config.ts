/** Reads a configuration file: YAML to kernel and devices. All problems in one go, each `file:line:column: message`. */
import { dirname, isAbsolute, join } from 'node:path';
import * as yaml from 'yaml';
import { isMap, isScalar, isSeq, type Node, Scalar } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../../abi/nearest-name.ts';
import { type AbiProfile, abiProfile } from '../../abi/profiles.ts';
import type { LockdownLevel } from '../../kernel/lockdown.ts';
import { unknownAbi } from './abi-name.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { CONFIG_KEY_NAMES, type ConfigFile, configSchema } from './config-schema.ts';
import type { DeviceCatalogue, DeviceEntry, PlacedEntry } from './device-entry.ts';
import { allDeviceKeys, DEVICE_KEYS, ownKeys } from './device-keys.ts';
import { isProfilePath } from './profile-path.ts';
import { YamlText } from './yaml-text.ts';

/** What a file says; what it does not say is undefined, and the default is the caller's. */
export interface ConfigText {
  readonly abi: AbiProfile | undefined;
  readonly lockdown: LockdownLevel | undefined;
  /** Device entries whose complaints carry file and line; undefined: the file does not speak of devices. */
  readonly devices: readonly PlacedEntry[] | undefined;
  /** Faults as written; complaints carry file and line. */
  readonly faults: readonly PlacedFault[];
}

/** A fault of the file, and the way to say what is wrong at a column of it, from 1. */
export interface PlacedFault {
  readonly text: string;
  complain(column: number, message: string): void;
}

type Path = readonly PropertyKey[];

/** Values taken as they are spelled: 0660 is 660 to YAML 1.2, but a file mode to people. The drivers' own all are. */
const SPELLED = ['abi', 'driver', 'profile', 'pci', 'mode', 'owner', 'group', 'surroundings'];

/**
 * Parses the text of a configuration. `file` is its name in messages. Problems of form throw ConfigError at once;
 * complaints about the entries are added to `problems` as device-entry.ts makes them.
 */
export function parseConfig(
  text: string,
  file: string,
  catalogue: DeviceCatalogue,
  problems: ConfigProblem[],
): ConfigText {
  const doc = new YamlText(text, 'configuration', yaml);
  const found: ConfigProblem[] = [];
  const complainAt = (into: ConfigProblem[], offset: number, message: string) => {
    const { line, column } = doc.place(offset);
    into.push({ place: `${file}:${line}:${column}`, message, line, column });
  };
  for (const { offset, message } of doc.problems) complainAt(found, offset, message);
  if (found.length > 0) throw new ConfigError(found);
  const own = ownKeys(catalogue.drivers);
  spellOut(doc, new Set([...SPELLED, ...Object.keys(own)]));

  const result = configSchema(catalogue).safeParse(doc.plain() ?? {}, { reportInput: true });
  for (const issue of result.error?.issues ?? []) {
    for (const { path, message, key } of complaintsOf(issue, catalogue))
      complainAt(found, offsetOf(doc, path, key), message);
  }
  const abi = result.data?.abi;
  const profile = abi === undefined ? undefined : abiProfile(abi);
  if (abi !== undefined && !profile) complainAt(found, offsetOf(doc, ['abi'], false), unknownAbi(abi));
  if (!result.data || found.length > 0) throw new ConfigError(found);

  const devices = result.data.devices?.map((device, index) => ({
    entry: entryOf(device, file, own),
    complain: (key: string | undefined, message: string) => {
      const rest = key === undefined ? [] : key.startsWith('set.') ? ['set', key.slice('set.'.length)] : [key];
      complainAt(problems, offsetOf(doc, ['devices', index, ...rest], false), message);
    },
  }));
  const faults = (result.data.faults ?? []).map((text, index) => ({
    text,
    complain(column: number, message: string) {
      complainAt(problems, placeInside(doc, ['faults', index], text, column), message);
    },
  }));
  return { abi: profile, lockdown: result.data.lockdown, devices, faults };
}

/** The values of those keys become the text that stands in the file. */
function spellOut(doc: YamlText, keys: ReadonlySet<string>): void {
  const top = doc.target(doc.document.contents);
  const devices = isMap(top) ? doc.target(doc.pair(top, 'devices')?.value) : undefined;
  const maps = [top, ...(isSeq(devices) ? devices.items : [])];
  for (const map of maps) {
    for (const pair of isMap(map) ? map.items : []) {
      const value = doc.target(pair.value);
      const spelled = isScalar(pair.key) && keys.has(String(pair.key.value));
      if (spelled && isScalar(value) && value.value !== null && typeof value.source === 'string') {
        const text = new Scalar(value.source);
        text.range = (pair.value as Node).range;
        pair.value = text;
      }
    }
  }
}

/** A file is looked for beside the configuration that names it. */
function entryOf(
  device: NonNullable<ConfigFile['devices']>[number],
  file: string,
  own: ReturnType<typeof ownKeys>,
): DeviceEntry {
  const beside = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const { mode, owner, group, ...rest } = device;
  const common = Object.entries(rest).filter(([key]) => Object.hasOwn(DEVICE_KEYS, key));
  const entry: DeviceEntry = Object.fromEntries(common);
  if (entry.profile !== undefined && isProfilePath(entry.profile)) entry.profile = beside(entry.profile);
  if (mode !== undefined) entry.mode = String(mode);
  if (owner !== undefined) entry.owner = String(owner);
  if (group !== undefined) entry.group = String(group);
  const texts = Object.entries(rest).flatMap(([key, value]) => {
    const row = own[key];
    if (row === undefined || value === undefined) return [];
    if (row.takes === 'data') return [[key, dataText(value, row.paths ?? [], beside)]];
    return [[key, row.isPath?.(String(value)) ? beside(String(value)) : String(value)]];
  });
  if (texts.length > 0) entry.own = Object.fromEntries(texts);
  return entry;
}

function dataText(value: unknown, paths: readonly string[], beside: (path: string) => string): string {
  return JSON.stringify(value, (key, inner) => {
    if (typeof inner === 'bigint') return String(inner);
    return typeof inner === 'string' && paths.includes(key) ? beside(inner) : inner;
  });
}

/** Unknown keys that may come with a hint: to look for them takes longer than to read them. */
const HINTED = 100;

/** A schema issue in our words. `key`: the place is the key itself, not its value. */
function complaintsOf(
  issue: z.core.$ZodIssue,
  { drivers }: DeviceCatalogue,
): { path: Path; message: string; key: boolean }[] {
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? CONFIG_KEY_NAMES : Object.keys(allDeviceKeys(drivers));
    return issue.keys.map((name, index) => ({
      path: [...issue.path, name],
      message: `unknown key "${name}" (keys: ${known.join(', ')})${index < HINTED ? didYouMean(name, known) : ''}`,
      key: true,
    }));
  }
  const name = issue.path.at(-1);
  const subject = typeof name === 'string' ? `${name} ` : typeof name === 'number' ? `device ${name + 1} ` : '';
  return [{ path: issue.path, message: `${subject}${issue.message}, not ${shown(issue.input)}`, key: false }];
}

/** A value that was found, as short as it can be said. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a list of keys';
  return typeof value === 'string' ? `"${value}"` : String(value);
}

/** Where a column of a text stands: behind its quote, where it has one. */
function placeInside(doc: YamlText, path: Path, text: string, column: number): number {
  const { offset, node } = found(doc, path, false);
  const bare = isScalar(node) && node.source === text;
  const quoted = bare && (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE);
  return bare ? offset + (quoted ? 1 : 0) + column - 1 : offset;
}

/** Where a value stands (or its key); of what is not there, where its nearest parent stands. */
function offsetOf(doc: YamlText, path: Path, wantKey: boolean): number {
  return found(doc, path, wantKey).offset;
}

function found(doc: YamlText, path: Path, wantKey: boolean): { offset: number; node: Node | null } {
  let node: Node | null = doc.document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = doc.pair(node, String(step));
      if (!pair) return { offset, node: null };
      offset = (pair.key as Node | null)?.range?.[0] ?? offset;
      node = pair.value as Node | null;
      if (wantKey && depth === path.length - 1) return { offset, node };
    } else if (isSeq(node) && typeof step === 'number') {
      node = (node.items[step] as Node | undefined) ?? null;
    } else {
      return { offset, node: null };
    }
    offset = node?.range?.[0] ?? offset;
  }
  return { offset, node };
}
