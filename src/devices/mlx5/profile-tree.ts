/**
 * A profile as people write it: a tree of names and plain values, in a fixed order, without what is 0 anyway. Two
 * profiles whose trees are equal describe the same device. The names are those of overrides.ts.
 */
import type { FieldValue, Layout } from '../../abi/bits.ts';
import { CAP_TYPES } from '../../abi/mlx5/cap-types.ts';
import { QUERY_SPECIAL_CONTEXTS } from '../../abi/mlx5/commands.ts';
import type { FieldValues, Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { NV_TLVS } from '../../abi/mlx5/nv/tlvs.ts';
import { LAID_OUT_REGISTERS } from '../../abi/mlx5/registers/layouts.ts';

/** A byte field that is no text is the list of its bytes. */
export type PlainValue = number | bigint | string | readonly number[];
export type PlainFields = Readonly<Record<string, PlainValue>>;

export interface ProfileTree {
  readonly name: string;
  readonly title: string;
  readonly identity: PlainFields;
  /** By capability type; a type with an empty record is all 0. */
  readonly caps: Readonly<Record<string, PlainFields>>;
  /** Where the maximum differs from the current value. */
  readonly caps_max: Readonly<Record<string, PlainFields>>;
  readonly registers: Readonly<Record<string, PlainFields>>;
  /** By TLV; one with an empty record is all 0. */
  readonly nv: Readonly<Record<string, PlainFields>>;
  readonly special_contexts: PlainFields;
  readonly ports: PlainFields;
  readonly world: PlainFields;
}

export function profileTree(profile: Mlx5DeviceProfile): ProfileTree {
  const layouts = new Map(LAID_OUT_REGISTERS.map(({ name, layout }) => [name, layout]));
  const capLayouts = new Map(CAP_TYPES.map(({ name, layout }) => [name, layout]));
  return {
    name: profile.name,
    title: profile.title,
    identity: { ...profile.identity },
    caps: trees(profile.caps, capLayouts),
    caps_max: maxima(profile, capLayouts),
    registers: withoutEmpty(trees(profile.registers, layouts)),
    nv: trees(profile.nv, new Map(NV_TLVS.map(({ name, layout }) => [name, layout]))),
    special_contexts: plainFields(QUERY_SPECIAL_CONTEXTS.reply, profile.special_contexts),
    ports: { ...profile.ports },
    world: { ...profile.world },
  };
}

/** The fields that are not 0, in the layout's order. */
export function plainFields(layout: Layout, values: FieldValues): PlainFields {
  const view = new DataView(layout.encode(values).buffer);
  const plain: Record<string, PlainValue> = {};
  for (const field of layout.fields.values()) {
    const value = plainValue(field.read(view, 0));
    if (isSet(value)) plain[field.path] = value;
  }
  return plain;
}

export function plainValue(value: FieldValue): PlainValue {
  if (value instanceof Uint8Array) return text(value) ?? [...value];
  return typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function isSet(value: PlainValue): boolean {
  if (typeof value === 'object') return value.some((byte) => byte !== 0);
  return typeof value === 'string' ? value !== '' : BigInt(value) !== 0n;
}

/** Printable ASCII with a tail of NULs; empty when all is NUL. Undefined: no text. */
function text(bytes: Uint8Array): string | undefined {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const written = bytes.subarray(0, end);
  if (!written.every((byte) => byte >= 0x20 && byte < 0x7f)) return undefined;
  return String.fromCharCode(...written);
}

function trees(
  records: Readonly<Record<string, FieldValues>>,
  layouts: ReadonlyMap<string, Layout | undefined>,
): Record<string, PlainFields> {
  const result: Record<string, PlainFields> = {};
  for (const [name, layout] of layouts) {
    const values = Object.hasOwn(records, name) ? records[name] : undefined;
    if (values !== undefined) result[name] = layout === undefined ? {} : plainFields(layout, values);
  }
  return result;
}

/** A maximum that is written but equals the current value is none; one of 0 is named. */
function maxima(
  { caps, capsMax }: Mlx5DeviceProfile,
  layouts: ReadonlyMap<string, Layout | undefined>,
): Record<string, PlainFields> {
  const result: Record<string, Record<string, PlainValue>> = {};
  for (const [name, layout] of layouts) {
    const values = Object.hasOwn(capsMax, name) ? capsMax[name] : undefined;
    if (values === undefined || layout === undefined) continue;
    const current = new DataView(layout.encode(caps[name] ?? {}).buffer);
    const max = new DataView(layout.encode({ ...caps[name], ...values }).buffer);
    const different: Record<string, PlainValue> = {};
    for (const field of layout.fields.values()) {
      const value = plainValue(field.read(max, 0));
      if (!samePlain(value, plainValue(field.read(current, 0)))) different[field.path] = value;
    }
    if (Object.keys(different).length > 0) result[name] = different;
  }
  return result;
}

export function samePlain(a: PlainValue | undefined, b: PlainValue | undefined): boolean {
  if (typeof a === 'object' && typeof b === 'object')
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  return a === b;
}

function withoutEmpty(records: Readonly<Record<string, PlainFields>>): Record<string, PlainFields> {
  return Object.fromEntries(Object.entries(records).filter(([, fields]) => Object.keys(fields).length > 0));
}

/** One value that two profiles have differently; undefined: the profile has it not, or as 0. */
export interface Difference {
  /** Dotted, as overrides are. */
  readonly path: string;
  readonly before: PlainValue | undefined;
  readonly after: PlainValue | undefined;
}

/** Every difference but name and title, in the trees' order. */
export function differences(before: ProfileTree, after: ProfileTree): readonly Difference[] {
  const [a, b] = [flat(before), flat(after)];
  const paths = [...a.keys(), ...[...b.keys()].filter((path) => !a.has(path))];
  return paths
    .filter((path) => !samePlain(a.get(path), b.get(path)))
    .map((path) => ({ path, before: a.get(path), after: b.get(path) }));
}

/** By dotted path. That a capability type or TLV is there at all is its path alone, with a value of its own. */
function flat(tree: ProfileTree): Map<string, PlainValue> {
  const values = new Map<string, PlainValue>();
  const add = (path: string, fields: PlainFields) => {
    for (const [name, value] of Object.entries(fields)) values.set(`${path}.${name}`, value);
  };
  add('identity', tree.identity);
  for (const part of ['caps', 'caps_max', 'registers', 'nv'] as const) {
    for (const [name, fields] of Object.entries(tree[part])) {
      if (part === 'caps' || part === 'nv') values.set(`${part}.${name}`, PRESENT);
      add(`${part}.${name}`, fields);
    }
  }
  add('special_contexts', tree.special_contexts);
  add('ports', tree.ports);
  add('world', tree.world);
  return values;
}

/** The value of a capability type or TLV itself, in differences. */
export const PRESENT = 'present';
