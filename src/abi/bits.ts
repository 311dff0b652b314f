/**
 * Big-endian bit fields as in mlx5_ifc.h and the PRM: a table of [path, bit offset MSB first, bits] becomes accessors
 * on a DataView. As mlx5_core's MLX5_GET and MLX5_SET (include/linux/mlx5/device.h): bit b is in dword b/32, counted
 * from the most significant; no field straddles a dword, but one of 64 bits is two (high first), a wider one bytes.
 */
import { didYouMean } from './nearest-name.ts';

/** What a field holds when read: a number up to 32 bits, a bigint for 64, bytes (a copy) above. */
export type FieldValue = number | bigint | Uint8Array;
/** What may be written: a boolean is 0 or 1; a string is latin1 for a byte field (NUL-padded), a number elsewhere. */
export type FieldInput = FieldValue | boolean | string;

/** Who may change a register's field (adb: access). INDEX selects what is meant; OP and WO act and are not kept. */
export type FieldAccess = 'RO' | 'RW' | 'WO' | 'OP' | 'INDEX';

/** `path[n]` is n elements of `bits` each, one after the other from the bit offset on. */
export type FieldRow = readonly [path: string, bit: number, bits: number, access?: FieldAccess];

/** An unknown field name, or a value that does not fit. The message says which, and what would fit. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

export abstract class Field {
  readonly path: string;
  /** Bit offset from the structure's start, MSB first. */
  readonly bit: number;
  readonly bits: number;
  readonly access: FieldAccess | undefined;

  constructor(path: string, bit: number, bits: number, access: FieldAccess | undefined) {
    this.path = path;
    this.bit = bit;
    this.bits = bits;
    this.access = access;
  }

  /** First byte after the dword (or the byte run) that holds the field: so long must the structure be to read it. */
  abstract readonly end: number;
  /** Throws RangeError when the view ends before the field does. */
  abstract read(view: DataView, base: number): FieldValue;
  /** Throws FieldError when the value is of the wrong kind or too large. */
  abstract write(view: DataView, base: number, value: FieldInput): void;
}

/** Up to 32 bits in one dword. `get` and `put` are the hot, unchecked way. */
export class WordField extends Field {
  readonly byte: number;
  readonly shift: number;
  /** The field's largest value. */
  readonly max: number;
  private readonly clear: number;

  constructor(path: string, bit: number, bits: number, access: FieldAccess | undefined) {
    super(path, bit, bits, access);
    this.byte = (bit >>> 5) * 4;
    this.shift = 32 - (bit & 31) - bits;
    this.max = bits === 32 ? 0xffffffff : 2 ** bits - 1;
    this.clear = ~(this.max << this.shift);
  }

  get end(): number {
    return this.byte + 4;
  }

  get(view: DataView, base: number): number {
    return ((view.getUint32(base + this.byte) >>> this.shift) & this.max) >>> 0;
  }

  /** Bits of `value` above the field's width are dropped. */
  put(view: DataView, base: number, value: number): void {
    const at = base + this.byte;
    view.setUint32(at, ((view.getUint32(at) & this.clear) | ((value & this.max) << this.shift)) >>> 0);
  }

  read(view: DataView, base: number): number {
    return this.get(view, base);
  }

  write(view: DataView, base: number, value: FieldInput): void {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= this.max;
    this.put(view, base, fits ? value : Number(checkedInteger(this, value)));
  }
}

/** 64 bits: two dwords, the high one first. */
export class QuadField extends Field {
  readonly byte: number;

  constructor(path: string, bit: number, bits: number, access: FieldAccess | undefined) {
    super(path, bit, bits, access);
    this.byte = bit >>> 3;
  }

  get end(): number {
    return this.byte + 8;
  }

  read(view: DataView, base: number): bigint {
    return view.getBigUint64(base + this.byte);
  }

  write(view: DataView, base: number, value: FieldInput): void {
    view.setBigUint64(base + this.byte, checkedInteger(this, value));
  }
}

/** A run of bytes: names, identifiers, inline data. */
export class BytesField extends Field {
  readonly byte: number;
  readonly bytes: number;

  constructor(path: string, bit: number, bits: number, access: FieldAccess | undefined) {
    super(path, bit, bits, access);
    this.byte = bit >>> 3;
    this.bytes = bits >>> 3;
  }

  get end(): number {
    return this.byte + this.bytes;
  }

  read(view: DataView, base: number): Uint8Array {
    return new Uint8Array(view.buffer, view.byteOffset + base + this.byte, this.bytes).slice();
  }

  write(view: DataView, base: number, value: FieldInput): void {
    const source = typeof value === 'string' ? latin1(this, value) : value;
    if (!(source instanceof Uint8Array))
      throw new FieldError(`${this.path}: a text or bytes are wanted, not ${typeof value}`);
    if (source.length > this.bytes) {
      throw new FieldError(`${this.path}: ${source.length} bytes do not fit into ${this.bytes}`);
    }
    const target = new Uint8Array(view.buffer, view.byteOffset + base + this.byte, this.bytes);
    target.fill(0);
    target.set(source);
  }
}

