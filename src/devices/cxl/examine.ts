/** What cannot be had together in a CXL device's values. */
import { type CxlValues, featureUuid } from '../../abi/cxl/device-profile.ts';

/** Throws an Error that says what is wrong, and where. */
export function examineCxl({ features }: CxlValues): void {
  const seen = new Map<string, string>();
  for (const [key, { get, data, default: initial, saved }] of Object.entries(features)) {
    const uuid = featureUuid(key);
    const other = seen.get(uuid);
    if (other !== undefined) throw new Error(`features.${key}: it is ${other} again; take one out`);
    seen.set(uuid, key);
    for (const [name, digits] of Object.entries({ data, default: initial, saved })) {
      if (digits.length > 2 * get)
        throw new Error(`features.${key}.${name}: ${digits.length / 2} bytes are more than the ${get} of get`);
    }
  }
}
