/**
 * Reads a device profile from a file: YAML or JSON text of the shape of devices/profile-tree.ts, whole or as changes to
 * a `base`. Every problem is found in one go and says `file:line:column: message`. docs/profiles.md is for people.
 */
import type { Node, YAMLMap } from 'yaml';
import { BytesField, type Layout } from '../../../../abi/bits.ts';
import { CAP_TYPES, capTypeByName } from '../../../../abi/mlx5/cap-types.ts';
import type { DeviceIdentity, Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { NV_TLVS, nvTlvByName, nvTlvOfParameter } from '../../../../abi/mlx5/nv/tlvs.ts';
import { LAID_OUT_REGISTERS, registerLayoutByName } from '../../../../abi/mlx5/registers/layouts.ts';
import { didYouMean } from '../../../../abi/nearest-name.ts';
import { OverrideError } from '../../../../abi/override-error.ts';
import type { OverrideValue } from '../../../../abi/profile-shape.ts';
import { IDENTITY_KEYS } from '../../../../devices/mlx5/identity-overrides.ts';
import { applyOverrides } from '../../../../devices/mlx5/overrides.ts';
import { DEVICE_PROFILES, deviceProfile } from '../../../../devices/mlx5/profiles.ts';
import { type Entry, ProfileDocument } from '../../../profiles/profile-document.ts';

const SECTIONS = ['identity', 'caps', 'caps_max', 'registers', 'nv', 'special_contexts', 'ports', 'world'] as const;
const KEYS = ['driver', 'name', 'title', 'base', ...SECTIONS];

/** A profile before anything is said of it; its identity is completed by the file. */
const NOTHING: Mlx5DeviceProfile = {
  name: '',
  title: '',
  identity: {} as DeviceIdentity,
  caps: {},
  capsMax: {},
  registers: {},
  nv: {},
  special_contexts: {},
  ports: { module: 'copper-qsfp28' },
  world: { channels: 1, vfs: 1 },
};

/** The profile in the text; `file` is its name in messages. Throws ConfigError with all problems. */
export function parseProfile(text: string, file: string): Mlx5DeviceProfile {
  return new ProfileReader(text, file).read();
}

class ProfileReader {
  private readonly doc: ProfileDocument;
  private profile = NOTHING;

  constructor(text: string, file: string) {
    this.doc = new ProfileDocument(text, file);
  }

  read(): Mlx5DeviceProfile {
    const root = this.doc.root('base: connectx6dx');
    if (root !== undefined) this.readRoot(root);
    this.doc.finish();
    return this.profile;
  }

  private readRoot(root: YAMLMap): void {
    const pairs = new Map(this.doc.pairs(root).map((entry) => [entry.name, entry]));
    for (const { name, key } of pairs.values()) {
      if (this.doc.isHopeless) return;
      if (!KEYS.includes(name))
        this.doc.complain(key, `unknown key "${name}" (keys: ${KEYS.join(', ')})${didYouMean(name, KEYS)}`);
    }
    const base = pairs.get('base');
    if (base !== undefined) this.readBase(base);
    for (const key of ['name', 'title'] as const) {
      const entry = pairs.get(key);
      if (entry === undefined) {
        if (base === undefined)
          this.doc.complain(this.doc.at(root), `${key} is missing; write it, or a base to start from`);
        continue;
      }
      const value = this.doc.source(entry.value);
      if (value === undefined || value === '') this.doc.complain(entry.at, `${key} must be text`);
      else this.profile = { ...this.profile, [key]: value };
    }
    for (const section of SECTIONS) {
      const entry = pairs.get(section);
      if (entry !== undefined) this.readSection(section, entry);
    }
    const wanting = IDENTITY_KEYS.filter(({ key }) => this.profile.identity[key] === undefined);
    if (wanting.length > 0 && this.doc.sound) {
      const names = wanting.map(({ key }) => key).join(', ');
      const place = pairs.get('identity')?.key ?? this.doc.at(root);
      this.doc.complain(place, `identity lacks ${names}; write them, or a base to take them from`);
    }
  }

  private readBase({ value, at }: Entry): void {
    const name = this.doc.source(value) ?? '';
    const profile = deviceProfile(name);
    const names = DEVICE_PROFILES.map((known) => known.name);
    if (profile !== undefined) this.profile = profile;
    else
      this.doc.complain(at, `there is no built-in profile "${name}" (${names.join(', ')})${didYouMean(name, names)}`);
  }

  private readSection(section: (typeof SECTIONS)[number], { value, at }: Entry): void {
    if (!this.doc.yaml.isMap(value)) {
      if (value !== null) this.doc.complain(at, `${section} must be a list of NAME: VALUE lines`);
      return;
    }
    const grouped = GROUPED.find((name) => name === section);
    for (const entry of this.doc.pairs(value)) {
      if (this.doc.isHopeless) return;
      // A parameter's own name says which TLV it is in.
      const single = section === 'nv' && nvTlvOfParameter(entry.name) !== undefined;
      if (grouped === undefined || single) this.change(`${section}.${entry.name}`, entry, undefined);
      else this.readGroup(grouped, entry);
    }
  }

  /** The fields of one capability type, register or TLV; a type or TLV with null is one that the device has not. */
  private readGroup(section: Group, entry: Entry): void {
    const { name, key, value, at } = entry;
    const found = GROUPS[section].find(name);
    if (found === undefined) {
      const { what, names } = GROUPS[section];
      this.doc.complain(key, `there is no ${what} "${name}"${didYouMean(name, names())}`);
      return;
    }
    const { layout } = found;
    if (section === 'caps' || section === 'nv') this.setPresence(section, name, value === null);
    if (value === null) return;
    if (!this.doc.yaml.isMap(value)) {
      this.doc.complain(at, `${section}.${name} must be a list of FIELD: VALUE lines`);
      return;
    }
    for (const field of this.doc.pairs(value)) this.change(`${section}.${name}.${field.name}`, field, layout);
  }

  private setPresence(section: 'caps' | 'nv', name: string, absent: boolean): void {
    const { [name]: fields = {}, ...others } = this.profile[section];
    this.profile = { ...this.profile, [section]: absent ? others : { ...this.profile[section], [name]: fields } };
  }

  private change(path: string, { key, value, at, name }: Entry, layout: Layout | undefined): void {
    const asText =
      layout === undefined
        ? path === 'ports.module' ||
          (path.startsWith('identity.') && IDENTITY_KEYS.some((known) => known.key === name && known.text))
        : layout.has(name) && layout.field(name) instanceof BytesField;
    const plain = this.leaf(value, asText);
    if (plain === undefined) {
      this.doc.complain(at, `${path} must be a whole number, text, true or false, or a list of bytes`);
      return;
    }
    if (this.doc.isHopeless) return;
    try {
      this.profile = applyOverrides(this.profile, { [path]: plain });
    } catch (error) {
      if (!(error instanceof OverrideError)) throw error;
      this.doc.complain(error.wrong === 'name' ? key : at, error.message);
    }
  }

  /** Undefined: nothing that a field can be. */
  private leaf(value: Node | null, asText: boolean): OverrideValue | undefined {
    const { yaml } = this.doc;
    if (yaml.isSeq(value)) {
      const bytes = value.items.map((item) => (yaml.isScalar(item) ? Number(item.value) : -1));
      return bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 0xff)
        ? Uint8Array.from(bytes)
        : undefined;
    }
    if (!yaml.isScalar(value) || value.value === null) return undefined;
    if (asText) return this.doc.source(value);
    const plain = value.value;
    if (typeof plain === 'bigint') return Number.isSafeInteger(Number(plain)) ? Number(plain) : plain;
    return typeof plain === 'string' || typeof plain === 'boolean' ? plain : undefined;
  }
}

/** Sections that have a level of names between them and their fields. */
const GROUPED = ['caps', 'caps_max', 'registers', 'nv'] as const;
type Group = (typeof GROUPED)[number];

interface GroupRow {
  /** One of the names, in words. */
  readonly what: string;
  names(): readonly string[];
  /** Without a layout: the fields are not public. */
  find(name: string): { readonly layout: Layout | undefined } | undefined;
}

const capabilities: GroupRow = {
  what: 'capability type',
  names: () => CAP_TYPES.map((cap) => cap.name),
  find: capTypeByName,
};

const GROUPS: Readonly<Record<Group, GroupRow>> = {
  caps: capabilities,
  caps_max: capabilities,
  registers: {
    what: 'register with known fields',
    names: () => LAID_OUT_REGISTERS.map((register) => register.name),
    find(name) {
      const layout = registerLayoutByName(name);
      return layout && { layout };
    },
  },
  nv: { what: 'TLV', names: () => NV_TLVS.map((tlv) => tlv.name), find: nvTlvByName },
};
