/**
 * scripts/check-sizes.mjs: long files, a high median and a headless
 * file are refused; tables are exempt by their marker only.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOnTree } from './tree.ts';

const HEAD = '/** What it answers for. */\n';
const lines = (count: number, head = HEAD) => head + 'export {};\n'.repeat(count - head.split('\n').length + 1);
const small = Object.fromEntries([1, 2, 3, 4].map((n) => [`src/abi/small-${n}.ts`, lines(10)]));
const check = (files: Record<string, string>) => runOnTree('check-sizes.mjs', files);

test('400 lines pass, 401 do not', () => {
  assert.deepEqual(check({ ...small, 'src/host/a.ts': lines(400) }), { status: 0, said: [] });
  const { status, said } = check({ ...small, 'src/host/a.ts': lines(401) });
  assert.equal(status, 1);
  assert.match(said[0] ?? '', /^src\/host\/a\.ts: 401 lines, 400 at most/);
});

test('C files count too', () => {
  assert.equal(check({ ...small, 'native/session.c': lines(401) }).status, 1);
  assert.equal(check({ ...small, 'native/build/x.c': lines(401) }).status, 0);
});

test('a data table is exempt when its head says so, and only its head', () => {
  const marked = '/**\n * Registers.\n * Data table.\n */\n';
  assert.equal(check({ ...small, 'src/abi/registers.ts': lines(900, marked) }).status, 0);
  assert.equal(check({ ...small, 'src/abi/registers.ts': lines(900, '// Registers.\n// Data table.\n') }).status, 0);
  assert.equal(check({ ...small, 'src/abi/registers.ts': `${lines(900)}// Data table.\n` }).status, 1);
  assert.equal(check({ ...small, 'src/abi/registers.ts': lines(900, '/** Not a Data table. */\n') }).status, 1);
});

test('a median above 100 lines is refused', () => {
  const { status, said } = check({ 'src/abi/a.ts': lines(101), 'src/abi/b.ts': lines(150), 'src/abi/c.ts': lines(20) });
  assert.equal(status, 1);
  assert.match(said[0] ?? '', /the median is 101 lines/);
});

test('a file starts with its head comment', () => {
  const { status, said } = check({ 'src/abi/a.ts': 'export {};\n' });
  assert.equal(status, 1);
  assert.match(said[0] ?? '', /^src\/abi\/a\.ts: does not start with a comment/);
});

test('a comment line of 121 columns is refused, code and strings are not', () => {
  const wide = (prefix: string, suffix = '') => `${prefix}${'x'.repeat(121 - prefix.length - suffix.length)}${suffix}`;
  const kinds: [string, string, number][] = [
    ['src/abi/a.ts', `${HEAD}${wide('// ')}\n`, 2],
    ['src/abi/a.ts', `${wide('/** ', ' */')}\nexport {};\n`, 1],
    ['src/abi/a.ts', `/**\n${wide(' * ')}\n */\nexport {};\n`, 2],
    ['native/a.c', `/* One.\n${wide(' * ', ' */')}\n`, 2],
    ['native/a.c', `/* One. */\n\t\t/* ${'x'.repeat(100)} */\n`, 2],
    ['test/a.test.ts', `${wide('  // ')}\n`, 1],
    ['scripts/a.mjs', `${wide('// ')}\n`, 1],
    ['scripts/a', `#!/bin/sh\n${wide('# ')}\n`, 2],
  ];
  for (const [file, text, line] of kinds) {
    const { status, said } = check({ ...small, [file]: text });
    assert.equal(status, 1, text);
    assert.match(said[0] ?? '', /: a comment of 12\d columns, 120 at most/);
    assert.ok(said[0]?.startsWith(`${file}:${line}:`), said[0]);
    assert.equal(check({ ...small, [file]: text.replace(/x{6}/, '') }).status, 0, text);
  }
  const fine = `${HEAD}export const url = '${'x'.repeat(121)}'; // y\n`;
  assert.equal(check({ ...small, 'src/abi/a.ts': fine, 'test/golden/a.ts': `// ${'x'.repeat(121)}\n` }).status, 0);
});
