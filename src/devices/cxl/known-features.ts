/**
 * The features that the specification names, which the kernel keeps for its own drivers, with the data that QEMU's
 * device has at power-up (hw/mem/cxl_type3.c 0046be6e; read from it under Linux 7.3.4). No value is a real device's.
 *
 * Data table.
 */
import { FEATURE_ATTRIBUTES } from '../../abi/cxl/attributes.ts';
import type { CxlFeatureValues } from '../../abi/cxl/device-profile.ts';
import { EFFECTS } from '../../abi/cxl/features.ts';
import { hex } from '../../abi/hex.ts';

const RESERVED_9 = Array(9).fill(0);
const RESERVED_10 = Array(10).fill(0);

/** Max latency, op cap, op mode, class 1, subclass, 9 reserved bytes; flags, restrictions, mode. */
const ppr = (subclass: number) => [5, 0, 0, 0, 0, 1, subclass, ...RESERVED_9, 5, 0, 0, 1];
/** The same head with class 2 and 10 reserved bytes; restrictions: hard and soft sparing. */
const sparing = (subclass: number) => [5, 0, 0, 0, 0, 2, subclass, ...RESERVED_10, 6, 0];

const DATA: Readonly<Record<string, readonly number[]>> = {
  // can be changed, reports; 12 hours, at least 1; off
  PATROL_SCRUB: [3, 12, 1, 0],
  // by FRU; each reports, threshold 256, counts rows
  ECS: [1, 1, 3, 0, 0, 1, 3, 0, 0, 1, 3, 0, 0],
  SPPR: ppr(0),
  HPPR: ppr(1),
  CACHELINE_SPARING: sparing(0),
  ROW_SPARING: sparing(1),
  BANK_SPARING: sparing(2),
  RANK_SPARING: sparing(3),
};

/** In the order of the devices that have them, by name. `flags`: of one of that name. */
export function knownFeatures(flags: (name: string) => number): Record<string, CxlFeatureValues> {
  const rows = FEATURE_ATTRIBUTES.map(({ name, getSize, setSize, version }) => [
    name,
    {
      get: getSize,
      set: setSize,
      flags: flags(name),
      effects: EFFECTS.CONFIG_CHANGE_IMMEDIATE | EFFECTS.EFFECTS_VALID,
      get_version: version,
      set_version: version,
      like: '',
      data: hex(Uint8Array.from(DATA[name] ?? [])),
      default: '',
      saved: '',
    },
  ]);
  return Object.fromEntries(rows);
}
