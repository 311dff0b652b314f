/** scripts/generate-docs: writes the generated files of extras/, or with --check says which are not current. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './files.ts';

const [root = '.', mode] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const stale: string[] = [];
for (const [path, text] of await generatedFiles(version)) {
  const target = join(root, path);
  let before: string | undefined;
  try {
    before = readFileSync(target, 'utf8');
  } catch {
    before = undefined;
  }
  if (before === text) continue;
  stale.push(path);
  if (mode === '--check') continue;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
for (const path of stale) console.log(mode === '--check' ? `not current: ${path}` : path);
process.exitCode = mode === '--check' && stale.length > 0 ? 1 : 0;
