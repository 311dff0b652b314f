/** What all recorders of one recording count together, whichever threads they are in. */
import { ABI_PROFILES } from '../../abi/profiles.ts';

/** On shared memory; zeros at the start. */
export interface RecordingCells {
  /** Calls that have begun: the next one's place. */
  readonly places: Int32Array;
  /** Files of each device that have been opened: of fwctlN at N, of iommu and vfio behind them. */
  readonly files: Int32Array;
  /** 1: that masked name has been met. */
  readonly met: Int32Array;
}

const MOST_DEVICES = Math.max(...ABI_PROFILES.map(({ maxDevices }) => maxDevices));
const OTHERS = ['iommu', 'vfio'];

export function recordingCells(masked: readonly string[]): RecordingCells {
  return { places: int32(1), files: int32(MOST_DEVICES + OTHERS.length), met: int32(masked.length) };
}

/** The number of a new file, from 1 for each device. */
export function nextFile({ files }: RecordingCells, device: string): number {
  const other = OTHERS.indexOf(device);
  const index = other < 0 ? Number(device.replace(/^fwctl/, '')) : MOST_DEVICES + other;
  return Atomics.add(files, index, 1) + 1;
}

function int32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
