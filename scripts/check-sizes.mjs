#!/usr/bin/env node
// Checks the size rules of the design over src/**/*.ts and native/*.{c,h}: half of the files of logic have 100 lines or
// fewer, none more than 400. A data table is exempt from both: a file whose head comment has the line `Data table.`
// A line of a comment has 120 columns or fewer, in test/ and scripts/ too: the formatter leaves comments as they are.
//
//   scripts/check-sizes.mjs [ROOT]     prints file: message, exits 1 when there is any

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const MEDIAN = 100;
const LONGEST = 400;
const WIDEST = 120;
const TAB = 8;

/** The comment that a file starts with; empty when it starts with code. */
function headComment(text) {
  const match = /^(?:#!.*\n)?(?:\s*(?:\/\*[\s\S]*?\*\/|\/\/.*(?:\n\s*\/\/.*)*))/.exec(text);
  return match === null ? '' : match[0];
}

function isTable(text) {
  return /^[\s/*]*Data table\.[\s*/]*$/m.test(headComment(text));
}

/** The lines of text that are comments as a whole: [number from 1, line]. */
function* commentLines(text, isShell) {
  let inBlock = false;
  for (const [i, line] of text.split('\n').entries()) {
    const start = line.trimStart();
    const opens = !isShell && start.startsWith('/*');
    if (inBlock || opens || (isShell ? /^#(?!!)/ : /^\/\//).test(start)) yield [i + 1, line];
    if (inBlock || opens) inBlock = !line.includes('*/', inBlock ? 0 : line.indexOf('/*') + 2);
  }
}

function columns(line) {
  let count = 0;
  for (const character of line) count += character === '\t' ? TAB - (count % TAB) : 1;
  return count;
}

function filesOf(root, folder, pattern) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.startsWith('native/build/') && !file.startsWith('test/golden/'))
    .sort();
}

const root = resolve(argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
const problems = [];
const logic = [];
for (const file of [...filesOf(root, 'src', /\.ts$/), ...filesOf(root, 'native', /\.[ch]$/)]) {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (headComment(text) === '') problems.push(`${file}: does not start with a comment that says what it answers for`);
  if (isTable(text)) continue;
  logic.push(lines);
  if (lines > LONGEST) {
    problems.push(
      `${file}: ${lines} lines, ${LONGEST} at most (a data table says \`Data table.\` on a line of its head)`,
    );
  }
}
const sources = ['src', 'native', 'test', 'scripts'].flatMap((folder) =>
  filesOf(root, folder, /\.([cm]?[tj]s|c|h)$|^[^.]+$/),
);
for (const file of sources) {
  const text = readFileSync(join(root, file), 'utf8');
  const isShell = /^#!.*sh$/m.exec(text)?.index === 0;
  for (const [number, line] of commentLines(text, isShell)) {
    const width = columns(line);
    if (width > WIDEST) problems.push(`${file}:${number}: a comment of ${width} columns, ${WIDEST} at most: break it`);
  }
}
logic.sort((a, b) => a - b);
const median = logic.length === 0 ? 0 : logic[Math.floor((logic.length - 1) / 2)];
if (median > MEDIAN) problems.push(`src, native: the median is ${median} lines, ${MEDIAN} at most`);
for (const problem of problems) console.error(problem);
exit(problems.length === 0 ? 0 : 1);
