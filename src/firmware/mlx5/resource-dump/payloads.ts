/**
 * What a dump of each kind of segment holds. Objects are those that the query commands show: their context (or whole
 * reply), then a private part. What only the chip knows (private parts, slices, steering memory) is not public: filler.
 */
import { type ObjectTypeName, objectType } from '../../../abi/mlx5/objects/types.ts';
import type { Mlx5Device } from '../device.ts';
import { type Mlx5Object, objectClock, objectContext, objectImage } from '../objects.ts';
import { type MenuRecord, menuRecord } from './menu.ts';
import type { DumpArguments } from './segments.ts';

export interface Resource {
  readonly index1: number;
  readonly index2: number;
  readonly payload: Uint8Array;
}

/** Where a segment type's contents come from. */
type Source =
  | { readonly kind: 'context' | 'reply'; readonly types: readonly ObjectTypeName[]; readonly all?: true }
  /** A queue's ring: entries of 64 bytes. */
  | { readonly kind: 'ring'; readonly types: readonly ObjectTypeName[] }
  /** Chip memory: `count` items; 0: one that has no index. */
  | { readonly kind: 'chip'; readonly count: number; readonly all?: true };

const SENDERS: readonly ObjectTypeName[] = ['QP', 'SQ'];
const RECEIVERS: readonly ObjectTypeName[] = ['QP', 'RQ'];

const sources: Readonly<Record<number, Source>> = {
  0x0002: { kind: 'context', types: SENDERS },
  0x0003: { kind: 'context', types: SENDERS },
  0x0004: { kind: 'context', types: RECEIVERS },
  0x0005: { kind: 'context', types: ['QP'] },
  0x0021: { kind: 'context', types: ['MKEY'] },
  0x1000: { kind: 'context', types: ['QP', 'SQ', 'RQ'] },
  0x1001: { kind: 'ring', types: SENDERS },
  0x1002: { kind: 'ring', types: RECEIVERS },
  0x1010: { kind: 'chip', count: 0 },
  0x1020: { kind: 'chip', count: 64 },
  0x1021: { kind: 'chip', count: 8, all: true },
  0x1030: { kind: 'chip', count: 0 },
  0x103c: { kind: 'chip', count: 0 },
  0x1040: { kind: 'context', types: ['SCHEDULING_ELEMENT'] },
  0x1048: { kind: 'chip', count: 0 },
  0x104b: { kind: 'chip', count: 0 },
  0x1050: { kind: 'chip', count: 0 },
  0x1053: { kind: 'chip', count: 8 },
  0x1100: { kind: 'context', types: ['SRQ', 'XRC_SRQ', 'RMP', 'XRQ'] },
  0x1101: { kind: 'ring', types: ['SRQ', 'XRC_SRQ', 'RMP', 'XRQ'] },
  0x1200: { kind: 'context', types: ['CQ'] },
  0x1201: { kind: 'ring', types: ['CQ'] },
  0x1300: { kind: 'context', types: ['EQ'] },
  0x1301: { kind: 'ring', types: ['EQ'] },
  0x1310: { kind: 'chip', count: 1024 },
  0x1311: { kind: 'chip', count: 16, all: true },
  0x1312: { kind: 'chip', count: 1024 },
  0x1313: { kind: 'chip', count: 16 },
  0x1318: { kind: 'reply', types: ['FLOW_COUNTER'] },
  0x1320: { kind: 'reply', types: ['PACKET_REFORMAT_CONTEXT'] },
  0x2000: { kind: 'chip', count: 8 },
  0x2001: { kind: 'chip', count: 8, all: true },
  0x2020: { kind: 'chip', count: 64 },
  0x3000: { kind: 'chip', count: 8 },
  0x3001: { kind: 'chip', count: 8, all: true },
  0x4000: { kind: 'reply', types: ['QP'] },
  0x4008: { kind: 'reply', types: ['VNIC_ENV'] },
  0x4010: { kind: 'reply', types: ['FLOW_TABLE'] },
  0x4011: { kind: 'reply', types: ['FLOW_TABLE'], all: true },
  0x4012: { kind: 'reply', types: ['FLOW_GROUP'] },
  0x4013: { kind: 'reply', types: ['FLOW_GROUP'], all: true },
  0x4014: { kind: 'reply', types: ['FLOW_TABLE_ENTRY'] },
  0x4015: { kind: 'reply', types: ['FLOW_TABLE_ENTRY'], all: true },
  0x4020: { kind: 'reply', types: ['CQ'] },
  0x4030: { kind: 'reply', types: ['MKEY'] },
  0x5000: { kind: 'chip', count: 0 },
};

