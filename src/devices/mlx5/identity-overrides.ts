/** Which identity values may be changed, and to what (shapes: abi/mlx5/device-profile.ts). */
import type { DeviceIdentity } from '../../abi/mlx5/device-profile.ts';
import { didYouMean } from '../../abi/nearest-name.ts';

interface NumberRule {
  readonly least: number;
  readonly most: number;
}

interface TextRule {
  readonly pattern: RegExp;
  /** What the pattern wants, after "wanted is". */
  readonly wanted: string;
}

const word: NumberRule = { least: 0, most: 0xffff };
const text = (most: number): TextRule => ({
  pattern: new RegExp(`^[\\x20-\\x7e]{0,${most}}$`),
  wanted: `at most ${most} printable ASCII characters`,
});

const rules: Readonly<Record<keyof DeviceIdentity, NumberRule | TextRule>> = {
  pci_device_id: word,
  hw_dev_id: word,
  hw_revision: word,
  num_ports: { least: 1, most: 0x3ff },
  fw_version: { pattern: /^\d{1,3}\.\d{1,3}\.\d{1,5}$/, wanted: 'MAJOR.MINOR.SUBMINOR, as in 22.43.1014' },
  fw_date: { pattern: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, wanted: 'a date, YYYY-MM-DD' },
  psid: text(16),
  model_name: text(64),
  model_description: text(256),
  vsd: text(208),
  base_mac: { pattern: /^[0-9a-fA-F]{12}$/, wanted: '12 hex digits' },
};

/** The identity with one value changed, or what is wrong: a clause. */
export function changedIdentity(
  identity: DeviceIdentity,
  key: string,
  value: number | bigint | string | boolean | Uint8Array,
): DeviceIdentity | string {
  if (!isKey(key)) return `no identity value ${key}${didYouMean(key, Object.keys(rules))}`;
  const rule = rules[key];
  if ('pattern' in rule) {
    if (typeof value !== 'string' || !rule.pattern.test(value)) return `wanted is ${rule.wanted}`;
    return { ...identity, [key]: value };
  }
  const number = typeof value === 'boolean' || typeof value === 'object' || value === '' ? Number.NaN : Number(value);
  if (!Number.isInteger(number) || number < rule.least || number > rule.most) {
    return `wanted is a whole number from ${rule.least} to ${rule.most}`;
  }
  return { ...identity, [key]: number };
}

function isKey(key: string): key is keyof DeviceIdentity {
  return Object.hasOwn(rules, key);
}

/** Every value that an identity has, and whether it is text. */
export const IDENTITY_KEYS: readonly { readonly key: keyof DeviceIdentity; readonly text: boolean }[] = Object.entries(
  rules,
).map(([key, rule]) => ({ key: key as keyof DeviceIdentity, text: 'pattern' in rule }));
