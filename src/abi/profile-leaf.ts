/** One value of a device profile by its shape (profile-shape.ts): read from what people write, and shown to them. */
import { isHex } from './hex.ts';
import { didYouMean } from './nearest-name.ts';
import type { LeafShape, NumberShape, TextShape } from './profile-shape.ts';

export type Leaf = number | bigint | string;

/** What is wrong with one value: a clause that begins with `wanted is`. */
export class Unfit extends Error {}

/** Throws Unfit. */
export function leafValue(shape: LeafShape, input: unknown): Leaf {
  switch (shape.kind) {
    case 'text':
      return textValue(shape, input);
    case 'bytes':
      return bytesValue(shape.most, input);
    case 'wide': {
      const number = wholeOf(input);
      if (number !== undefined && number >= 0n && number < 1n << 64n) return number;
      throw new Unfit('wanted is a whole number of 64 bits');
    }
    case 'number':
      return numberValue(shape, input);
  }
}

function textValue({ pattern, wanted, unlessTold }: TextShape, input: unknown): string {
  const text = typeof input === 'number' ? String(input) : input;
  if (typeof text === 'string' && (pattern.test(text) || text === unlessTold)) return text;
  throw new Unfit(`wanted is ${wanted}`);
}

function numberValue(shape: NumberShape, input: unknown): number {
  const { least, most, names, flags } = shape;
  const named = (word: string) => {
    const found = Object.entries(names ?? {}).find(([name]) => name.toLowerCase() === word.trim().toLowerCase())?.[1];
    return found ?? (/^(\d+|0x[0-9a-f]+)$/i.test(word.trim()) ? Number(word) : Number.NaN);
  };
  let number: number;
  if (typeof input === 'boolean') number = Number(input);
  else if (typeof input !== 'string') number = Number(wholeOf(input) ?? Number.NaN);
  else if (!flags) number = named(input);
  else {
    const bits = input.split('|').map(named);
    number = bits.some(Number.isNaN) ? Number.NaN : Number(bits.reduce((all, bit) => all | BigInt(bit), 0n));
  }
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  const words =
    names === undefined ? '' : `${flags ? ', or, joined by "|", ' : ', or one of '}${Object.keys(names).join(', ')}`;
  const near = typeof input === 'string' && names !== undefined ? didYouMean(input, Object.keys(names)) : '';
  throw new Unfit(`wanted is a whole number from ${least} to ${most}${words}${near}`);
}

/** Hex digits in pairs, with `hex:` before them where they could be a number; a number is its little-endian bytes. */
function bytesValue(most: number, input: unknown): string {
  let digits: string | undefined;
  const number = typeof input === 'string' ? undefined : wholeOf(input);
  if (typeof input === 'string')
    digits = input
      .replace(/^(hex:|0x)/i, '')
      .replace(/[\s:]/g, '')
      .toLowerCase();
  else if (number !== undefined && number >= 0n) digits = littleEndian(number);
  else if (isBytes(input)) digits = Array.from(input, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (digits === undefined || !isHex(digits))
    throw new Unfit('wanted are bytes as pairs of hex digits, "hex:0102", or a number, which is little-endian');
  if (digits.length > 2 * most) throw new Unfit(`wanted are at most ${most} bytes, not ${digits.length / 2}`);
  return digits;
}

function isBytes(input: unknown): input is readonly number[] | Uint8Array {
  if (input instanceof Uint8Array) return true;
  return Array.isArray(input) && input.every((byte) => Number.isInteger(Number(byte)) && byte >= 0 && byte <= 0xff);
}

function littleEndian(number: bigint): string {
  const digits = number.toString(16);
  const pairs = digits.padStart(digits.length + (digits.length % 2), '0').match(/../g) ?? [];
  return pairs.reverse().join('');
}

function wholeOf(input: unknown): bigint | undefined {
  if (typeof input === 'bigint') return input;
  if (typeof input === 'number') return Number.isInteger(input) ? BigInt(input) : undefined;
  return typeof input === 'string' && /^(\d+|0x[0-9a-f]+)$/i.test(input) ? BigInt(input) : undefined;
}

/** As people read and write it: a number's word, where it has one. */
export function shownLeaf(shape: LeafShape, value: Leaf): Leaf {
  if (shape.kind !== 'number' || shape.names === undefined || typeof value !== 'number') return value;
  const [exact] = Object.entries(shape.names).find(([, number]) => number === value) ?? [];
  if (exact !== undefined || !shape.flags) return exact ?? value;
  const words = Object.entries(shape.names).filter(
    ([, bit]) => bit !== 0 && (BigInt(value) & BigInt(bit)) === BigInt(bit),
  );
  const rest = words.reduce((left, [, bit]) => left & ~BigInt(bit), BigInt(value));
  if (words.length === 0) return value;
  return [...words.map(([word]) => word), ...(rest === 0n ? [] : [`0x${rest.toString(16)}`])].join('|');
}
