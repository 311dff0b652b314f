/**
 * `make fuzz`: drives the fuzzers for a time and prints figures, as a table and as one JSON line each.
 *
 *   node fuzz.js [--seconds N] [--seed N] [TARGET...]
 *
 * The time is shared by the targets (test/fuzz/targets.ts; all unless told). Exit status 1: a claim was broken; the
 * input and the seed are printed, and `--seed` with that target finds it again.
 */
import { parseArgs } from 'node:util';
import { drive } from './drive.ts';
import { FUZZ_TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(FUZZ_TARGETS);
const seed = values.seed === undefined ? Date.now() >>> 0 : Number(values.seed);
const seconds = Number(values.seconds) / names.length;
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('fuzz: --seconds and --seed take whole numbers');
  process.exit(2);
}
let failed = false;
for (const name of names) {
  const make = FUZZ_TARGETS[name];
  if (make === undefined) {
    console.error(`fuzz: there is no target ${name} (targets: ${Object.keys(FUZZ_TARGETS).join(', ')})`);
    process.exit(2);
  }
  const target = make();
  console.log(`${name}: ${target.claim} (${seconds.toFixed(0)} s, seed ${seed})`);
  try {
    console.log(JSON.stringify(drive(target, seed, seconds)));
  } catch (error) {
    failed = true;
    console.log((error as Error).message);
  }
}
process.exit(failed ? 1 : 0);
