/**
 * The attributes of a profile's features by name, beside the values that its shape has:
 *
 *     features.PATROL_SCRUB.scrub_cycle.hours     a part of features.PATROL_SCRUB.data
 */
import { type Attribute, attributesOf, readAttribute, writeAttribute } from '../../abi/cxl/attributes.ts';
import {
  CXL_SHAPE,
  type CxlFeatureValues,
  type CxlValues,
  FEATURE_SHAPE,
  featureUuid,
} from '../../abi/cxl/device-profile.ts';
import { featureName } from '../../abi/cxl/uuids.ts';
import { hex, unhex } from '../../abi/hex.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import { OverrideError } from '../../abi/override-error.ts';
import type { OverrideValue } from '../../abi/profile-shape.ts';
import { withValue } from '../../abi/profile-values.ts';

/** The values with some changed, in the record's order; those given stay as they are. Throws OverrideError. */
export function withCxlOverrides(values: CxlValues, overrides: Readonly<Record<string, OverrideValue>>): CxlValues {
  return Object.entries(overrides).reduce((all, [path, input]) => withCxlValue(all, path, input), values);
}

/** Throws OverrideError. */
export function withCxlValue(values: CxlValues, path: string, input: OverrideValue): CxlValues {
  const { key, name } = namesIn(path);
  const feature = Object.hasOwn(values.features, key) ? values.features[key] : undefined;
  if (feature === undefined || name === '' || Object.hasOwn(FEATURE_SHAPE.members, name))
    return withValue(CXL_SHAPE, values, path, input);
  const rows = readableOf(key, feature);
  const row = rows.find((attribute) => attribute.path === name);
  if (row === undefined) {
    const known = [...Object.keys(FEATURE_SHAPE.members), ...rows.map((attribute) => attribute.path)];
    throw new OverrideError(path, `there is no ${name}: known are ${known.join(', ')}${didYouMean(name, known)}`);
  }
  const data = dataOf(feature);
  writeAttribute(row, data, numberOf(path, input, 2 ** row.bits - 1));
  return withValue(CXL_SHAPE, values, `features.${key}.data`, hex(data));
}

/** Those of a feature, by complete name; of a vendor's there are none. */
export function attributeValues(key: string, feature: CxlFeatureValues): Record<string, number> {
  const data = dataOf(feature);
  const named = readableOf(key, feature).map((row) => [`features.${key}.${row.path}`, readAttribute(row, data) ?? 0]);
  return Object.fromEntries(named);
}

/** What a dotted name is about. */
export function namesIn(path: string): { readonly key: string; readonly name: string } {
  const [, key = '', name = ''] = /^features\.([^.]*)\.?(.*)$/.exec(path) ?? [];
  return { key, name };
}

function readableOf(key: string, { like, get, set }: CxlFeatureValues): readonly Attribute[] {
  const known = attributesOf(like || featureName(featureUuid(key)));
  return known?.getSize === get && known.setSize === set ? known.readable : [];
}

function dataOf({ data, get }: CxlFeatureValues): Uint8Array {
  const bytes = new Uint8Array(get);
  bytes.set((unhex(data) ?? bytes).subarray(0, get));
  return bytes;
}

function numberOf(path: string, input: OverrideValue, most: number): number {
  const text = typeof input === 'string' && !/^(\d+|0x[0-9a-f]+)$/i.test(input) ? 'no number' : input;
  const number = text instanceof Uint8Array ? Number.NaN : Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= most) return number;
  throw new OverrideError(path, `wanted is a whole number from 0 to ${most}`, 'value');
}
