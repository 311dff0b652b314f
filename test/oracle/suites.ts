/**
 * All that `make oracle` replays: fwx for each recorded kernel, drvx for the drivers that fwx does not speak to, and
 * the calls whose answers are the running kernel's.
 */
import { KERNELS } from '../conformance/golden.ts';
import { DRIVERS_SUITE } from '../oracle-drivers/suite.ts';
import { fwxSuite } from './bench.ts';
import { CALLS_SUITE } from './calls-suite.ts';
import type { Suite } from './suite.ts';

export const SUITES: readonly Suite[] = [...KERNELS.map(fwxSuite), DRIVERS_SUITE, CALLS_SUITE];

/** Throws an Error that names those that there are. */
export function suiteOf(name: string): Suite {
  const suite = SUITES.find((one) => one.name === name);
  if (suite === undefined) throw new Error(`--kernel ${name}: there is ${SUITES.map((one) => one.name).join(', ')}`);
  return suite;
}
