/** A number in the wrong order of bytes: the slip of a client that forgot htobe16() or htole16(). */

/** The same bits, their bytes the other way round. */
function swapped(value: number, bytes: 2 | 4): number {
  const view = new DataView(new ArrayBuffer(4));
  if (bytes === 2) view.setUint16(0, value);
  else view.setUint32(0, value);
  return bytes === 2 ? view.getUint16(0, true) : view.getUint32(0, true);
}

/**
 * `write opcode big-endian: 0x0001 is QUERY_HCA_CAP 0x0100 in the other order of bytes`; undefined: `number` is known,
 * or is not in that order either. `nameOf`: undefined for what is no command.
 */
export function otherOrder(
  field: string,
  number: number,
  bytes: 2 | 4,
  order: 'big-endian' | 'little-endian',
  nameOf: (number: number) => string | undefined,
): string | undefined {
  const other = swapped(number, bytes);
  const name = nameOf(number) === undefined ? nameOf(other) : undefined;
  if (name === undefined) return undefined;
  const hex = (value: number) => `0x${value.toString(16).padStart(2 * bytes, '0')}`;
  return `write ${field} ${order}: ${hex(number)} is ${name} ${hex(other)} in the other order of bytes`;
}
