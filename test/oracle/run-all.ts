/**
 * Replays sections on this machine, one emulated machine each, and leaves the records in a folder:
 *
 *   node run-all.js TRANSPORT SUITE[,SUITE...] FOLDER [SECTION...]
 *
 * FOLDER/SUITE/SECTION.jsonl are the records, FOLDER/SUITE/SECTION.run.json says how the program ended. Also run inside
 * user-mode Linux.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { loadNative } from '../../src/transport/native.ts';
import { chosen, type SectionRun } from './suite.ts';
import { suiteOf } from './suites.ts';
import type { OracleTransport } from './transport.ts';

const [transport = '', suites = '', folder = '', ...names] = process.argv.slice(2);
const AUXILIARY = '/sys/bus/auxiliary/drivers';
const auxiliaryDrivers = existsSync(AUXILIARY) ? readdirSync(AUXILIARY) : [];
const native = loadNative();
const bench = { transport: transport as OracleTransport, native, buffers: new FuseBuffers(native) };
for (const suite of suites.split(',').map(suiteOf)) {
  for (const section of chosen(suite, names)) {
    const file = join(folder, suite.name, `${section.name}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    const started = performance.now();
    const run = await suite.run(bench, section, file);
    const seconds = (performance.now() - started) / 1000;
    const end: SectionRun = { ...run, seconds, linux: release(), auxiliaryDrivers };
    writeFileSync(file.replace(/\.jsonl$/, '.run.json'), JSON.stringify(end));
  }
}
process.exit(0);
