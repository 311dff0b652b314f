/** A throw-away source tree, and one of this repository's scripts run on it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repository } from '../repository.ts';

/**
 * Runs `scripts/NAME` on a tree of these files (path to content): its exit status, and what it said on stderr, by line.
 */
export function runOnTree(
  script: string,
  files: Readonly<Record<string, string>>,
): { status: number | null; said: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'fwctl-emu-tree-'));
  try {
    mkdirSync(join(root, 'src'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const run = spawnSync(process.execPath, [join(repository, 'scripts', script), root], { encoding: 'utf8' });
    return { status: run.status, said: run.stderr.split('\n').filter((line) => line !== '') };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
