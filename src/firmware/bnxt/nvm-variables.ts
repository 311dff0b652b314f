/**
 * NVM options by number and indices, as NVM_GET_VARIABLE and NVM_SET_VARIABLE have them: data_len counts bits. A
 * variable has as many bytes as its profile says; it fits into fewer bits as long as those above are 0. Unverified.
 */
import { unhex } from '../../abi/hex.ts';

/** NVM_GET_VARIABLE_CMD_ERR_CODE_* and NVM_SET_VARIABLE_CMD_ERR_CODE_*, which begin alike. */
export const GET_ERR = { VAR_NOT_EXIST: 1, LEN_TOO_SHORT: 3, INDEX_INVALID: 4 } as const;
export const SET_ERR = { VAR_NOT_EXIST: 1, LEN_TOO_SHORT: 3, INDEX_INVALID: 5, INVALID_DATA_LEN: 8 } as const;

export type VariableKey = { readonly option: number; readonly indices: readonly number[] };

export class NvmVariables {
  /** By name; bytes in hex. */
  private defaults: Readonly<Record<string, string>>;
  /** Those that somebody has set. */
  private changed = new Map<string, string>();

  constructor(defaults: Readonly<Record<string, string>>) {
    this.defaults = defaults;
  }

  /** As they are now, by name, in hex. */
  values(): Record<string, string> {
    return { ...this.defaults, ...Object.fromEntries(this.changed) };
  }

  changes(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.changed);
  }

  /** What an operator says: that is what it is from now on, and nobody has set it. */
  adopt(name: string, digits: string): void {
    this.defaults = { ...this.defaults, [name]: digits };
    this.changed.delete(name);
  }

  /** Whether the device has a variable of that name and length. */
  fits(name: string, digits: string): boolean {
    const own = Object.hasOwn(this.defaults, name) ? this.defaults[name] : undefined;
    return own?.length === digits.length && unhex(digits) !== undefined;
  }

  /** Of one that fits. */
  restore(name: string, digits: string): void {
    this.changed.set(name, digits);
  }

  /** The variable's name; undefined: the option has none with those indices. */
  nameOf({ option, indices }: VariableKey): string | undefined {
    const plain = String(option);
    const full = [plain, ...indices].join(':');
    if (Object.hasOwn(this.defaults, full)) return full;
    return indices.every((index) => index === 0) && Object.hasOwn(this.defaults, plain) ? plain : undefined;
  }

  /** Whether the option is there with any indices. */
  has(option: number): boolean {
    return Object.keys(this.defaults).some((name) => name.split(':')[0] === String(option));
  }

  /** Its bytes; `factory`: as they came. */
  get(name: string, factory: boolean): Uint8Array {
    const digits = (factory ? undefined : this.changed.get(name)) ?? this.defaults[name] ?? '';
    return unhex(digits) ?? new Uint8Array(0);
  }

  /** `bits` of `data`; false: it is longer than the variable. */
  set(name: string, data: Uint8Array, bits: number): boolean {
    const bytes = this.get(name, true);
    if (bits > 8 * bytes.length) return false;
    bytes.fill(0);
    bytes.set(data.subarray(0, Math.ceil(bits / 8)));
    const last = Math.ceil(bits / 8) - 1;
    if (bits % 8 !== 0) bytes[last] = (bytes[last] ?? 0) & (2 ** (bits % 8) - 1);
    this.changed.set(name, Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    return true;
  }

  reset(name: string): void {
    this.changed.delete(name);
  }
}

/** The bits that the value needs, at least 1. */
export function bitsOf(bytes: Uint8Array): number {
  let top = bytes.length - 1;
  while (top >= 0 && bytes[top] === 0) top--;
  return top < 0 ? 1 : 8 * top + (32 - Math.clz32(bytes[top] ?? 0));
}
