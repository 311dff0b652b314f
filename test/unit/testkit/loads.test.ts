/**
 * What a test pays that has its device in its own process:
 * neither the addon nor the parsers of configuration are loaded.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { repository } from '../../repository.ts';

const KIT = new URL('../../../src/testkit.js', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-loads-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const IN_PROCESS = `
import { accessRegister, startEmulator } from ${JSON.stringify(KIT)};
const emulator = startEmulator({ faults: ['rpc:register=PAOS:error=EIO'] });
const file = await emulator.open();
await file.rpc(1, accessRegister('MGIR'), 96);
emulator.calls.expect({ register: 'MGIR', status: 'OK' }, 1);
emulator[Symbol.dispose]();
process.stdout.write(process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node')).join());
`;

/** URLs of every script that the run has loaded: coverage lists them. */
function loadedBy(name: string, ...words: string[]): { scripts: readonly string[]; stdout: string } {
  const coverage = join(scratch, name);
  const env = { ...process.env, NODE_V8_COVERAGE: coverage };
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8', env, timeout: 60_000 });
  assert.equal(status, 0, stderr);
  const files = readdirSync(coverage).map((file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')));
  return { scripts: files.flatMap(({ result }) => result.map(({ url }: { url: string }) => url)), stdout };
}

const heavy = (scripts: readonly string[]) => scripts.filter((url) => /\/node_modules\/(zod|yaml)\//.test(url));

test('in process: no addon, no zod, no yaml', () => {
  const { scripts, stdout } = loadedBy('kit', '--input-type=module', '--eval', IN_PROCESS);
  assert.equal(stdout, '');
  assert.ok(scripts.some((url) => url.endsWith('/src/testkit/emulator.js')));
  assert.deepEqual(heavy(scripts), []);
});

test('which a program that loads them would show', () => {
  const { scripts } = loadedBy('cli', MAIN, 'check', join(repository, 'examples/raw-devices.yaml'));
  assert.notDeepEqual(heavy(scripts), []);
});
