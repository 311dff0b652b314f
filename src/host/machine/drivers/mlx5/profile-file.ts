/**
 * Reads a device profile from a file: YAML or JSON text of the shape of devices/profile-tree.ts, whole or as changes to
 * a `base`. Every problem is found in one go and says `file:line:column: message`. docs/profiles.md is for people.
 */
import { createRequire } from 'node:module';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import { BytesField, type Layout } from '../../../../abi/bits.ts';
import { CAP_TYPES, capTypeByName } from '../../../../abi/mlx5/cap-types.ts';
import type { DeviceIdentity, Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { LAID_OUT_REGISTERS, registerLayoutByName } from '../../../../abi/mlx5/registers/layouts.ts';
import { didYouMean } from '../../../../abi/nearest-name.ts';
import { IDENTITY_KEYS } from '../../../../devices/mlx5/identity-overrides.ts';
import { applyOverrides, OverrideError, type OverrideValue } from '../../../../devices/mlx5/overrides.ts';
import { DEVICE_PROFILES, deviceProfile } from '../../../../devices/mlx5/profiles.ts';
import { ConfigError, type ConfigProblem } from '../../../config/config-error.ts';

/** The YAML library, loaded at the first file: it takes as long as the rest of the program's start. */
type Yaml = typeof import('yaml');
const loadYaml = () => createRequire(import.meta.url)('yaml') as Yaml;

const SECTIONS = ['identity', 'caps', 'caps_max', 'registers', 'special_contexts', 'world'] as const;
const KEYS = ['name', 'title', 'base', ...SECTIONS];

/** A profile before anything is said of it; its identity is completed by the file. */
const NOTHING: Mlx5DeviceProfile = {
  name: '',
  title: '',
  identity: {} as DeviceIdentity,
  caps: {},
  capsMax: {},
  registers: {},
  special_contexts: {},
  world: { channels: 1, vfs: 1 },
};

/** The profile in the text; `file` is its name in messages. Throws ConfigError with all problems. */
export function parseProfile(text: string, file: string): Mlx5DeviceProfile {
  return new ProfileReader(text, file).read();
}

class ProfileReader {
  private readonly yaml = loadYaml();
  private readonly lines: InstanceType<Yaml['LineCounter']>;
  private readonly doc: Document.Parsed;
  private readonly file: string;
  private readonly problems: ConfigProblem[] = [];
  private profile = NOTHING;

  constructor(text: string, file: string) {
    this.file = file;
    this.lines = new this.yaml.LineCounter();
    this.doc = this.yaml.parseDocument(text, {
      lineCounter: this.lines,
      prettyErrors: false,
      intAsBigInt: true,
      logLevel: 'error',
    });
  }

  read(): Mlx5DeviceProfile {
    const { doc, yaml } = this;
    for (const error of doc.errors) this.complain(error.pos[0], `this is not YAML: ${error.message}`);
    if (this.problems.length === 0) {
      const root = doc.contents;
      if (yaml.isMap(root)) this.readRoot(root);
      else this.complain(this.at(root), 'a profile is a list of KEY: VALUE lines, e.g. "base: connectx6dx"');
    }
    if (this.problems.length > 0) throw new ConfigError(inOrder(this.problems));
    return this.profile;
  }

  private readRoot(root: YAMLMap): void {
    const pairs = new Map(this.pairs(root).map((entry) => [entry.name, entry]));
    for (const { name, key } of pairs.values()) {
      if (!KEYS.includes(name))
        this.complain(key, `unknown key "${name}" (keys: ${KEYS.join(', ')})${didYouMean(name, KEYS)}`);
    }
    const base = pairs.get('base');
    if (base !== undefined) this.readBase(base);
    for (const key of ['name', 'title'] as const) {
      const entry = pairs.get(key);
      if (entry === undefined) {
        if (base === undefined) this.complain(this.at(root), `${key} is missing; write it, or a base to start from`);
        continue;
      }
      const value = this.source(entry.value);
      if (value === undefined || value === '') this.complain(entry.at, `${key} must be text`);
      else this.profile = { ...this.profile, [key]: value };
    }
    for (const section of SECTIONS) {
      const entry = pairs.get(section);
      if (entry !== undefined) this.readSection(section, entry);
    }
    const wanting = IDENTITY_KEYS.filter(({ key }) => this.profile.identity[key] === undefined);
    if (wanting.length > 0 && this.problems.length === 0) {
      const names = wanting.map(({ key }) => key).join(', ');
      const place = pairs.get('identity')?.key ?? this.at(root);
      this.complain(place, `identity lacks ${names}; write them, or a base to take them from`);
    }
  }

  private readBase({ value, at }: Entry): void {
    const name = this.source(value) ?? '';
    const profile = deviceProfile(name);
    const names = DEVICE_PROFILES.map((known) => known.name);
    if (profile !== undefined) this.profile = profile;
    else this.complain(at, `there is no built-in profile "${name}" (${names.join(', ')})${didYouMean(name, names)}`);
  }

  private readSection(section: (typeof SECTIONS)[number], { value, at }: Entry): void {
    if (!this.yaml.isMap(value)) {
      if (value !== null) this.complain(at, `${section} must be a list of NAME: VALUE lines`);
      return;
    }
    const grouped = section === 'caps' || section === 'caps_max' || section === 'registers';
    for (const entry of this.pairs(value)) {
      if (!grouped) this.change(`${section}.${entry.name}`, entry, undefined);
      else this.readGroup(section, entry);
    }
  }

  /** The fields of one capability type or register; a type with null is one that the device does not know. */
  private readGroup(section: 'caps' | 'caps_max' | 'registers', entry: Entry): void {
    const { name, key, value, at } = entry;
    const layout = section === 'registers' ? registerLayoutByName(name) : capTypeByName(name)?.layout;
    const known = section === 'registers' ? layout !== undefined : capTypeByName(name) !== undefined;
    if (!known) {
      this.complain(key, unknownGroup(section, name));
      return;
    }
    if (section === 'caps') this.setType(name, value === null);
    if (value === null) return;
    if (!this.yaml.isMap(value)) {
      this.complain(at, `${section}.${name} must be a list of FIELD: VALUE lines`);
      return;
    }
    for (const field of this.pairs(value)) this.change(`${section}.${name}.${field.name}`, field, layout);
  }

  private setType(name: string, absent: boolean): void {
    const { [name]: fields = {}, ...others } = this.profile.caps;
    this.profile = { ...this.profile, caps: absent ? others : { ...this.profile.caps, [name]: fields } };
  }

  private change(path: string, { key, value, at, name }: Entry, layout: Layout | undefined): void {
    const asText =
      layout === undefined
        ? path.startsWith('identity.') && IDENTITY_KEYS.some((known) => known.key === name && known.text)
        : layout.has(name) && layout.field(name) instanceof BytesField;
    const plain = this.leaf(value, asText);
    if (plain === undefined) {
      this.complain(at, `${path} must be a whole number, text, true or false, or a list of bytes`);
      return;
    }
    try {
      this.profile = applyOverrides(this.profile, { [path]: plain });
    } catch (error) {
      if (!(error instanceof OverrideError)) throw error;
      this.complain(error.wrong === 'name' ? key : at, error.message);
    }
  }

  /** Undefined: nothing that a field can be. */
  private leaf(value: Node | null, asText: boolean): OverrideValue | undefined {
    const { yaml } = this;
    if (yaml.isSeq(value)) {
      const bytes = value.items.map((item) => (yaml.isScalar(item) ? Number(item.value) : -1));
      return bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 0xff)
        ? Uint8Array.from(bytes)
        : undefined;
    }
    if (!yaml.isScalar(value) || value.value === null) return undefined;
    if (asText) return this.source(value);
    const plain = value.value;
    if (typeof plain === 'bigint') return Number.isSafeInteger(Number(plain)) ? Number(plain) : plain;
    return typeof plain === 'string' || typeof plain === 'boolean' ? plain : undefined;
  }

  /** A scalar as it is spelled: a MAC of digits alone is no number. */
  private source(value: Node | null): string | undefined {
    if (!this.yaml.isScalar(value) || value.value === null) return undefined;
    return typeof value.value === 'string' ? value.value : value.source;
  }

  private pairs(map: YAMLMap): Entry[] {
    return map.items.map((pair: Pair) => {
      const key = pair.key as Node | null;
      const written = pair.value as Node | null;
      const value = this.yaml.isAlias(written) ? (written.resolve(this.doc) ?? null) : written;
      const empty = value === null || (this.yaml.isScalar(value) && value.value === null);
      const name = this.yaml.isScalar(key) ? String(key.source ?? key.value) : '';
      const place = this.at(key);
      return { name, key: place, value: empty ? null : (value as Node), at: written?.range?.[0] ?? place };
    });
  }

  private at(node: Node | null): number {
    return node?.range?.[0] ?? 0;
  }

  private complain(offset: number, message: string): void {
    const { line, col } = this.lines.linePos(offset);
    const [row, column] = [line || 1, col || 1];
    this.problems.push({ place: `${this.file}:${row}:${column}`, message, line: row, column });
  }
}

interface Entry {
  readonly name: string;
  /** Offsets of key and value in the text. */
  readonly key: number;
  readonly at: number;
  /** Null: nothing is written there. */
  readonly value: Node | null;
}

function unknownGroup(section: string, name: string): string {
  const [what, known] =
    section === 'registers'
      ? ['register with known fields', LAID_OUT_REGISTERS.map((register) => register.name)]
      : ['capability type', CAP_TYPES.map((cap) => cap.name)];
  return `there is no ${what} "${name}"${didYouMean(name, known)}`;
}

/** As they stand in the file. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || a.column - b.column);
}
