/**
 * Runs sections of fwx on this machine, one emulated machine each, and leaves the records in a folder:
 *
 *   node run-all.js TRANSPORT KERNEL[,KERNEL...] FOLDER [SECTION...]
 *
 * FOLDER/KERNEL/SECTION.jsonl are the records, FOLDER/KERNEL/SECTION.run.json says how fwx ended. Also run inside
 * user-mode Linux.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { loadNative } from '../../src/transport/native.ts';
import { KERNELS } from '../conformance/golden.ts';
import { type OracleTransport, runFwx } from './bench.ts';
import { OPCODE_TABLE, SECTIONS } from './sections.ts';

const [transport = '', kernels = '', folder = '', ...names] = process.argv.slice(2);
const native = loadNative();
const buffers = new FuseBuffers(native);
for (const { kernel, abi } of KERNELS) {
  if (!kernels.split(',').includes(kernel)) continue;
  for (const section of [...SECTIONS, OPCODE_TABLE]) {
    if (!names.some((name) => section.name === name || section.name.startsWith(`${name}/`))) continue;
    const file = join(folder, kernel, `${section.name}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    const started = performance.now();
    const run = await runFwx(transport as OracleTransport, abi, section, file, native, buffers);
    const seconds = (performance.now() - started) / 1000;
    writeFileSync(file.replace(/\.jsonl$/, '.run.json'), JSON.stringify({ ...run, seconds }));
  }
}
process.exit(0);
