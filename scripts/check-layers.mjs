#!/usr/bin/env node
// Checks the import rules of the design over src/**/*.ts: which room may import which, and what is kept out of the pure
// ones. The rules are the table; a new folder of src/ needs a row, unless it is a part of the room that it stands in.
//
//   scripts/check-layers.mjs [ROOT]     prints file:line: message, exits 1 when there is any

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

// A file belongs to the longest room that it stands in; inside of a room everything may be imported.
// may: folders (`kernel/`) or files (`transport/inprocess.ts`) of other rooms; NAME is the vendor's that the file
// belongs to.
// pure: no node:, no npm package, no Buffer, process, timers, clock, randomness or console.
// apart: vendors that may not import each other. A vendor is a folder of the room; with 'files' a file too, up to its
// first "-".
const ROOMS = [
  { room: 'abi', pure: true, may: [] },
  { room: 'kernel', pure: true, may: ['abi/'] },
  { room: 'fwctl', pure: true, may: ['kernel/', 'abi/'] },
  { room: 'iommufd', pure: true, may: ['kernel/', 'abi/'] },
  { room: 'firmware', pure: true, apart: 'folders', may: ['abi/'] },
  // A driver knows its firmware by its door alone: a mailbox (mlx5, cxl), HWRM (bnxt), an admin queue (pds).
  {
    room: 'drivers',
    pure: true,
    apart: 'folders',
    may: [...['mailbox', 'hwrm', 'adminq'].map((door) => `firmware/NAME/${door}.ts`), 'fwctl/', 'kernel/', 'abi/'],
  },
  { room: 'devices', pure: true, apart: 'folders', may: ['abi/'] },
  { room: 'transport', may: ['kernel/', 'abi/'] },

  { room: 'host/config', may: ['kernel/', 'abi/'] },
  { room: 'host/profiles', may: ['host/config/', 'abi/'] },
  {
    room: 'host/machine',
    may: ['host/machine/drivers/', 'host/profiles/', 'host/config/', 'fwctl/', 'kernel/', 'abi/'],
  },
  {
    room: 'host/machine/drivers',
    apart: 'files',
    may: [
      'host/machine/',
      'host/profiles/',
      'host/config/',
      'drivers/NAME/',
      'firmware/NAME/',
      'devices/NAME/',
      'iommufd/',
      'fwctl/',
      'kernel/',
      'abi/',
    ],
  },
  // None knows another, nor any driver: a machine gives them its dialects.
  ...['trace', 'faults', 'recording', 'stats'].map((name) => ({
    room: `host/interceptors/${name}`,
    may: [
      'host/machine/interceptor.ts',
      'host/machine/load-messages.ts',
      'host/config/',
      'iommufd/',
      'fwctl/',
      'kernel/',
      'abi/',
    ],
  })),

  // view and serve show a machine's nodes: in the private view of one command, and to everybody. serve also makes the
  // nodes of a view by CUSE (run-cuse.ts), and takes the machine's numbers for them as the view does: serve -> view.
  { room: 'view', may: ['host/machine/host-device.ts', 'transport/', 'kernel/', 'abi/'] },
  // serve -> host: the devices it serves. serve -> transport: what it serves them by. serve -> abi: names of errnos.
  { room: 'serve', may: ['view/', 'host/machine/', 'host/config/', 'transport/', 'abi/'] },
  { room: 'control', may: ['host/machine/', 'host/interceptors/', 'host/config/', 'kernel/', 'abi/'] },
  // One assembly of a machine where cli and testkit had one each. emulator -> host: the parts. emulator -> transport,
  // -> fwctl: devices of the real machine, and recordings, that answer as drivers do. emulator -> abi: the kernel that
  // is emulated.
  {
    room: 'emulator',
    may: ['host/machine/', 'host/interceptors/', 'host/config/', 'transport/', 'fwctl/', 'abi/'],
  },
  // cli -> serve, cli -> emulator: what it composes; both were folders of it.
  ...['cli', 'cli/sweep', 'cli/profile', 'cli/doctor', 'cli/generate'].map((room) => ({
    room,
    may: [
      // The verbs load the rooms inside; those know what all verbs have in common, and not each other.
      ...(room === 'cli' ? ['cli/'] : ['cli/*']),
      'emulator/',
      'control/',
      'serve/',
      'view/',
      'host/machine/',
      'host/interceptors/',
      'host/profiles/',
      'host/config/',
      'transport/',
      'fwctl/',
      'kernel/',
      'abi/',
    ],
  })),
  // testkit -> emulator: instead of an assembly of its own. testkit -> fwctl: the dialect in which it tells what a call
  // was.
  {
    room: 'testkit',
    may: [
      'emulator/',
      'host/machine/',
      'host/interceptors/',
      'host/config/',
      'transport/inprocess.ts',
      'fwctl/',
      'kernel/',
      'abi/',
    ],
  },
  // The package's own entry files, src/*.ts.
  { room: '.', may: ['testkit/', 'abi/'] },
];

