/** The generated files of extras/, made anew from what is built: a clone has them where somebody made them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { repository } from './repository.ts';

/** The path of an extras/ that is gone with the tests of the file that asks. */
export function makeExtras(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-extras-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(join(repository, 'scripts/generate-extras'), [folder]);
  return join(folder, 'extras');
}
