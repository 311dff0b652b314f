/**
 * biome and the compiler as `make check` runs them: what a reader would stumble over is refused, and the tree's own way
 * of writing is not; so is what Node 18, which Debian 12 has, lacks.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

const newer: [string, string, string][] = [
  ['Array.prototype.toReversed', 'export const a = [1].toReversed();\n', 'toReversed'],
  ['Array.prototype.with', 'export const a = [1].with(0, 2);\n', "'with'"],
  ['Object.groupBy', 'export const a = Object.groupBy([1], String);\n', 'groupBy'],
  ['Promise.withResolvers', 'export const a = Promise.withResolvers();\n', 'withResolvers'],
  [
    'util.styleText',
    "import { styleText } from 'node:util';\n\nexport const a = styleText('red', 'a');\n",
    'styleText',
  ],
  ['node:sqlite', "import { DatabaseSync } from 'node:sqlite';\n\nexport const a = DatabaseSync;\n", 'node:sqlite'],
  ['process.getBuiltinModule', "export const a = process.getBuiltinModule('fs');\n", 'getBuiltinModule'],
];

test('refused: what is newer than Node 18', () => {
  const root = mkdtempSync(join(tmpdir(), 'fwctl-emu-lint-'));
  try {
    copyFileSync(join(repository, 'tsconfig.json'), join(root, 'tsconfig.json'));
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'src/good.ts'), 'export const a = structuredClone([1].at(-1));\n');
    for (const [i, [, content]] of newer.entries()) writeFileSync(join(root, `src/newer-${i}.ts`), content);
    const tsc = join(repository, 'node_modules/.bin/tsc');
    const { status, stdout } = spawnSync(tsc, ['-p', '.', '--noEmit'], { cwd: root, encoding: 'utf8' });
    assert.notEqual(status, 0);
    const said = stdout.split('\n');
    for (const [i, [what, , word]] of newer.entries())
      assert.ok(
        said.some((line) => line.startsWith(`src/newer-${i}.ts`) && line.includes(word)),
        `${what} in ${stdout}`,
      );
    assert.ok(!stdout.includes('good.ts'), stdout);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
