/** The profiles of a driver whose values have a shape, as its row has them: listed, read, examined, compared. */
import type { RecordShape, ShapedProfile } from '../../abi/profile-shape.ts';
import { flatValues, shownValues, withOverrides } from '../../abi/profile-values.ts';
import { ConfigError } from '../config/config-error.ts';
import type { DeviceSpec } from '../config/device-spec.ts';
import { readRegularFile } from '../config/named-file.ts';
import { isProfilePath } from '../config/profile-path.ts';
import type { PlainProfileValue, ProfileKind, ProfileTools, ProfileTree } from './profile-kind.ts';
import { PROFILE_FILE, usable } from './profile-text-file.ts';
import { parseShapedProfile, type ShapedKind } from './shaped-file.ts';

export interface ShapedParts<Values> {
  readonly driver: string;
  readonly shape: RecordShape;
  readonly builtIn: readonly ShapedProfile<Values>[];
  /** Devices without values of their own, by name. */
  readonly names?: readonly { readonly name: string; readonly title: string }[];
  /** Throws an Error that says which values of a file cannot be had together, or not here: a file that is not there. */
  examine?(values: Values): void;
  /** What there is in a profile, in a few words. */
  summary(values: Values): string;
  /** PCI device id of a profile. */
  pciDevice(values: Values): number;
  /** Absent: such a device cannot be asked for its values. */
  readonly capture?: Pick<ProfileTools, 'lacking'> & {
    /** Throws an Error when the device does not even tell its identity. */
    ask(...asked: Parameters<ProfileTools['capture']>): Promise<ShapedProfile<Values>>;
  };
}

export interface ShapedProfiles<Values> extends ProfileKind {
  /**
   * A built-in profile, or a file's: what was read of it already, or what it says now.
   * Undefined: there is none of that name. Throws ConfigError for what is wrong in it, Error when it cannot be read.
   */
  resolve(spec: Pick<DeviceSpec, 'profile' | 'file'>): ShapedProfile<Values> | undefined;
}

export function shapedProfiles<Values>(parts: ShapedParts<Values>): ShapedProfiles<Values> {
  const { shape, names = [], pciDevice } = parts;
  const builtIn = parts.builtIn;
  const named = (name: string) => builtIn.find((one) => one.name === name);
  const parse = (text: string, path: string, namesFiles = true) => {
    const kind = parts as unknown as ShapedKind;
    const profile = parseShapedProfile(kind, text, path, namesFiles) as unknown as ShapedProfile<Values>;
    try {
      parts.examine?.(profile.values);
    } catch (error) {
      throw new ConfigError([{ place: path, message: (error as Error).message, line: 1, column: 1 }]);
    }
    return profile;
  };
  const atPath = (path: string) => parse(readRegularFile(path, PROFILE_FILE), path);
  const resolve = ({ profile, file }: Pick<DeviceSpec, 'profile' | 'file'>) => {
    if (file !== undefined) return file.content as ShapedProfile<Values>;
    return isProfilePath(profile) ? atPath(profile) : named(profile);
  };
  return {
    builtIn: [...builtIn.map(({ name, title }) => ({ name, title })), ...names.map((one) => ({ ...one, bare: true }))],
    readFile(name, text) {
      if (!isProfilePath(name)) return undefined;
      return usable(name, () => (text === undefined ? atPath(name) : parse(text, name, false)));
    },
    checkOverrides(name, overrides, file) {
      const profile = (file as ShapedProfile<Values> | undefined) ?? resolve({ profile: name });
      const [first] = Object.keys(overrides);
      if (profile !== undefined) withOverrides(shape, profile.values, overrides);
      else if (first !== undefined) throw new Error(`${first}: profile ${name} has no values to set; take it out`);
    },
    tools: async () => toolsOf(parts, named, parse),
    nameOf: (id) => builtIn.find(({ values }) => pciDevice(values) === id)?.name,
    resolve,
  };
}

function toolsOf<Values>(
  { driver, shape, summary, capture }: ShapedParts<Values>,
  named: (name: string) => ShapedProfile<Values> | undefined,
  parse: (text: string, path: string) => ShapedProfile<Values>,
): ProfileTools {
  const asTree = ({ name, title, values }: ShapedProfile<Values>): ProfileTree => ({
    driver,
    name,
    title,
    ...shownValues(shape, values as never),
  });
  const valuesOf = ({ driver: _, name, title, ...values }: ProfileTree) => flatValues(values as never);
  /** What a tree is made of: a summary is asked of values. */
  const made = new WeakMap<ProfileTree, Values>();
  const kept = (profile: ShapedProfile<Values>) => {
    const tree = asTree(profile);
    made.set(tree, profile.values);
    return tree;
  };
  return {
    builtIn(name) {
      const profile = named(name);
      return profile && kept(profile);
    },
    parse: (text, path) => kept(parse(text, path)),
    differences(before, after) {
      const [a, b] = [valuesOf(before), valuesOf(after)];
      const paths = [...a.keys(), ...[...b.keys()].filter((path) => !a.has(path))];
      const changed = paths.filter((path) => a.get(path) !== b.get(path));
      return changed.map((path) => ({
        path,
        before: a.get(path),
        after: b.get(path),
        shown: [shown(a.get(path)), shown(b.get(path))] as const,
      }));
    },
    summary(tree) {
      const values = made.get(tree);
      return values === undefined ? '' : summary(values);
    },
    async capture(ask, asked) {
      if (capture === undefined) throw new Error(`driver ${driver} has no queries that a profile could be made of`);
      return kept(await capture.ask(ask, asked));
    },
    lacking: (replyBytes) => capture?.lacking(replyBytes) ?? new Uint8Array(replyBytes),
  };
}

function shown(value: PlainProfileValue | undefined): string {
  return value === undefined ? 'absent' : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