/** A structure's fields. Compiled at first use: a table that nobody asks for costs nothing but its rows. */
export class Layout {
  readonly name: string;
  /** Size of the structure. */
  readonly bytes: number;
  private readonly rows: readonly FieldRow[];
  private compiled: ReadonlyMap<string, Field> | undefined;

  constructor(name: string, bytes: number, rows: readonly FieldRow[]) {
    this.name = name;
    this.bytes = bytes;
    this.rows = rows;
  }

  /** All fields by path, in the table's order. */
  get fields(): ReadonlyMap<string, Field> {
    this.compiled ??= compile(this.name, this.bytes, this.rows);
    return this.compiled;
  }

  has(path: string): boolean {
    return this.fields.has(path);
  }

  /** Throws FieldError with the nearest names when there is no such field. */
  field(path: string): Field {
    const field = this.fields.get(path);
    if (field === undefined) {
      throw new FieldError(`${this.name} has no field ${path}${didYouMean(path, this.fields.keys())}`);
    }
    return field;
  }

  /** A field of at most 32 bits, to be kept by who reads it often. Throws FieldError when it is unknown or wider. */
  word(path: string): WordField {
    const field = this.field(path);
    if (!(field instanceof WordField))
      throw new FieldError(`${this.name}.${path} has ${field.bits} bits, more than 32`);
    return field;
  }

  get(view: DataView, path: string, base = 0): FieldValue {
    return this.field(path).read(view, base);
  }

  set(view: DataView, path: string, value: FieldInput, base = 0): void {
    this.field(path).write(view, base, value);
  }

  /** Every field that lies wholly within `length` bytes from `base`. Never throws for a short view. */
  decode(view: DataView, base = 0, length = this.bytes): Record<string, FieldValue> {
    const available = Math.min(length, view.byteLength - base);
    const record: Record<string, FieldValue> = {};
    for (const field of this.fields.values()) {
      if (field.end <= available) record[field.path] = field.read(view, base);
    }
    return record;
  }

  /** Writes the named fields and leaves every other bit alone. */
  assign(view: DataView, values: Readonly<Record<string, FieldInput>>, base = 0): void {
    for (const [path, value] of Object.entries(values)) this.field(path).write(view, base, value);
  }

  /** A new image: the named fields, zero elsewhere. */
  encode(values: Readonly<Record<string, FieldInput>>): Uint8Array {
    const image = new Uint8Array(this.bytes);
    this.assign(new DataView(image.buffer), values);
    return image;
  }
}

/** A structure of `bytes` bytes. The rows are checked when they are compiled, at first use. */
export function layout(name: string, bytes: number, rows: readonly FieldRow[]): Layout {
  return new Layout(name, bytes, rows);
}

function compile(name: string, bytes: number, rows: readonly FieldRow[]): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const [path, bit, bits, access] of rows) {
    const array = /^(.*)\[(\d+)\]$/.exec(path);
    const count = array === null ? 1 : Number(array[2]);
    for (let i = 0; i < count; i++) {
      const element = array === null ? path : `${array[1]}[${i}]`;
      const field = makeField(name, element, bit + i * bits, bits, access);
      if (field.end > bytes) throw new FieldError(`${name}.${element} ends after the structure's ${bytes} bytes`);
      if (fields.has(element)) throw new FieldError(`${name}.${element} stands twice`);
      fields.set(element, field);
    }
  }
  return fields;
}

function makeField(name: string, path: string, bit: number, bits: number, access: FieldAccess | undefined): Field {
  if (bits >= 1 && bits <= 32 && (bit & 31) + bits <= 32) return new WordField(path, bit, bits, access);
  if (bits === 64 && (bit & 31) === 0) return new QuadField(path, bit, bits, access);
  if (bits > 64 && ((bit | bits) & 7) === 0) return new BytesField(path, bit, bits, access);
  throw new FieldError(`${name}.${path}: ${bits} bits at ${bit} are no field of this format`);
}

function checkedInteger(field: Field, value: FieldInput): bigint {
  const limit = (1n << BigInt(field.bits)) - 1n;
  let integer: bigint;
  try {
    if (value instanceof Uint8Array) throw new SyntaxError('bytes');
    if (typeof value === 'string' && value.trim() === '') throw new SyntaxError('empty');
    integer = BigInt(value);
  } catch {
    throw new FieldError(`${field.path}: ${describe(value)} is not a whole number`);
  }
  if (integer < 0n || integer > limit) {
    throw new FieldError(`${field.path}: ${integer} does not fit into ${field.bits} bits (0 to ${limit})`);
  }
  return integer;
}

function describe(value: FieldInput): string {
  if (value instanceof Uint8Array) return 'a run of bytes';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function latin1(field: Field, text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new FieldError(`${field.path}: only latin1 characters can be stored`);
    bytes[i] = code;
  }
  return bytes;
}
