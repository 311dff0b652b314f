#!/usr/bin/env node
// Checks that what a release promises (docs/surface.txt, made by api-surface.mjs) is as it was, or that its change is
// in CHANGELOG.md: each commit, and the work at hand, that changes the one changes the other. Needs a build.
//
//   scripts/api-check.mjs [--update] [ROOT]     --update writes docs/surface.txt anew
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { apiSurface } from './api-surface.mjs';

const [SURFACE, CHANGELOG] = ['docs/surface.txt', 'CHANGELOG.md'];
const words = argv.slice(2);
const update = words.includes('--update');
const root = words.find((word) => !word.startsWith('--')) ?? fileURLToPath(new URL('..', import.meta.url));
const file = join(root, SURFACE);
const fail = (...lines) => {
  console.error(['api-check:', ...lines].join('\n  '));
  exit(1);
};

/** Lines of git's answer; undefined: this is no clone. */
function git(...args) {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', args, options).split('\n').filter(Boolean);
  } catch {
    return undefined;
  }
}

const now = await apiSurface(fileURLToPath(new URL('..', import.meta.url)));
const kept = readFileSync(file, 'utf8').split('\n').filter(Boolean);
const [before, after] = [new Set(kept), new Set(now)];
const changes = [
  ...kept.filter((line) => !after.has(line)).map((line) => `- ${line}`),
  ...now.filter((line) => !before.has(line)).map((line) => `+ ${line}`),
];
const MOST = 40;
const shown = changes.length > MOST ? [...changes.slice(0, MOST), `and ${changes.length - MOST} more`] : changes;

if (changes.length > 0 && !update)
  fail(
    `what is promised has changed, and ${SURFACE} has not:`,
    ...shown,
    `say it in ${CHANGELOG}, then: make api-check UPDATE=1`,
  );
const changed = git('diff', '--name-only', 'HEAD', '--', SURFACE, CHANGELOG);
if (changes.length > 0 || changed?.includes(SURFACE)) {
  if (changed !== undefined && !changed.includes(CHANGELOG))
    fail(`what is promised has changed, and ${CHANGELOG} says nothing of it:`, ...shown);
}
if (changes.length > 0) {
  writeFileSync(file, `${now.join('\n')}\n`);
  console.log(`${SURFACE} is written:\n  ${shown.join('\n  ')}`);
}
// A merge takes both from elsewhere.
const commits = (path) => git('log', '--no-merges', '--format=%h %s', '--', path) ?? [];
const told = new Set(commits(CHANGELOG));
const silent = commits(SURFACE).filter((commit) => !told.has(commit));
if (silent.length > 0) fail(`commits that change ${SURFACE} and not ${CHANGELOG}:`, ...silent);
console.log(`api-check: ${now.length} promises, as ${SURFACE} has them`);
