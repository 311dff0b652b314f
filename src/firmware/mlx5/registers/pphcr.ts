/**
 * PPHCR, the histogram of a FEC's corrected symbols: which bin counts what. Its counters are PPCNT's group 23h. The
 * write mask says which bins a write moves (PRM, PPHCR.bin_range_write_mask: bit x is bin x).
 */
import { PPHCR } from '../../../abi/mlx5/registers/pphcr.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf } from '../port/link.ts';
import { type FecKind, fecKind } from '../port/link-modes.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const histogram = PPHCR.word('active_hist_type');
const numberOfBins = PPHCR.word('num_of_bins');
const most = PPHCR.word('hist_max_measurement');
const least = PPHCR.word('hist_min_measurement');
const canWrite = PPHCR.word('we');
const writeMask = PPHCR.word('bin_range_write_mask');
const BINS = 19;
const ranges = Array.from({ length: BINS }, (_, i) => ({
  low: PPHCR.word(`bin_range[${i}].low_val`),
  high: PPHCR.word(`bin_range[${i}].high_val`),
}));

export interface Bin {
  /** Corrected symbols in a code word, from and to. */
  readonly low: number;
  readonly high: number;
}

/** One bin for each number of symbols, until somebody has moved them. */
export function binsOf(device: Mlx5Device, port: number, kind: FecKind): readonly Bin[] {
  const image = device.registerTable.imageOf(device, PPHCR, port);
  const moved = device.registerTable.isWritten(device, PPHCR, port);
  return ranges
    .slice(0, kind.corrects + 1)
    .map(({ low, high }, i) => (moved ? { low: low.get(image, 0), high: high.get(image, 0) } : { low: i, high: i }));
}

export function writePphcr({
  device,
  input,
  output,
  instance: port,
}: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const mask = writeMask.get(input, 0);
  const moved = device.registerTable.isWritten(device, PPHCR, port);
  for (const [i, { low, high }] of ranges.entries()) {
    if ((mask & (1 << i)) === 0) {
      low.put(input, 0, moved ? low.get(output, 0) : i);
      high.put(input, 0, moved ? high.get(output, 0) : i);
    } else if (low.get(input, 0) > high.get(input, 0)) return REFUSAL.REGISTER_VALUE;
  }
  return undefined;
}

export function computePphcr({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const { mode, fec } = linkOf(device, port);
  const kind = mode === undefined ? undefined : fecKind(fec);
  const bins = kind === undefined ? [] : binsOf(device, port, kind);
  histogram.put(output, 0, kind?.histogram ?? 0);
  numberOfBins.put(output, 0, bins.length);
  least.put(output, 0, 0);
  most.put(output, 0, kind?.corrects ?? 0);
  canWrite.put(output, 0, 1);
  for (const [i, { low, high }] of ranges.entries()) {
    low.put(output, 0, bins[i]?.low ?? 0);
    high.put(output, 0, bins[i]?.high ?? 0);
  }
}
