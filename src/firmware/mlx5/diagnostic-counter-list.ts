/**
 * The diagnostic counters that a device has, as debug_cap lists them. Positions and ids of the 13 in `known` were read
 * from a real ConnectX-6 Dx (README of mlx5ctl, diagcnt cap); what stands between them continues their ranges and is
 * invented. How many there are is the profile's cmd_hca_cap.num_of_diagnostic_counters.
 */

export interface DiagnosticCounter {
  /** 16 bits. */
  readonly id: number;
  /** Whether it can be sampled at the same instant as others. */
  readonly sync: boolean;
}

/** Position -> id. */
const known: ReadonlyMap<number, number> = new Map([
  [0, 1025],
  [1, 1026],
  [2, 1027],
  [4, 1030],
  [9, 1033],
  [10, 1034],
  [11, 1035],
  [28, 4097],
  [68, 8193],
  [73, 8198],
  [88, 11266],
  [89, 11267],
  [90, 11268],
]);

/** First position of each range, and the id that it would have there. */
const ranges: readonly (readonly [number, number])[] = [
  [88, 0x2c02],
  [68, 0x2001],
  [28, 0x1001],
  [0, 0x0440],
];

export function diagnosticCounters(count: number): readonly DiagnosticCounter[] {
  return Array.from({ length: count }, (_, position) => ({
    id: known.get(position) ?? invented(position),
    sync: true,
  }));
}

function invented(position: number): number {
  const [first, id] = ranges.find(([from]) => position >= from) ?? [0, 0];
  return id + position - first;
}

/** debug_cap's list, 4 bytes each: sync bit, id in the low half (mlx5_ifc.h: mlx5_ifc_diagnostic_cntr_layout_bits). */
export function packCounterList(counters: readonly DiagnosticCounter[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(counters.length * 4));
  counters.forEach(({ id, sync }, i) => {
    view.setUint16(i * 4, sync ? 0x8000 : 0);
    view.setUint16(i * 4 + 2, id);
  });
  return new Uint8Array(view.buffer);
}
