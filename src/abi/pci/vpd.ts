/**
 * Vital product data: a text and keywords, as they stand in a function's ROM (PCI 3.0, appendix I). Keywords of an
 * adapter: PN part number, EC engineering change, SN serial number, Vx vendor's own; RV ends them with a checksum.
 */

export interface VitalProductData {
  /** The name of the product. */
  readonly name: string;
  /** Read-only keywords of two characters, in their order; each value has at most 255. */
  readonly keywords: readonly (readonly [keyword: string, value: string])[];
}

/** Large resources: the identifier string, and the read-only keywords; and the small one that ends all. */
const IDENTIFIER = 0x82;
const READ_ONLY = 0x90;
const END = 0x78;

/** The bytes, from address 0 to the end tag. */
export function encodeVpd({ name, keywords }: VitalProductData): Uint8Array {
  const fields = keywords.flatMap(([keyword, value]) => [...ascii(keyword), value.length, ...ascii(value)]);
  const length = fields.length + 'RV'.length + 2;
  const bytes = [...large(IDENTIFIER, name.length), ...ascii(name), ...large(READ_ONLY, length), ...fields];
  bytes.push(...ascii('RV'), 1);
  const sum = bytes.reduce((before, byte) => before + byte, 0);
  return Uint8Array.from([...bytes, -sum & 0xff, END]);
}

function large(tag: number, length: number): number[] {
  return [tag, length & 0xff, length >> 8];
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0) & 0x7f);
}
