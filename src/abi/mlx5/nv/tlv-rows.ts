/**
 * The columns of the TLV tables beside this file. A field's name is the one that mstconfig shows, in capitals; where it
 * shows none, the data base's own. `offered` says when tools show a parameter: `always`, or conditions on other
 * fields, `|` of `&`: FIELD or TLV.FIELD is not 0, !FIELD is 0, FIELD=N. Nothing: never.
 */

/** MSB first. `since`: the least version of the TLV (MNVQC) that has it. */
export type NvFieldRow = readonly [name: string, bit: number, bits: number, offered?: string, since?: number];

/** The class of a TLV's type: 0 global, 1 physical port, 3 host and function, 7 host, 9 module. */
export type NvTlvRow = readonly [
  typeClass: number,
  index: number,
  bytes: number,
  name: string,
  fields: readonly NvFieldRow[],
];
