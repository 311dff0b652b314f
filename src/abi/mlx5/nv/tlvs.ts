/** All TLVs of the non-volatile configuration, by name and by what a type dword says, with the layout of their data. */
import { type Layout, layout } from '../../bits.ts';
import { FUNCTION_TLVS } from './function-tlvs.ts';
import { GLOBAL_TLVS } from './global-tlvs.ts';
import { HOST_TLVS } from './host-tlvs.ts';
import { PORT_TLVS } from './port-tlvs.ts';
import type { NvFieldRow, NvTlvRow } from './tlv-rows.ts';

export const NV_CLASS = { GLOBAL: 0, PORT: 1, FUNCTION: 3, HOST: 7, MODULE: 9 } as const;

/** In the last dword of a layout. */
export const NV_VERSION = 'version';
const VERSION_BITS = 4;

export class NvTlv {
  /** tlv-rows.ts. */
  readonly typeClass: number;
  /** parameter_index within the class. */
  readonly index: number;
  /** Size of the data. */
  readonly bytes: number;
  readonly name: string;
  readonly rows: readonly NvFieldRow[];
  private compiled: Layout | undefined;

  constructor([typeClass, index, bytes, name, rows]: NvTlvRow) {
    this.typeClass = typeClass;
    this.index = index;
    this.bytes = bytes;
    this.name = name;
    this.rows = rows;
  }

  /** The data, and a dword behind them whose only field, `version`, is the TLV's version. */
  get layout(): Layout {
    this.compiled ??= layout(this.name, this.bytes + 4, [
      ...this.rows.map(([field, bit, bits]) => [field, bit, bits] as const),
      [NV_VERSION, this.bytes * 8 + 32 - VERSION_BITS, VERSION_BITS],
    ]);
    return this.compiled;
  }
}

export const NV_TLVS: readonly NvTlv[] = [GLOBAL_TLVS, PORT_TLVS, FUNCTION_TLVS, HOST_TLVS].flatMap((rows) =>
  rows.map((row) => new NvTlv(row)),
);

const byName = new Map(NV_TLVS.map((tlv) => [tlv.name, tlv]));
const byType = new Map(NV_TLVS.map((tlv) => [keyOf(tlv.typeClass, tlv.index), tlv]));

export function nvTlvByName(name: string): NvTlv | undefined {
  return byName.get(name);
}

export function nvTlvByType(typeClass: number, index: number): NvTlv | undefined {
  return byType.get(keyOf(typeClass, index));
}

/** The TLV whose field tools call so (an array's index aside); undefined: no tool shows such a name. */
export function nvTlvOfParameter(name: string): NvTlv | undefined {
  return NV_TLVS.find(({ rows }) => rows.some(([field, , , offered]) => field === name && offered !== undefined));
}

function keyOf(typeClass: number, index: number): number {
  return typeClass * 2 ** 24 + index;
}
