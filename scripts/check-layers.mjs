#!/usr/bin/env node
// Checks the import rules of the design over src/**/*.ts: which layer may import which, and what is kept out of the pure ones.
// The rules are the table; a new folder of src/ needs a row.
//
//   scripts/check-layers.mjs [ROOT]     prints file:line: message, exits 1 when there is any

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

// may: folders (`kernel/`) or files (`firmware/mailbox.ts`) of other layers.
// pure: no node:, no npm package, no Buffer, process, timers, clock, randomness or console.
// apart: subfolders that may not import each other (one a device kind).
const LAYERS = [
  { layer: 'abi', pure: true, may: [] },
  { layer: 'kernel', pure: true, may: ['abi/'] },
  { layer: 'fwctl', pure: true, may: ['kernel/', 'abi/'] },
  { layer: 'iommufd', pure: true, may: ['kernel/', 'abi/'] },
  { layer: 'firmware', pure: true, may: ['abi/'] },
  { layer: 'drivers', pure: true, apart: true, may: ['firmware/mailbox.ts', 'fwctl/', 'kernel/', 'abi/'] },
  { layer: 'devices', pure: true, may: ['firmware/', 'abi/'] },
  { layer: 'host', may: ['drivers/', 'iommufd/', 'fwctl/', 'kernel/', 'abi/', 'devices/', 'firmware/'] },
  { layer: 'transport', may: ['kernel/', 'abi/'] },
  { layer: 'view', may: ['host/', 'transport/', 'fwctl/', 'kernel/', 'abi/'] },
  { layer: 'control', may: ['host/', 'fwctl/', 'kernel/', 'abi/'] },
  {
    layer: 'cli',
    may: ['view/', 'control/', 'host/', 'transport/', 'devices/', 'iommufd/', 'fwctl/', 'kernel/', 'abi/'],
  },
  {
    layer: 'testkit',
    may: ['host/', 'transport/inprocess.ts', 'control/client.ts', 'fwctl/', 'kernel/', 'abi/', 'devices/'],
  },
  // The package's own entry files, src/*.ts.
  { layer: '.', may: ['testkit/', 'cli/', 'control/', 'host/', 'transport/', 'devices/', 'kernel/', 'abi/'] },
];

// The only places that may load the addon.
const ADDON = ['transport/native.ts', 'view/'];

