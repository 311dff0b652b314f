/** The attributes of a feature that the specification names, as fields of a message that has its data. */
import { FieldError, type FieldInput } from '../../../abi/bits.ts';
import { type Attribute, readAttribute, writeAttribute } from '../../../abi/cxl/attributes.ts';
import { bitNames } from '../../../abi/cxl/bit-names.ts';
import type { ByteRange, MessageField } from '../../../fwctl/dialect.ts';

/** Those that lie wholly in [from, end) of a message, where the feature's first byte would be at `first`. */
export function attributeFields(
  rows: readonly Attribute[],
  first: number,
  from: number,
  end: number,
): AttributeField[] {
  return rows.map((row) => new AttributeField(row, first)).filter(({ bytes }) => bytes[0] >= from && bytes[1] <= end);
}

export class AttributeField implements MessageField {
  readonly path: string;
  readonly bits: number;
  readonly bytes: ByteRange;
  private readonly placed: Attribute;

  constructor(attribute: Attribute, first: number) {
    const { path, at, bit, bits } = attribute;
    this.path = path;
    this.bits = bits;
    this.bytes = [first + at, first + at + Math.ceil((bit + bits) / 8)];
    this.placed = { ...attribute, at: first + at };
  }

  read(message: DataView): number {
    return readAttribute(this.placed, bytesOf(message)) ?? 0;
  }

  write(message: DataView, value: FieldInput): void {
    const number = value instanceof Uint8Array ? Number.NaN : Number(value);
    const most = 2 ** this.bits - 1;
    if (!Number.isInteger(number) || number < 0 || number > most)
      throw new FieldError(`${this.path}: wanted is a whole number from 0 to ${most}, not ${String(value)}`);
    writeAttribute(this.placed, bytesOf(message), number);
  }

  /** As people read it: a mask's bits by name. */
  text(message: DataView): number | string {
    const value = this.read(message);
    const { names } = this.placed;
    if (names === undefined) return value;
    const bits = names.flatMap((name, bit) => (name === '' ? [] : [[name, 1 << bit] as const]));
    return bitNames(value, Object.fromEntries(bits));
  }
}

function bytesOf(message: DataView): Uint8Array {
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}
