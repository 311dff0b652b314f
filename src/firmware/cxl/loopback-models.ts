/**
 * The four memory devices that stood behind the recorded cxl driver, feature by feature. The UUIDs feed0000-... are
 * invented; sizes and bytes are no real device's.
 *
 * Data table.
 */
import { FEATURES_CAPABILITY, featureEntry } from '../../abi/cxl/features.ts';
import { KNOWN_FEATURES, uuidBytes } from '../../abi/cxl/uuids.ts';

/** A feature: its name in uuids.ts or `vN`, get and set size, flags, effects. */
type Row = readonly [name: string, getSize: number, setSize: number, flags: number, effects: number];

export interface LoopbackModel {
  readonly name: string;
  readonly title: string;
  readonly payloadSize: number;
  readonly capability: number;
  readonly features: readonly Row[];
  /** What the data of the feature begins with, by name. */
  readonly data?: Readonly<Record<string, readonly number[]>>;
}

const { NONE, RO, RW } = FEATURES_CAPABILITY;
const DEADBEEF = [0xef, 0xbe, 0xad, 0xde];
const VENDOR_TEST: Row = ['VENDOR_TEST', 4, 4, 0x61, 0x0201];
/** v0 to v15: each effect by itself. */
const EACH_EFFECT = Array.from({ length: 16 }, (_, bit): Row => [`v${bit}`, 16, 16, 0x61, (1 << bit) | 0x0200]);

export const LOOPBACK_MODELS: readonly LoopbackModel[] = [
  {
    name: 'cxl-loopback',
    title: "gives back what it gets, as the recorded drivers' mem0: 34 features of every effect",
    payloadSize: 512,
    capability: RW,
    data: { VENDOR_TEST: DEADBEEF },
    features: [
      ['PATROL_SCRUB', 16, 8, 0x71, 0x0202],
      ['ECS', 8, 8, 0x71, 0x0201],
      VENDOR_TEST,
      ...EACH_EFFECT,
      ['v16', 16, 16, 0x61, 0x0000],
      ['v17', 16, 16, 0x61, 0x0001],
      ['v18', 16, 16, 0x61, 0x0203],
      ['v19', 16, 16, 0x61, 0x0e01],
      ['v20', 16, 16, 0x61, 0x021e],
      ['v21', 16, 16, 0x61, 0x0241],
      ['v22', 16, 16, 0x61, 0x1201],
      ['v23', 16, 16, 0x60, 0x0201],
      ['v24', 16, 0, 0x61, 0x0201],
      ['v25', 2000, 2000, 0x61, 0x0202],
      ['v26', 64, 64, 0x01, 0x0201],
      ['v27', 16, 16, 0xffffffff, 0x0201],
      ['v28', 16, 16, 0x61, 0x02a1],
      ['SPPR', 8, 8, 0x71, 0x0e01],
      ['ROW_SPARING', 8, 8, 0x70, 0x0202],
    ],
  },
  {
    name: 'cxl-loopback-ro',
    title: 'the same as their mem1: read-only, 2 features, a mailbox of 4096 bytes',
    payloadSize: 4096,
    capability: RO,
    features: [VENDOR_TEST, ['v1', 16, 16, 0x61, 0x0202]],
  },
  {
    name: 'cxl-loopback-exclusive',
    title: "the same as their mem2: the kernel's own features alone, so that it has no fwctl device",
    payloadSize: 512,
    capability: RW,
    features: [
      ['PATROL_SCRUB', 16, 8, 0x71, 0x0202],
      ['ECS', 8, 8, 0x71, 0x0201],
    ],
  },
  {
    name: 'cxl-loopback-none',
    title: 'the same as their mem3: no features at all, so that it has no fwctl device',
    payloadSize: 512,
    capability: NONE,
    features: [],
  },
];

export interface LoopbackFeature {
  readonly entry: Uint8Array;
  readonly getSize: number;
  readonly setSize: number;
  readonly flags: number;
  /** Current, default, saved, one after another: `getSize` bytes each. */
  readonly data: Uint8Array;
}

export function loopbackFeatures({ features, data = {} }: LoopbackModel): LoopbackFeature[] {
  return features.map((row, index) => madeOf(row, index, data[row[0]] ?? []));
}

function madeOf(
  [name, getSize, setSize, flags, effects]: Row,
  index: number,
  start: readonly number[],
): LoopbackFeature {
  const entry = new Uint8Array(featureEntry.bytes);
  const view = new DataView(entry.buffer);
  entry.set(uuidOf(name), featureEntry.uuid);
  view.setUint16(featureEntry.id, index, true);
  view.setUint16(featureEntry.getSize, getSize, true);
  view.setUint16(featureEntry.setSize, setSize, true);
  view.setUint32(featureEntry.flags, flags, true);
  view.setUint8(featureEntry.getVersion, 1);
  view.setUint8(featureEntry.setVersion, 1);
  view.setUint16(featureEntry.effects, effects, true);
  const bytes = Uint8Array.from({ length: 3 * getSize }, (_, i) => index * 16 + i * 3 + Math.floor(i / getSize));
  bytes.set(start);
  return { entry, getSize, setSize, flags, data: bytes };
}

function uuidOf(name: string): Uint8Array {
  const known = KNOWN_FEATURES.find((feature) => feature.name === name)?.uuid;
  const number = Number(name.slice(1)).toString(16).padStart(12, '0');
  return uuidBytes(known ?? `feed0000-0000-0000-0000-${number}`) ?? new Uint8Array(16);
}