/** Shortest payload of a resource: with it even a single one needs a second window. */
const LEAST_BYTES = 256;
const ENTRY_BYTES = 64;
/** Entries of a ring that are dumped when no number, or `all`, is asked for. */
const RING_ENTRIES = 16;
/** num_of_obj: special values (mstflint's resourcedump: NUM_OF_OBJ_ALL, NUM_OF_OBJ_ACTIVE). */
export const ALL = 0xffff;
export const ACTIVE = 0xfffe;
const LOW_24 = 0xff_ffff;

/** What a dump shows; empty: no such object. */
export function resourcesOf(device: Mlx5Device, asked: DumpArguments): readonly Resource[] {
  const source = sources[asked.segmentType];
  const record = menuRecord(asked.segmentType);
  if (source === undefined || record === undefined) return [];
  if (source.kind === 'chip') return chipResources(source, asked);
  const found = objectsOf(device, source, record, asked);
  if (source.kind === 'ring') return found.slice(0, 1).flatMap(() => ringEntries(asked));
  return found.map((object) => {
    const now = objectClock(device, object.type);
    const bytes = source.kind === 'reply' ? objectImage(object, now) : objectContext(object, now);
    const [index1, index2] = indexesOf(object, asked);
    return { index1, index2, payload: withPrivatePart(asked.segmentType, object.id, bytes) };
  });
}

function objectsOf(
  device: Mlx5Device,
  source: Source & { readonly types: readonly ObjectTypeName[]; readonly all?: true },
  record: MenuRecord,
  { index1, index2, numOfObj1 }: DumpArguments,
): readonly Mlx5Object[] {
  const type = source.types.find((name) => device.objects.list(name).some((object) => matches(object, index1)));
  const objects = (type === undefined ? [] : device.objects.list(type)) as readonly Mlx5Object[];
  if (source.all) {
    // The children of a table by its number, or all there are.
    const list = device.objects.list(source.types[0] as ObjectTypeName);
    return record.index1 === 'N/A' ? list : list.filter((object) => Math.floor(object.id / 2 ** 24) === index1);
  }
  if (source.types[0] === 'FLOW_GROUP' || source.types[0] === 'FLOW_TABLE_ENTRY') {
    return device.objects.list(source.types[0]).filter(({ id }) => id === index1 * 2 ** 24 + index2);
  }
  if (numOfObj1 > 1) return objects.filter((object) => (object.id & LOW_24) >= index1).slice(0, numOfObj1);
  return objects.filter((object) => matches(object, index1)).slice(0, 1);
}

/** Tables and schedulers are known to a dump by their second number alone. */
function matches(object: Mlx5Object, index: number): boolean {
  return (objectType(object.type).idFields.length === 2 ? object.id % 2 ** 24 : object.id) === index;
}

function indexesOf(object: Mlx5Object, asked: DumpArguments): readonly [number, number] {
  const low = object.id % 2 ** 24;
  const isChild = object.type === 'FLOW_GROUP' || object.type === 'FLOW_TABLE_ENTRY';
  return isChild ? [Math.floor(object.id / 2 ** 24), low] : [low, asked.index2];
}

function ringEntries({ segmentType, index1, index2, numOfObj2 }: DumpArguments): readonly Resource[] {
  const count = numOfObj2 === 0 || numOfObj2 >= ACTIVE ? RING_ENTRIES : Math.min(numOfObj2, RING_ENTRIES);
  return Array.from({ length: count }, (_, i) => ({
    index1,
    index2: index2 + i,
    payload: filler(segmentType, index1, index2 + i, ENTRY_BYTES),
  }));
}

function chipResources(
  source: Source & { readonly kind: 'chip' },
  { segmentType, index1, numOfObj1 }: DumpArguments,
): readonly Resource[] {
  const first = source.all ? 0 : index1;
  if (source.count > 0 && first >= source.count) return [];
  const asked = numOfObj1 === 0 || numOfObj1 >= ACTIVE ? 1 : numOfObj1;
  const count = source.all ? source.count : source.count === 0 ? 1 : Math.min(asked, source.count - first);
  return Array.from({ length: count }, (_, i) => ({
    index1: first + i,
    index2: 0,
    payload: filler(segmentType, first + i, 0, LEAST_BYTES),
  }));
}

function withPrivatePart(segmentType: number, id: number, bytes: Uint8Array): Uint8Array {
  const payload = new Uint8Array(Math.max(LEAST_BYTES, Math.ceil(bytes.length / 4) * 4));
  payload.set(filler(segmentType, id, 0, payload.length));
  payload.fill(0, 0, Math.ceil(bytes.length / 4) * 4);
  payload.set(bytes);
  return payload;
}

/** xorshift32, seeded by what is dumped; the same bytes every time. */
function filler(segmentType: number, index1: number, index2: number, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  let state = (Math.imul(segmentType + 1, 0x9e3779b1) ^ Math.imul(index1 + 1, 0x85ebca6b) ^ index2) >>> 0 || 1;
  for (let i = 0; i < bytes; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    payload[i] = state & 0xff;
  }
  return payload;
}
