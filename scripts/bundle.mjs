#!/usr/bin/env node
// Bundles the command line into one file, dist/bundle/cli/program.cjs: Node takes a third of a millisecond to find and
// load a module, and `run` has hundreds. CommonJS, because Node loads it sooner than a linked graph; what is imported
// lazily stays lazy inside. main.cjs starts the program with V8's code of what a `run` executes (program-....cache
// beside it): a third of the start was compiling. V8 cannot tell the code of another Node 20 from its own, nor that of
// another program of the same length, and dies of it: the name says whose it is. make-cache.cjs makes it, at build and
// install; where that was not done, the first whole `run` does, if it may write there. Packages that most runs do not
// need are left where npm put them. The depth is that of dist/src/cli, so that paths relative to a module hold in both.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = `${root}dist/bundle/cli`;
// Of an earlier program, or left by who was killed while writing one.
const left = existsSync(directory) ? readdirSync(directory).filter((name) => name.includes('.cache')) : [];
for (const name of left) rmSync(`${directory}/${name}`);
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

// import() of a package or of a user's firmware module: code that V8 takes from a cache may not, the loader may.
// Whoever writes another form of it must see that it works in the bundle.
const program = `${directory}/program.cjs`;
const text = readFileSync(program, 'latin1');
const imports = text.match(/\bawait import\(/g)?.length ?? 0;
if (imports !== 3)
  throw new Error(`${program}: ${imports} dynamic imports, not those of pino, pino-pretty and firmware modules`);
const code = text.replaceAll(/\bawait import\(/g, 'await importModule(');
writeFileSync(program, code, 'latin1');
const id = createHash('sha256').update(code).digest('hex').slice(0, 16);

// esbuild writes ASCII, which latin1 reads without a conversion. The binary's size and time: two builds of one version
// of Node.
const loader = `'use strict';
const { readFileSync, statSync } = require('node:fs');
const { Script } = require('node:vm');
const filename = __dirname + '/program.cjs';
const { arch, argv, execPath, version, versions } = process;
let cache, cachedData;
try {
  const { size, mtimeMs } = statSync(execPath);
  cache = __dirname + '/' + ['program-${id}', arch, version, versions.v8, size, Math.floor(mtimeMs)].join('-') + '.cache';
  cachedData = readFileSync(cache);
} catch {}
const script = new Script(
  '(function (exports, require, module, __filename, __dirname, importModule) {' + readFileSync(filename, 'latin1') + '\\n})',
  { filename, cachedData },
);
const cached = script.cachedDataRejected === false;
const importModule = (name) => import(name);
`;
const start = `script.runInThisContext().call(module.exports, module.exports, require, module, filename, __dirname, importModule);
`;
const afterFirstRun = `if (!cached && argv[2] === 'run' && argv.includes('--')) {
  process.on('exit', (status) => {
    if (status === 0) require('./save-cache.cjs')(script, cache);
  });
}
`;
writeFileSync(`${directory}/main.cjs`, loader + afterFirstRun + start);

// What the machine cannot do (no /dev/fuse) is compiled at its first use instead.
const always = `if (cached) process.exit();
argv.splice(2, Infinity, 'run', '--', 'true');
process.on('exit', () => require('./save-cache.cjs')(script, cache));
`;
writeFileSync(`${directory}/make-cache.cjs`, loader + always + start);

// Nobody reads half a cache, and nobody hears that none could be made. Not under options: V8's would be in it, and
// refused without them.
const save = `'use strict';
const { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } = require('node:fs');
module.exports = (script, cache) => {
  if (cache === undefined || process.env.NODE_OPTIONS || process.execArgv.length > 0) return;
  const part = cache + '.' + Math.random().toString(36).slice(2);
  try {
    const fd = openSync(part, 'wx');
    writeFileSync(fd, script.createCachedData());
    fsyncSync(fd);
    closeSync(fd);
    renameSync(part, cache);
  } catch {
    try {
      rmSync(part, { force: true });
    } catch {}
  }
};
`;
writeFileSync(`${directory}/save-cache.cjs`, save);
