/**
 * The attributes of the features that a specification names, readable and writable: CXL 3.2, tables 8-222 and 8-223
 * (patrol scrub), 8-225 and 8-226 (ECS), 8-128 to 8-133 (PPR), 8-134 and 8-135 (sparing), as drivers/cxl/core/edac.c
 * has them; sizes and versions by QEMU's hw/cxl/cxl-mailbox-utils.c and a recording of it. A SET_FEATURE's attribute
 * changes the readable one of the same name.
 *
 * Data table.
 */

/** A little-endian number of at most 16 bits, unaligned. */
export interface Attribute {
  /** `scrub_cycle.hours`, `fru[0].ecs_config.count_mode`. */
  readonly path: string;
  /** Offset of its first byte, and its lowest bit there. */
  readonly at: number;
  readonly bit: number;
  readonly bits: number;
  /** Of a mask: its bits by name, the lowest first; '': that one has none. */
  readonly names?: readonly string[];
}

/** What a device that minds refuses, INPUT. Nobody has verified against hardware that one does. */
export interface AttributeRule {
  readonly path: string;
  readonly least?: number;
  readonly most?: number;
  /** The readable attribute that it may not be below. */
  readonly leastOf?: string;
  /** The readable attribute without which it does not change. */
  readonly needs?: string;
  /** The readable attribute in which each of its bits must be set, `shift` higher. */
  readonly within?: { readonly path: string; readonly shift: number };
}

export interface FeatureAttributes {
  /** As uuids.ts has it. */
  readonly name: string;
  /** Bytes of the readable and the writable attributes. */
  readonly getSize: number;
  readonly setSize: number;
  /** Of both. */
  readonly version: number;
  readonly readable: readonly Attribute[];
  readonly writable: readonly Attribute[];
  readonly rules: readonly AttributeRule[];
}

type Row = readonly [path: string, at: number, bit: number, bits: number, names?: string];

function attributes(...rows: readonly Row[]): Attribute[] {
  return rows.map(([path, at, bit, bits, names]) => ({
    path,
    at,
    bit,
    bits,
    ...(names !== undefined && { names: names.split(' ').map((name) => (name === '-' ? '' : name)) }),
  }));
}

/** FRUs of a DDR5 device that QEMU has: CXL_ECS_NUM_MEDIA_FRUS. */
const FRUS = [0, 1, 2];

const ECS_CONFIG = (fru: number, at: number): readonly Row[] => [
  // 3: 256 errors, 4: 1024, 5: 4096
  [`fru[${fru}].ecs_config.threshold_count`, at, 0, 3],
  // 0: rows with errors, 1: codewords
  [`fru[${fru}].ecs_config.count_mode`, at, 3, 1],
  [`fru[${fru}].ecs_config.reset_counter`, at, 4, 1],
];

const REPAIR_HEAD: readonly Row[] = [
  ['max_op_latency', 0, 0, 8],
  ['op_cap', 1, 0, 16, 'device_initiated'],
  ['op_mode', 3, 0, 16, 'device_initiated'],
  ['op_class', 5, 0, 8],
  ['op_subclass', 6, 0, 8],
];

const OP_MODE: AttributeRule = { path: 'op_mode', within: { path: 'op_cap', shift: 0 } };

function ppr(name: string, version: number): FeatureAttributes {
  return {
    name,
    getSize: 20,
    setSize: 3,
    version,
    readable: attributes(
      ...REPAIR_HEAD,
      ['ppr_flags', 16, 0, 8, 'dpa nibble_mask sparing_event_record device_initiated_at_boot'],
      ['restriction_flags', 17, 0, 16, 'media_inaccessible - data_lost'],
      ['ppr_op_mode', 19, 0, 8, 'sparing_event_record device_initiated_at_boot'],
    ),
    writable: attributes(
      ['op_mode', 0, 0, 16, 'device_initiated'],
      ['ppr_op_mode', 2, 0, 8, 'sparing_event_record device_initiated_at_boot'],
    ),
    rules: [OP_MODE, { path: 'ppr_op_mode', within: { path: 'ppr_flags', shift: 2 } }],
  };
}