// Pairs of folders of src/ of which one imports the other: each one more is one more thing to know. 42 before serve and
// emulator were rooms; those that came with them have their reason in the table.
const ARROWS = 52;

// Rooms with one way in.
const DOORS = [
  {
    room: 'host/machine/drivers',
    by: ['host/machine/drivers.ts'],
    why: 'nobody knows a driver by name: take the row from host/machine/drivers.ts',
  },
];

// The only places that may construct a machine; what a driver is made of, they alone may import.
const CONSTRUCT = ['host/machine/', 'emulator/'];

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

const roomOf = (file) =>
  ROOMS.filter(({ room }) => (room === '.' ? !file.includes('/') : file.startsWith(`${room}/`))).sort(
    (a, b) => b.room.length - a.room.length,
  )[0];

/** The folder of src/ that a file is in. */
const topOf = (file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');

/** Whose a file of that room is; undefined: everybody's. */
function vendorOf(file, { room, apart }) {
  const [first, ...deeper] = file.slice(room.length + 1).split('/');
  if (deeper.length > 0) return first;
  return apart === 'files' ? first.replace(/(-.*)?\.ts$/, '') : undefined;
}

/** A place is a folder `a/`, the files of a folder without those inside of it `a/*`, or a file. */
const within = (file, places) =>
  places.some((place) => {
    if (place.endsWith('/')) return file.startsWith(place);
    return place.endsWith('/*') ? dirname(file) === place.slice(0, -2) : file === place;
  });

/** Refusals of one file, `path` relative to src/, with forward slashes. Notes in `arrows` which folder it leads to. */
function checkFile(path, source, arrows) {
  const { code, strings } = blank(source);
  const problems = [];
  const refuse = (at, message) => problems.push({ line: source.slice(0, at).split('\n').length, message });
  const row = roomOf(path);
  if (row === undefined) {
    const folder = dirname(path);
    refuse(0, `src/${folder}/ is no room of the design: add a row to scripts/check-layers.mjs, or move the file`);
    return problems;
  }
  const { room } = row;
  const vendor = vendorOf(path, row);
  const may = row.may.filter((place) => vendor !== undefined || !place.includes('NAME'));
  const places = may.map((place) => place.replace('NAME', vendor));

  for (const { at, name, reexport } of imports(code, strings)) {
    if (!name.startsWith('.')) {
      if (row.pure) refuse(at, `${room} may not import '${name}': it is pure (no node:, no packages)`);
      continue;
    }
    if (name.endsWith('.node')) continue; // judged below, wherever the name stands
    const target = posix.normalize(posix.join(posix.dirname(path), name));
    if (target.startsWith('../')) {
      if (!within(path, ADDON)) refuse(at, `'${name}' leaves src/`);
      continue;
    }
    if (reexport && room !== '.') refuse(at, `no barrels: import from '${target}' where it is used`);
    if (topOf(target) !== topOf(path)) {
      const arrow = `${topOf(path)} -> ${topOf(target)}`;
      if (!arrows.has(arrow)) arrows.set(arrow, `src/${path} > ${target}`);
    }
    const other = roomOf(target);
    const door = DOORS.find((candidate) => candidate.room === other?.room && candidate.room !== room);
    if (other !== row && !within(target, places)) {
      const allowed = places.length === 0 ? 'nothing of other rooms' : places.join(' ');
      refuse(at, `${room} may not import src/${target}; it may import ${allowed}`);
    } else if (door !== undefined && !within(path, door.by)) {
      refuse(at, `only ${door.by.join(' and ')} may import src/${target}: ${door.why}`);
    }
    if (row.apart && other === row) {
      const theirs = vendorOf(target, row);
      if (vendor !== undefined && theirs !== undefined && vendor !== theirs) {
        refuse(at, `${room}/${vendor} may not import ${room}/${theirs}: each stands alone`);
      }
    }
  }

  if (!within(path, CONSTRUCT)) {
    for (const match of code.matchAll(/\bnew Host\b/g)) {
      refuse(match.index, `only ${CONSTRUCT.join(' and ')} construct a machine: use emulator/assembly.ts`);
    }
  }
  if (row.pure) {
    for (const match of code.matchAll(IMPURE)) {
      const what = match[0].replace(/\.$/, '');
      refuse(match.index, `${room} may not use ${what}: it is pure (time and randomness are injected, abi/clock.ts)`);
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
const arrows = new Map();
let count = 0;
for (const file of files) {
  for (const { line, message } of checkFile(file, readFileSync(join(src, file), 'utf8'), arrows)) {
    console.error(`src/${file}:${line}: ${message}`);
    count++;
  }
}
if (arrows.size > ARROWS) {
  const list = [...arrows].map(([arrow, first]) => `  ${arrow}  (${first})`).sort();
  console.error(`src/: ${arrows.size} arrows between folders, ${ARROWS} at most; take one out:\n${list.join('\n')}`);
  count++;
}
if (count > 0) console.error(`check-layers: ${count} refused in ${files.length} files`);
exit(count === 0 ? 0 : 1);
