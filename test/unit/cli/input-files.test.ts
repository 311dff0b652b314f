/** What a command line names as an input file and is none: refused at once, in one line, whichever verb reads it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-inputs-'));
const at = (name: string) => join(scratch, name);
after(() => rmSync(scratch, { recursive: true }));
before(() => {
  assert.equal(spawnSync('mkfifo', [at('fifo.yaml')]).status, 0);
  mkdirSync(at('directory.yaml'));
  writeFileSync(at('deep.yaml'), `devices: ${'['.repeat(10_000)}`);
  writeFileSync(at('escape.yaml'), '"\\e]0;owned\\a\\r\\n\\u202e": 1\n');
  writeFileSync(at('many.yaml'), `devices:\n${'  - profile: connectx6dx\n'.repeat(20_000)}`);
});

/** Status and stderr. */
function emu(...args: string[]): [number | null, string] {
  const options = { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' } as const;
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
  return [status, stderr];
}

const VERBS: readonly (readonly [words: readonly string[], what: string])[] = [
  [['check'], 'configuration'],
  [['run', '-c'], 'configuration'],
  [['run', '--replay'], 'recording'],
  [['run', '--device'], 'profile'],
  [['profile', 'check'], 'profile'],
  [['sweep', 'merge'], 'report'],
];
for (const [words, what] of VERBS) {
  test(`${words.join(' ')}: a FIFO, a directory, a device`, () => {
    for (const [path, kind] of [
      [at('fifo.yaml'), 'a FIFO'],
      [at('directory.yaml'), 'a directory'],
      ['/dev/zero', 'a device'],
    ] as const) {
      const [status, said] = emu(...words, path, ...(words[0] === 'run' ? ['--', 'true'] : []));
      const allowed = words[0] === 'run' ? [125] : words[0] === 'sweep' ? [125, 2] : [1, 2];
      assert.ok(allowed.includes(status as number), `status ${status}`);
      assert.ok(said.endsWith(`${path}: the ${what} cannot be read (${kind}); give a regular file\n`), said);
      assert.equal(said.split('\n').length, 2);
    }
  });
}

test('check: 10,000 levels are said with their place, and no escape sequence of the file is printed', () => {
  assert.deepEqual(emu('check', at('deep.yaml')), [
    1,
    `${at('deep.yaml')}:1:109: lists and keys lie 10001 deep inside each other; a configuration takes 100\n`,
  ]);
  const [status, said] = emu('check', at('escape.yaml'));
  assert.equal(status, 1);
  assert.ok(said.startsWith(`${at('escape.yaml')}:1:1: unknown key "\\x1b]0;owned\\x07\\x0d\\n\\u202e" (keys: `), said);
});

test('check: 20,000 entries are read in seconds, to say that they are too many', () => {
  const [status, said] = emu('check', at('many.yaml'));
  assert.equal(status, 1);
  assert.match(said, /many\.yaml:20001:\d+: 20000 devices are more than the 4096 that this kernel has numbers for/);
});
