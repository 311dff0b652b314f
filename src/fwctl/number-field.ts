/** A whole number of a message, little-endian, as pds, cxl and nova-core have them. */
import { FieldError, type FieldInput } from '../abi/bits.ts';
import type { MessageField } from './dialect.ts';

/** Bytes. */
type Width = 1 | 2 | 4 | 8;

const KIND = { 1: 'Uint8', 2: 'Uint16', 4: 'Uint32', 8: 'BigUint64' } as const;

/** `at`: offset in the message, bytes. */
export function numberField(path: string, at: number, width: Width): MessageField {
  return {
    path,
    bytes: [at, at + width],
    bits: 8 * width,
    read: (message) => message[`get${KIND[width]}`](at, true),
    write(message, input) {
      const value = fitting(path, input, 8 * width);
      if (width === 8) message.setBigUint64(at, value, true);
      else message[`set${KIND[width]}`](at, Number(value), true);
    },
  };
}

/** Those that stand wholly in the message. */
export function fieldsInside(message: DataView, fields: readonly MessageField[]): MessageField[] {
  return fields.filter(({ bytes: [, end] }) => end <= message.byteLength);
}

function fitting(path: string, input: FieldInput, bits: number): bigint {
  let value: bigint | undefined;
  try {
    if (!(input instanceof Uint8Array)) value = BigInt(input);
  } catch {
    // said below
  }
  if (value === undefined) throw new FieldError(`${path}: ${String(input)} is not a whole number`);
  if (value < 0n || value >> BigInt(bits) !== 0n)
    throw new FieldError(`${path}: ${value} does not fit into ${bits} bits`);
  return value;
}
