/**
 * The structures of HWRM requests and responses as words: `name` is a byte, `name:N` a little-endian number of N bytes,
 * `name*N` N bytes, `name:N*M` M numbers, `-N` N bytes that mean nothing or are a buffer's address. Behind the header;
 * of a response without its last byte, `valid`.
 */
import { FieldError, type FieldInput, type FieldValue } from '../bits.ts';
import { requestHeader } from './hwrm.ts';

/** By request's name: its structure's words, and its response's. */
export type LayoutTable = Readonly<Record<string, readonly [request: string, response: string]>>;

export interface HwrmField {
  readonly path: string;
  /** Offset in the message. */
  readonly at: number;
  readonly bytes: number;
  /** A run of bytes: the first is the highest of its number (a MAC address), or it is a text, above 8 bytes. */
  readonly run: boolean;
}

export interface HwrmLayout {
  readonly fields: readonly HwrmField[];
  /** Of the structure. */
  readonly bytes: number;
}

const REQUEST_HEAD: HwrmLayout = { fields: [], bytes: requestHeader.bytes };
const RESPONSE_HEAD: HwrmLayout = layout({ fields: [], bytes: 0 }, 'error_code:2 req_type:2 seq_id:2 resp_len:2');

export function requestLayout(words: string): HwrmLayout {
  return layout(REQUEST_HEAD, words);
}

/** `words` undefined: nothing is known of it but the header. */
export function responseLayout(words: string | undefined): HwrmLayout {
  return words === undefined ? RESPONSE_HEAD : layout(RESPONSE_HEAD, `${words} valid`);
}

/** Of a structure that has no header: counters, an entry of a list. */
export function plainLayout(words: string): HwrmLayout {
  return layout({ fields: [], bytes: 0 }, words);
}

function layout(head: HwrmLayout, words: string): HwrmLayout {
  const fields = [...head.fields];
  let at = head.bytes;
  for (const word of words.split(/\s+/).filter((each) => each !== '')) {
    const [, name = '', width = '1', count] = /^(\w+)(?::(\d))?(?:\*(\d+))?$/.exec(word) ?? [];
    const bytes = Number(width);
    if (name === '') {
      at += -Number(word);
    } else if (count === undefined || bytes === 1) {
      const run = count !== undefined;
      fields.push({ path: name, at, bytes: run ? Number(count) : bytes, run });
      at += run ? Number(count) : bytes;
    } else {
      for (let i = 0; i < Number(count); i++, at += bytes)
        fields.push({ path: `${name}[${i}]`, at, bytes, run: false });
    }
  }
  return { fields, bytes: at };
}

/** Those that stand wholly in `view`. */
export function* fieldsIn({ fields }: HwrmLayout, view: DataView): Generator<HwrmField> {
  for (const field of fields) if (field.at + field.bytes <= view.byteLength) yield field;
}

/** Writes those that are named, of the fields that stand wholly in `view`. Throws FieldError for one that is none. */
export function writeFields(layout: HwrmLayout, view: DataView, values: Readonly<Record<string, FieldInput>>): void {
  let left = Object.keys(values).length;
  for (const field of layout.fields) {
    const value = Object.hasOwn(values, field.path) ? values[field.path] : undefined;
    if (value === undefined) continue;
    left--;
    if (field.at + field.bytes <= view.byteLength) writeField(field, view, value);
  }
  if (left === 0) return;
  const known = new Set(layout.fields.map(({ path }) => path));
  throw new FieldError(`no such fields: ${Object.keys(values).filter((path) => !known.has(path))}`);
}

const LONGEST_NUMBER = 8;

export function readField({ at, bytes, run }: HwrmField, view: DataView): FieldValue {
  if (bytes > LONGEST_NUMBER) return new Uint8Array(view.buffer, view.byteOffset + at, bytes).slice();
  if (!run && bytes === 1) return view.getUint8(at);
  if (!run && bytes === 2) return view.getUint16(at, true);
  if (!run && bytes === 4) return view.getUint32(at, true);
  let value = 0n;
  for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(view.getUint8(at + (run ? i : bytes - 1 - i)));
  return bytes > 4 ? value : Number(value);
}

/** Throws FieldError for a value that does not fit. */
export function writeField({ path, at, bytes, run }: HwrmField, view: DataView, input: FieldInput): void {
  if (bytes > LONGEST_NUMBER) {
    const text = typeof input === 'string' ? latin1(input) : input;
    if (!(text instanceof Uint8Array) || text.length > bytes)
      throw new FieldError(`${path}: a text or bytes are wanted, at most ${bytes}`);
    const target = new Uint8Array(view.buffer, view.byteOffset + at, bytes);
    target.fill(0);
    target.set(text);
    return;
  }
  let value = numberOf(path, input);
  if (value < 0n || value >> BigInt(8 * bytes) !== 0n)
    throw new FieldError(`${path}: ${value} does not fit into ${8 * bytes} bits`);
  for (let i = 0; i < bytes; i++, value >>= 8n) view.setUint8(at + (run ? bytes - 1 - i : i), Number(value & 0xffn));
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function numberOf(path: string, input: FieldInput): bigint {
  try {
    if (!(input instanceof Uint8Array)) return BigInt(input);
  } catch {
    // said below
  }
  throw new FieldError(`${path}: ${String(input)} is not a whole number`);
}