const IMPURE =
  /(?<![.\w])(?:Buffer\b|(?:process|console|performance|Date)\.(?=\w)|Math\.random|set(?:Timeout|Interval|Immediate)(?=\s*\())/g;

/** Comments and the contents of strings become blanks of the same length; `strings` keeps the contents by offset. */
function blank(source) {
  const out = source.split('');
  const strings = new Map();
  const wipe = (from, to) => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' ';
  };
  let i = 0;
  const templates = []; // brace depth inside each open `${`
  const template = (from) => {
    let end = from;
    while (end < source.length && source[end] !== '`' && !source.startsWith('${', end))
      end += source[end] === '\\' ? 2 : 1;
    wipe(from, end);
    if (source[end] === '`') return end + 1;
    templates.push(0);
    return end + 2;
  };
  while (i < source.length) {
    const c = source[i];
    if (source.startsWith('//', i)) {
      const end = source.indexOf('\n', i);
      wipe(i, end < 0 ? source.length : end);
      i = end < 0 ? source.length : end;
    } else if (source.startsWith('/*', i)) {
      const end = source.indexOf('*/', i + 2);
      wipe(i, end < 0 ? source.length : end + 2);
      i = end < 0 ? source.length : end + 2;
    } else if (c === "'" || c === '"') {
      let end = i + 1;
      while (end < source.length && source[end] !== c && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1;
      strings.set(i, source.slice(i + 1, end));
      wipe(i + 1, end);
      i = end + 1;
    } else if (c === '/' && /(^|[=(,:!&|?{};\n]|return)\s*$/.test(out.slice(Math.max(0, i - 20), i).join(''))) {
      let end = i + 1;
      for (let set = false; end < source.length && source[end] !== '\n' && (set || source[end] !== '/'); end++) {
        if (source[end] === '\\') end++;
        else if (source[end] === '[') set = true;
        else if (source[end] === ']') set = false;
      }
      wipe(i + 1, end);
      i = end + 1;
    } else if (c === '`') {
      i = template(i + 1);
    } else {
      if (templates.length > 0 && c === '{') templates[templates.length - 1]++;
      if (templates.length > 0 && c === '}') {
        if (templates.at(-1) === 0) {
          templates.pop();
          i = template(i + 1);
          continue;
        }
        templates[templates.length - 1]--;
      }
      i++;
    }
  }
  return { code: out.join(''), strings };
}

/** Every module named by a file: import, import type, export from, import(), require(). */
function imports(code, strings) {
  const found = [];
  const patterns = [
    /\b(?:import|export)\b(?:[\s\w$*{},]*?)\bfrom\s*(['"])/g,
    /\bimport\s*(['"])/g,
    /\b(?:import|require|createRequire\([^)]*\))\s*\(\s*(['"])/g,
  ];
  for (const pattern of patterns) {
    for (const match of code.matchAll(pattern)) {
      const quote = match.index + match[0].length - 1;
      found.push({ at: quote, name: strings.get(quote) ?? '', reexport: match[0].startsWith('export') });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Refusals of one file, `path` relative to src/, with forward slashes. */
function checkFile(path, source) {
  const { code, strings } = blank(source);
  const problems = [];
  const refuse = (at, message) => problems.push({ line: source.slice(0, at).split('\n').length, message });
  const layerOf = (file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
  const within = (file, places) =>
    places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
  const layer = layerOf(path);
  const row = LAYERS.find((candidate) => candidate.layer === layer);
  if (row === undefined) {
    refuse(0, `src/${layer}/ is no layer of the design: add a row to scripts/check-layers.mjs, or move the file`);
    return problems;
  }

  for (const { at, name, reexport } of imports(code, strings)) {
    if (!name.startsWith('.')) {
      if (row.pure) refuse(at, `${layer} may not import '${name}': it is pure (no node:, no packages)`);
      continue;
    }
    if (name.endsWith('.node')) continue; // judged below, wherever the name stands
    const target = posix.normalize(posix.join(posix.dirname(path), name));
    if (target.startsWith('../')) {
      if (!within(path, ADDON)) refuse(at, `'${name}' leaves src/`);
      continue;
    }
    if (reexport && row.layer !== '.') refuse(at, `no barrels: import from '${target}' where it is used`);
    const other = layerOf(target);
    if (other !== layer && !within(target, row.may)) {
      const allowed = row.may.length === 0 ? 'nothing of other layers' : row.may.join(' ');
      refuse(at, `${layer} may not import src/${target}; it may import ${allowed}`);
    }
    if (row.apart && other === layer) {
      const [own, theirs] = [path.split('/'), target.split('/')];
      if (own.length > 2 && theirs.length > 2 && own[1] !== theirs[1]) {
        refuse(at, `${layer}/${own[1]} may not import ${layer}/${theirs[1]}: each stands alone`);
      }
    }
  }

  if (row.pure) {
    for (const match of code.matchAll(IMPURE)) {
      const what = match[0].replace(/\.$/, '');
      refuse(match.index, `${layer} may not use ${what}: it is pure (time and randomness are injected, abi/clock.ts)`);
    }
  }
  if (!within(path, ADDON)) {
    for (const match of code.matchAll(/\bdlopen\b/g)) {
      refuse(match.index, `dlopen loads the addon: only ${ADDON.join(' and ')} may`);
    }
    for (const [at, text] of strings) {
      if (/\.node$|build\/(Release|Debug)\//.test(text)) {
        refuse(at, `only ${ADDON.join(' and ')} may name the addon: '${text}'`);
      }
    }
  }
  for (const match of code.matchAll(/^(?:export )?(?:let|var) /gm)) {
    refuse(match.index, 'no module-level mutable state: give it to an object that somebody owns');
  }
  return problems;
}

const root = resolve(argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
const src = join(root, 'src');
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(src, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'))
  .sort();
let count = 0;
for (const file of files) {
  for (const { line, message } of checkFile(file, readFileSync(join(src, file), 'utf8'))) {
    console.error(`src/${file}:${line}: ${message}`);
    count++;
  }
}
if (count > 0) console.error(`check-layers: ${count} refused in ${files.length} files`);
exit(count === 0 ? 0 : 1);
