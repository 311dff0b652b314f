/**
 * biome as `make check` runs it: what a reader would stumble over is refused, and the tree's own way of writing is not.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../repository.ts';

const makefile = readFileSync(join(repository, 'Makefile'), 'utf8');
const [, parameters = ''] = /^check:.*\n(?:\t.*\n)*?\t\$\(BIOME\) (.*)$/m.exec(makefile) ?? [];

function lint(files: Readonly<Record<string, string>>): { status: number | null; said: string } {
  const root = mkdtempSync(join(tmpdir(), 'fwctl-emu-lint-'));
  try {
    copyFileSync(join(repository, 'biome.jsonc'), join(root, 'biome.jsonc'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const biome = join(repository, 'node_modules/.bin/biome');
    const run = spawnSync(biome, parameters.split(' '), { cwd: root, encoding: 'utf8' });
    return { status: run.status, said: run.stdout + run.stderr };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const GOOD = 'export const ONE = 1;\n\nexport interface One {\n  readonly one: number;\n}\n';

test('good files pass, and a number key stays as it is written', () => {
  const table = 'export const NAMES = {\n  0x1f: NAME,\n};\n';
  const { status, said } = lint({
    'src/abi/one.ts': GOOD.replace('ONE = 1', "NAME = 'one'"),
    'src/abi/names.ts': `import { NAME } from './one.ts';\n\n${table}`,
  });
  assert.equal(status, 0, said);
});

const refusals: [string, Record<string, string>, string][] = [
  ['a debugger', { 'src/abi/a.ts': `${GOOD}debugger;\n` }, 'noDebugger'],
  [
    'an unused import',
    { 'src/abi/one.ts': GOOD, 'src/abi/a.ts': "import { ONE } from './one.ts';\n\nexport const TWO = 2;\n" },
    'noUnusedImports',
  ],
  ['an unused variable', { 'src/abi/a.ts': `${GOOD}const two = 2;\n` }, 'noUnusedVariables'],
  ['== for ===', { 'src/abi/a.ts': 'export const same = (a: number, b: number) => a == b;\n' }, 'noDoubleEquals'],
  ['any', { 'test/a.ts': 'export const a = (b: any) => b;\n' }, 'noExplicitAny'],
  [
    'a circle',
    {
      'src/abi/a.ts': "import { B } from './b.ts';\n\nexport const A = () => B;\n",
      'src/abi/b.ts': "import { A } from './a.ts';\n\nexport const B = () => A;\n",
    },
    'noImportCycles',
  ],
  [
    'a circle of types',
    {
      'src/abi/a.ts': "import type { B } from './b.ts';\n\nexport type A = B[];\n",
      'src/abi/b.ts': "import type { A } from './a.ts';\n\nexport type B = A[];\n",
    },
    'noImportCycles',
  ],
  ['another format', { 'src/abi/a.ts': 'export const A = "a"\n' }, 'format'],
];

for (const [name, files, rule] of refusals) {
  test(`refused: ${name}`, () => {
    const { status, said } = lint(files);
    assert.equal(status, 1, said);
    assert.ok(said.includes(rule), `${rule}\nnot in\n${said}`);
  });
}
