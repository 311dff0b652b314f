/**
 * Records that test/vm/sections left in a guest, against those of the recorded kernel, or against another folder's:
 *
 *   node compare.js FOLDER [OTHER] SECTION...     OTHER: a folder; without one the recordings of kernel mainline
 *
 * Prints, a section a line, how many differ, and of each what. Against recordings, which are of another firmware: what
 * it answered and counted is not compared, and cases of devices that a guest has not (raw, without info op) and
 * of the recorder's fault hook are left out.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GoldenRecord, goldenRecords } from '../conformance/golden.ts';
import { compareRecords } from '../oracle/compare.ts';

/** Of these the reply lies on the call's own structure, so that what it changes there is the firmware's. */
const ON_THE_STRUCTURE = [1523, 1525, 1527, 1529, 1531, 1532];
/** Of these the recorder's hook made the delivery fail. */
const HOOKED = { first: 1612, last: 1626 };

const [folder = '', ...rest] = process.argv.slice(2);
const other = isFolder(rest[0]) ? rest.shift() : undefined;
let differences = 0;
for (const section of rest) {
  const have = recordsIn(folder, section);
  const result =
    other === undefined
      ? compareRecords(section, kernelRecords(section).map(plain), have.filter(isAsked).map(plain))
      : compareRecords(section, recordsIn(other, section), have);
  console.log(`${section}: ${result.differences.length} differences in ${result.records} records`);
  for (const { key, want, have: had } of result.differences.slice(0, 20))
    console.log(`  ${key}\n    want ${JSON.stringify(want)}\n    have ${JSON.stringify(had)}`);
  differences += result.differences.length;
}
process.exit(differences === 0 ? 0 : 1);

function isFolder(path: string | undefined): boolean {
  return path !== undefined && existsSync(path) && statSync(path).isDirectory();
}

function recordsIn(place: string, section: string): GoldenRecord[] {
  const text = readFileSync(join(place, `${section}.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What a guest can be asked. */
function kernelRecords(section: string): GoldenRecord[] {
  return goldenRecords('mainline', section).filter(isAsked);
}

function isAsked({ id, case: text }: GoldenRecord): boolean {
  if (id === undefined || /(^| )fd=(RAW|NOINFO)/.test(String(text))) return false;
  const number = String(id).startsWith('rpc-') ? Number(String(id).slice(4)) : 0;
  return !ON_THE_STRUCTURE.includes(number) && (number < HOOKED.first || number > HOOKED.last);
}

/** Without what the firmware behind the kernel answered, and how often it was asked. */
function plain({ fw: _fw, out: _out, ...record }: GoldenRecord): GoldenRecord {
  return record;
}
