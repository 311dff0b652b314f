/** A driver of which a part is left out is a type error: the compiler asks for what the machine will ask for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repository } from '../repository.ts';
import { SLOWNESS } from '../slowness.ts';
import { TOY_DIALECT } from './dialect.ts';
import { TOY_MESSAGES } from './messages.ts';
import { TOY_DRIVER } from './row.ts';

/** The toy has what must be there and nothing else, or it would not compile. */
const PARTS = [
  { type: 'FwctlDriverRow', from: 'host/machine/driver-row.ts', members: Object.keys(TOY_DRIVER) },
  { type: 'Dialect', from: 'fwctl/dialect.ts', members: Object.keys(TOY_DIALECT) },
  { type: 'Messages', from: 'fwctl/dialect.ts', members: Object.keys(TOY_MESSAGES) },
] as const;

mkdirSync(join(repository, 'build'), { recursive: true });
const scratch = mkdtempSync(join(repository, 'build/missing-parts-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** What tsc says of that text. */
function compiled(source: string) {
  writeFileSync(join(scratch, 'fixture.ts'), source);
  const options = { compilerOptions: { noEmit: true, rootDir: '../..' }, include: ['fixture.ts'] };
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', ...options }));
  const tsc = join(repository, 'node_modules/.bin/tsc');
  return spawnSync(tsc, ['-p', scratch, '--pretty', 'false'], { encoding: 'utf8' });
}

const imports = PARTS.map(({ type, from }) => `import type { ${type} } from '../../src/${from}';\n`).join('');

test('each part of the row, the dialect and the messages is asked for by the compiler', {
  timeout: 120_000 * SLOWNESS,
}, () => {
  const rows = PARTS.flatMap(({ type, members }) =>
    members.map(
      (member) =>
        `// @ts-expect-error ${member}\nexport const no_${type}_${member}: ${type} = {} as Omit<${type}, '${member}'>;\n`,
    ),
  );
  assert.ok(rows.length > 35);
  const { status, stdout } = compiled(imports + rows.join(''));
  assert.equal(stdout, '', 'TS2578 here: that member may be left out');
  assert.equal(status, 0);
});

test('what need not be there is not asked for, which a fixture in error would say', {
  timeout: 120_000 * SLOWNESS,
}, () => {
  const optional = `// @ts-expect-error\nexport const x: FwctlDriverRow = {} as Omit<FwctlDriverRow, 'prepare' | 'check'>;\n`;
  const { status, stdout } = compiled(imports + optional);
  assert.match(stdout, /fixture\.ts.*TS2578/);
  assert.notEqual(status, 0);
});
