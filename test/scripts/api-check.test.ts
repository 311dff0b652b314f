/** scripts/api-check.mjs: what a release promises changes together with CHANGELOG.md, or not at all. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repository } from '../repository.ts';

const clone = mkdtempSync(join(tmpdir(), 'fwctl-emu-surface-'));
const surface = join(clone, 'docs/surface.txt');
const changelog = join(clone, 'CHANGELOG.md');
after(() => rmSync(clone, { recursive: true, force: true }));

function check(...words: readonly string[]): { status: number | null; said: string } {
  const script = join(repository, 'scripts/api-check.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

function git(...words: readonly string[]): void {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', [...who, ...words], { cwd: clone, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

test('what is promised is what is there', () => {
  const { status, said } = check();
  assert.equal(status, 0, said);
});

test('a change needs a line in the changelog, in the same commit', () => {
  mkdirSync(join(clone, 'docs'));
  cpSync(join(repository, 'CHANGELOG.md'), changelog);
  const lines = readFileSync(join(repository, 'docs/surface.txt'), 'utf8').split('\n');
  const gone = 'command fwctl-emu run -c, --config <FILE>';
  assert.ok(lines.includes(gone));
  const kept = lines.filter((line) => line !== gone && line !== '');
  writeFileSync(surface, `${[...kept, 'command fwctl-emu walk'].join('\n')}\n`);
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'one');

  const changed = check(clone);
  assert.equal(changed.status, 1);
  assert.ok(changed.said.includes(`+ ${gone}`) && changed.said.includes('- command fwctl-emu walk'), changed.said);

  const silent = check('--update', clone);
  assert.equal(silent.status, 1);
  assert.match(silent.said, /CHANGELOG\.md says nothing of it/);

  writeFileSync(changelog, `${readFileSync(changelog, 'utf8')}- It runs.\n`);
  assert.equal(check('--update', clone).status, 0);
  assert.deepEqual(readFileSync(surface, 'utf8').split('\n'), lines);
  assert.equal(check(clone).status, 0);

  git('commit', '-qm', 'two', '--', 'docs/surface.txt');
  git('checkout', '-q', '--', 'CHANGELOG.md');
  const split = check(clone);
  assert.equal(split.status, 1);
  assert.match(split.said, /commits that change docs\/surface\.txt and not CHANGELOG\.md:\n.*two/);
});
