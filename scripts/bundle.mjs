#!/usr/bin/env node
// Bundles the command line into one file, dist/bundle/cli/program.cjs: Node takes a third of a millisecond to find and load a module, and
// `run` has hundreds. CommonJS, because Node loads it sooner than a linked graph; what is imported lazily stays lazy inside.
// program.cache beside it is V8's code of what a `run` executes: a third of the start was compiling. main.cjs starts the program with it;
// another Node than the one that built it refuses the code, and compiles as ever.
// Packages that most runs do not need are left where npm put them. The depth is that of dist/src/cli, so that paths relative to a
// module hold in both.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = `${root}dist/bundle/cli`;
// V8 knows a program by its length: code of another one must not be left.
rmSync(`${directory}/program.cache`, { force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/bundle/cli/program.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: ['pino', 'pino-pretty', 'yaml', 'zod'],
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});

// import() of a package or of a user's firmware module: code that V8 takes from a cache may not, the loader may. Whoever writes
// another form of it must see that it works in the bundle.
const program = `${directory}/program.cjs`;
const text = readFileSync(program, 'latin1');
const imports = text.match(/\bawait import\(/g)?.length ?? 0;
if (imports !== 3)
  throw new Error(`${program}: ${imports} dynamic imports, not those of pino, pino-pretty and firmware modules`);
writeFileSync(program, text.replaceAll(/\bawait import\(/g, 'await importModule('), 'latin1');

// esbuild writes ASCII, which latin1 reads without a conversion.
const loader = `'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const filename = __dirname + '/program.cjs';
const cache = __dirname + '/program.cache';
let cachedData;
try {
  cachedData = readFileSync(cache);
} catch {}
const script = new Script(
  '(function (exports, require, module, __filename, __dirname, importModule) {' + readFileSync(filename, 'latin1') + '\\n})',
  { filename, cachedData },
);
const importModule = (name) => import(name);
`;
const start = `script.runInThisContext().call(module.exports, module.exports, require, module, filename, __dirname, importModule);
`;
writeFileSync(`${directory}/main.cjs`, loader + start);

// What the machine cannot do (no /dev/fuse) is compiled at its first use instead.
const maker = `${directory}/make-cache.cjs`;
writeFileSync(
  maker,
  `${loader}process.on('exit', () => require('node:fs').writeFileSync(cache, script.createCachedData()));\n${start}`,
);
spawnSync(process.execPath, [maker, 'run', '--', 'true'], { stdio: 'ignore', timeout: 60_000 });
rmSync(maker);
