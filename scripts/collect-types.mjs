#!/usr/bin/env node
// Writes dist/types: the declarations (dist/src/**/*.d.ts) that the package's entries lead to, and no others. What they
// import from packages would have to be installed beside this one: that is refused.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const [from, to] = [join(dist, 'src'), join(dist, 'types')];
const ENTRIES = ['testkit.d.ts', 'firmware.d.ts'];
const IMPORT = /(?:\bfrom |\bimport\(|\bimport )(['"])([^'"]+)\1/g;

rmSync(to, { recursive: true, force: true });
const waiting = ENTRIES.map((entry) => join(from, entry));
const seen = new Set(waiting);
for (const file of waiting) {
  const text = readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL=.*\n?/, '');
  for (const [, , name] of text.matchAll(IMPORT)) {
    if (name.startsWith('node:')) continue;
    if (!name.startsWith('.')) throw new Error(`${relative(dist, file)}: the package's types would need ${name}`);
    const next = join(dirname(file), name.replace(/\.[jt]s$/, '.d.ts'));
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(next);
  }
  const copy = join(to, relative(from, file));
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, text);
}