function sparing(name: string): FeatureAttributes {
  return {
    name,
    getSize: 19,
    setSize: 2,
    version: 1,
    readable: attributes(...REPAIR_HEAD, ['restriction_flags', 17, 0, 16, 'unsafe_in_use hard_sparing soft_sparing']),
    writable: attributes(['op_mode', 0, 0, 16, 'device_initiated']),
    rules: [OP_MODE],
  };
}

export const FEATURE_ATTRIBUTES: readonly FeatureAttributes[] = [
  {
    name: 'PATROL_SCRUB',
    getSize: 4,
    setSize: 2,
    version: 1,
    readable: attributes(
      ['scrub_cycle_cap', 0, 0, 8, 'changeable realtime_report'],
      ['scrub_cycle.hours', 1, 0, 8],
      ['scrub_cycle.min_hours', 2, 0, 8],
      ['scrub_flags.enable', 3, 0, 1],
    ),
    writable: attributes(['scrub_cycle.hours', 0, 0, 8], ['scrub_flags.enable', 1, 0, 1]),
    rules: [{ path: 'scrub_cycle.hours', leastOf: 'scrub_cycle.min_hours', needs: 'scrub_cycle_cap' }],
  },
  {
    name: 'ECS',
    getSize: 13,
    setSize: 7,
    version: 1,
    readable: attributes(
      // 0: per DRAM, 1: per memory media FRU
      ['ecs_log_cap', 0, 0, 8],
      ...FRUS.flatMap((fru): Row[] => [
        [`fru[${fru}].ecs_cap`, 1 + 4 * fru, 0, 8, 'realtime_report'],
        ...ECS_CONFIG(fru, 2 + 4 * fru),
        [`fru[${fru}].ecs_flags`, 4 + 4 * fru, 0, 8],
      ]),
    ),
    writable: attributes(['ecs_log_cap', 0, 0, 8], ...FRUS.flatMap((fru) => ECS_CONFIG(fru, 1 + 2 * fru))),
    rules: [
      { path: 'ecs_log_cap', most: 1 },
      ...FRUS.map((fru) => ({ path: `fru[${fru}].ecs_config.threshold_count`, least: 3, most: 5 })),
    ],
  },
  ppr('SPPR', 3),
  ppr('HPPR', 3),
  sparing('CACHELINE_SPARING'),
  sparing('ROW_SPARING'),
  sparing('BANK_SPARING'),
  sparing('RANK_SPARING'),
];

/** Undefined: the specification names no attributes of a feature of that name. */
export function attributesOf(name: string | undefined): FeatureAttributes | undefined {
  return FEATURE_ATTRIBUTES.find((feature) => feature.name === name);
}

function bytesOf({ bit, bits }: Attribute): number {
  return Math.ceil((bit + bits) / 8);
}

/** Undefined: the bytes end before. */
export function readAttribute(attribute: Attribute, bytes: Uint8Array): number | undefined {
  const { at, bit, bits } = attribute;
  const length = bytesOf(attribute);
  if (at + length > bytes.length) return undefined;
  let word = 0;
  for (let i = length - 1; i >= 0; i--) word = (word << 8) | (bytes[at + i] ?? 0);
  return (word >>> bit) & ((1 << bits) - 1);
}

/** Bits of `value` above its width are lost; the bytes must be long enough. */
export function writeAttribute(attribute: Attribute, bytes: Uint8Array, value: number): void {
  const { at, bit, bits } = attribute;
  const mask = ((1 << bits) - 1) << bit;
  for (let i = 0; i < bytesOf(attribute); i++) {
    const kept = (bytes[at + i] ?? 0) & ~(mask >>> (8 * i));
    bytes[at + i] = kept | (((value << bit) & mask) >>> (8 * i));
  }
}
