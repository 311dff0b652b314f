/** What the oracle replays: a recording's sections, how one is run, and how its records are compared. */
import type { GoldenRecord } from '../conformance/golden.ts';
import type { Comparison } from './compare.ts';
import type { Bench, BenchRun } from './in-view.ts';
import type { Section } from './sections.ts';

/** A bench that has no number for its nodes yet. */
export type BenchParts = Omit<Bench, 'major'>;

export interface Suite {
  /** `mainline`, `drivers`: what `--kernel` takes, and the folder of the records. */
  readonly name: string;
  readonly sections: readonly Section[];
  /** Replays a section on a new machine, its records going to `file`. */
  run(bench: BenchParts, section: Section, file: string): Promise<BenchRun>;
  compare(section: Section, records: readonly GoldenRecord[], run: Circumstances): Comparison;
}

/** What run-all.ts leaves beside a section's records. */
export interface SectionRun extends BenchRun {
  readonly seconds: number;
  /** The kernel of the machine that it ran on, as uname -r says it. */
  readonly linux: string;
  /** Names in that machine's own /sys/bus/auxiliary/drivers, which a view shows beside ours. */
  readonly auxiliaryDrivers: readonly string[];
}

/** What a comparison depends on. */
export type Circumstances = Pick<SectionRun, 'major' | 'auxiliaryDrivers'>;

/** `taint` means all of `taint/...`. */
export function chosen({ sections }: Suite, names: readonly string[]): Section[] {
  return sections.filter(({ name }) => names.some((one) => name === one || name.startsWith(`${one}/`)));
}
