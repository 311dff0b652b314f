/** A decoded field as people read it, in traces, recordings and messages. */

/** Its name, as its source writes it, and its value. */
export type ShownField = readonly [name: string, value: number | bigint | string];

/** Fields that people read in hex: identifiers, masks, addresses. */
const IN_HEX = /(_id|_mask|mask_\w+|_cap|guid\w*|mac_\w+|proto_(admin|oper|cap\w*))$/;

/** `pci_id=0x101d`, `psid="MT_0000000359"`. */
export function fieldText([name, value]: ShownField): string {
  if (typeof value === 'string') return `${name}=${/^[\w.:()|-]+$/.test(value) ? value : `"${printable(value)}"`}`;
  return `${name}=${IN_HEX.test(name) && value > 9 ? `0x${value.toString(16)}` : value}`;
}

/** The same with the last part of the name alone: `hw_dev_id` of `hw_info.hw_dev_id`. */
export function shortFieldText([name, value]: ShownField): string {
  return fieldText([name.slice(name.lastIndexOf('.') + 1), value]);
}

/** Nothing was set: 0, or an empty text. */
export function isZero(value: ShownField[1]): boolean {
  return value === 0 || value === 0n || value === '';
}

/** Anything but printable ASCII, and the backslash, as \xNN: what a program chose does not reach a terminal. */
export function printable(text: string): string {
  return text.replace(/[^ -[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
