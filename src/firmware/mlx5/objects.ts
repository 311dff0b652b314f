/**
 * The objects that exist inside the device: queues, keys, tables, vports. Each is kept as the reply of its own query
 * command, with the header zero, so that a query is one copy; a dump takes the context out of it. Objects are made at
 * power-up (world.ts) and by commands; what a user context made goes with it.
 */
import type { FieldInput, Layout } from '../../abi/bits.ts';
import type { Clock } from '../../abi/clock.ts';
import { type ObjectTypeName, objectType } from '../../abi/mlx5/objects/types.ts';
import { OWN_PORT, type PortTraffic } from './port-traffic.ts';

/** Whose objects the driver's are: uid 0 is mlx5_core's own. */
export const DRIVER = 0;

/** Counters of an object that grow with the time: field of the type's layout, and how much a second. */
export type Rates = Readonly<Record<string, number>>;

export interface Mlx5Object {
  readonly type: ObjectTypeName;
  /** Its number among its type's, 0 where there is only one (LAG, ...). Made of what: abi/mlx5/objects/types.ts. */
  readonly id: number;
  /** uid of the user context that it belongs to and goes with; DRIVER: stays until power-down. */
  readonly owner: number;
  /** Reply of its query as of `sinceNs`, bytes 0 to 15 (header) included; never shorter than the query's structure. */
  readonly image: Uint8Array;
  readonly rates: Rates;
  /** Since when the counters grow, by `objectClock`. */
  sinceNs: number;
}

export interface ObjectOptions {
  /** Default: DRIVER. */
  readonly owner?: number;
  /** Bytes behind the query's structure: the queue numbers of an RQT, the destinations of a flow. */
  readonly tail?: Uint8Array;
  readonly rates?: Rates;
  /** The clock at the creation; needed with rates. */
  readonly nowNs?: number;
}

type Values = Readonly<Record<string, FieldInput>>;

export class ObjectStore {
  private readonly filled = new Map<ObjectTypeName, Map<number, Mlx5Object>>();
  private fill: ((objects: ObjectStore) => void) | undefined;

  /** `fill` adds the objects of power-up when the first is asked for: most of a thousand devices are never asked. */
  constructor(fill?: (objects: ObjectStore) => void) {
    this.fill = fill;
  }

  private get byType(): Map<ObjectTypeName, Map<number, Mlx5Object>> {
    const { fill } = this;
    this.fill = undefined;
    fill?.(this);
    return this.filled;
  }

  /** The object, or undefined. */
  get(type: ObjectTypeName, id: number): Mlx5Object | undefined {
    return this.byType.get(type)?.get(id);
  }

  /** All of a type, ascending by id. */
  list(type: ObjectTypeName): readonly Mlx5Object[] {
    return [...(this.byType.get(type)?.values() ?? [])].sort((a, b) => a.id - b.id);
  }

  /** How many there are of a type. */
  count(type: ObjectTypeName): number {
    return this.byType.get(type)?.size ?? 0;
  }

  /** A new object; `values` are fields of the type's layout. Throws when the id is taken: who creates gives the ids. */
  add(type: ObjectTypeName, id: number, values: Values, options: ObjectOptions = {}): Mlx5Object {
    const { owner = DRIVER, tail = NO_BYTES, rates = {}, nowNs = 0 } = options;
    let objects = this.byType.get(type);
    if (objects === undefined) {
      objects = new Map();
      this.byType.set(type, objects);
    }
    if (objects.has(id)) throw new Error(`${type} ${id} exists`);
    const { layout } = objectType(type);
    const image = new Uint8Array(layout.bytes + tail.length);
    layout.assign(new DataView(image.buffer), values);
    image.set(tail, layout.bytes);
    const object: Mlx5Object = { type, id, owner, image, rates, sinceNs: nowNs };
    objects.set(id, object);
    return object;
  }

  /** False: there is none. */
  remove(type: ObjectTypeName, id: number): boolean {
    return this.byType.get(type)?.delete(id) ?? false;
  }

  /** Removes all that a user context owns (DESTROY_UCTX); how many. The driver's objects are never released. */
  release(owner: number): number {
    if (owner === DRIVER || this.fill !== undefined) return 0;
    let released = 0;
    for (const objects of this.byType.values()) {
      for (const object of [...objects.values()]) {
        if (object.owner === owner && objects.delete(object.id)) released++;
      }
    }
    return released;
  }
}

/** Types whose counters count what the function's port carries. */
const OF_PORT: ReadonlySet<ObjectTypeName> = new Set([
  'VPORT_COUNTER',
  'VNIC_ENV',
  'FLOW_COUNTER',
  'Q_COUNTER',
  'CONG_STATISTICS',
]);

/** The clock by which a type's counters grow, nanoseconds: a port's stands still while its link is down. */
export function objectClock(
  { clock, traffic }: { readonly clock: Clock; readonly traffic: PortTraffic },
  type: ObjectTypeName,
): number {
  return OF_PORT.has(type) ? traffic.clockNs(OWN_PORT) : clock.monotonicNs();
}

/** The reply of its query now, a copy: counters stand where the time has brought them. */
export function objectImage(object: Mlx5Object, nowNs: number): Uint8Array {
  const image = object.image.slice();
  const view = new DataView(image.buffer);
  const { layout } = objectType(object.type);
  const seconds = Math.max(0, nowNs - object.sinceNs) / 1e9;
  for (const [path, rate] of Object.entries(object.rates)) grow(layout, view, path, BigInt(Math.floor(seconds * rate)));
  return image;
}

/** An object's context alone (eqc, cqc, qpc, ...) now, a copy, without the command's header. */
export function objectContext(object: Mlx5Object, nowNs: number): Uint8Array {
  const { from, bytes } = objectType(object.type).context;
  return objectImage(object, nowNs).subarray(from, bytes === undefined ? undefined : from + bytes);
}

/** Its counters start again from 0. */
export function clearCounters(object: Mlx5Object, nowNs: number): void {
  const view = new DataView(object.image.buffer);
  const { layout } = objectType(object.type);
  for (const path of Object.keys(object.rates)) {
    layout.set(view, path, 0);
    const high = highHalf(layout, path);
    if (high !== undefined) layout.set(view, high, 0);
  }
  object.sinceNs = nowNs;
}

/** Adds to a counter, which wraps at its width; `x_low` carries into `x_high`. */
function grow(layout: Layout, view: DataView, path: string, by: bigint): void {
  const { bits } = layout.field(path);
  const sum = BigInt(layout.get(view, path) as number | bigint) + by;
  layout.set(view, path, BigInt.asUintN(bits, sum));
  const high = highHalf(layout, path);
  if (high !== undefined) grow(layout, view, high, sum >> BigInt(bits));
}

function highHalf(layout: Layout, path: string): string | undefined {
  const high = path.replace(/_low$/, '_high');
  return high !== path && layout.has(high) ? high : undefined;
}

const NO_BYTES = new Uint8Array(0);
