#!/usr/bin/env node
// Bundles the command line into one file, dist/bundle/cli/program.cjs: Node takes a third of a millisecond to find and
// load a module, and `run` has hundreds. CommonJS, because Node loads it sooner than a linked graph; what is imported
// lazily stays lazy inside. main.cjs starts the program with V8's code of what a `run` executes (program-....cache
// beside it): a third of the start was compiling. V8 cannot tell the code of another Node 20 from its own, nor that of
// another program of the same length, and dies of it: the name says whose it is. make-cache.cjs makes it, at build and
// install; where that was not done, the first whole `run` does, if it may write there. Packages that most runs do not
// need are a file each beside it: no node_modules is needed, nor what their package.json says of Node. dist/bundle/kit
// has what the package exports, as modules. The depth is that of dist/src/cli, so that paths relative to a module hold
// in all of them.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleWeb } from './bundle-web.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = `${root}dist/bundle/cli`;
const kit = `${root}dist/bundle/kit`;
// Of an earlier program, or left by who was killed while writing one.
const left = existsSync(directory) ? readdirSync(directory).filter((name) => name.includes('.cache')) : [];
for (const name of left) rmSync(`${directory}/${name}`);
rmSync(kit, { recursive: true, force: true });

const PACKAGES = ['pino', 'pino-pretty', 'yaml', 'zod'];
const common = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node18', logLevel: 'warning' };

/** Their notices, which go wherever the packages go. */
const licences = new Map();
function noteLicences(inputs) {
  for (const input of Object.keys(inputs)) {
    const [folder, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
    if (folder === undefined || licences.has(name)) continue;
    const file = readdirSync(`${root}${folder}`).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${folder} has no licence: it cannot be given away`);
    const { version, license } = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'));
    const text = readFileSync(`${root}${folder}/${file}`, 'utf8').trim();
    licences.set(name, `${name} ${version} (${license})\n\n${text}\n`);
  }
}

for (const name of PACKAGES) {
  const { metafile } = await build({
    ...common,
    stdin: { contents: `module.exports = require('${name}');`, resolveDir: root },
    outfile: `${directory}/${name}.cjs`,
    format: 'cjs',
    minify: true,
    metafile: true,
  });
  noteLicences(metafile.inputs);
}
const besides = (where) => ({
  name: 'packages',
  setup(builds) {
    builds.onResolve({ filter: new RegExp(`^(?:${PACKAGES.join('|')})$`) }, ({ path }) => ({
      path: `${where}/${path}.cjs`,
      external: true,
    }));
  },
});

// What a module takes by createRequire, esbuild does not see.
const YAML =
  /(\(0, import_node_module\d*\.createRequire\)\(importMetaUrl\)|createRequire\d*\(import\.meta\.url\))\("yaml"\)/g;

// The whole program, and the plain verbs of the control socket without the rest: a tenth of it, so that a test which
// sets a fault in each case does not spend its time here.
const bundled = (entry, name) => ({
  ...common,
  entryPoints: [entry],
  outfile: `dist/bundle/cli/${name}.cjs`,
  format: 'cjs',
  plugins: [besides('.')],
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  metafile: true,
});
const { metafile } = await build(bundled('src/cli/main.ts', 'program'));
await build({ ...bundled('src/cli/verb-main.ts', 'verbs'), minify: true });
const { firstWords } = createRequire(import.meta.url)(`${directory}/verbs.cjs`);
noteLicences(metafile.inputs);
const kitBuild = await build({
  ...common,
  entryPoints: ['src/testkit.ts', 'src/firmware.ts'],
  outdir: 'dist/bundle/kit',
  format: 'esm',
  splitting: true,
  plugins: [besides('../cli')],
  metafile: true,
});
for (const output of Object.keys(kitBuild.metafile.outputs)) {
  const text = readFileSync(`${root}${output}`, 'utf8');
  writeFileSync(`${root}${output}`, text.replaceAll(YAML, '$1("../cli/yaml.cjs")'));
}
noteLicences(await bundleWeb());
writeFileSync(
  `${root}dist/bundle/LICENCES`,
  [...licences.keys()]
    .sort()
    .map((name) => licences.get(name))
    .join(`\n${'-'.repeat(80)}\n\n`),
);

// import() of a package or of a user's firmware module: code that V8 takes from a cache may not, the loader may.
// Whoever writes another form of it must see that it works in the bundle.
const program = `${directory}/program.cjs`;
const text = readFileSync(program, 'latin1');
const imports = text.match(/\bawait import\(/g)?.length ?? 0;
if (imports !== 4)
  throw new Error(
    `${program}: ${imports} dynamic imports, not those of pino, pino-pretty, node:http and firmware modules`,
  );
const code = text.replaceAll(/\bawait import\(/g, 'await importModule(').replaceAll(YAML, '$1("./yaml.cjs")');
if (/\("yaml"\)/.test(code)) throw new Error(`${program}: a require of yaml that is not the bundled one`);
writeFileSync(program, code, 'latin1');
const id = createHash('sha256').update(code).digest('hex').slice(0, 16);

// esbuild writes ASCII, which latin1 reads without a conversion. The binary's size and time: two builds of one version
// of Node.
// What comes first is for any Node to read.
const loader = `'use strict';
if (parseInt(process.versions.node) < 18) {
  process.stderr.write('fwctl-emu: Node.js 18 or later is needed, and ' + process.execPath + ' is ' + process.versions.node +
    ': install a newer one (https://nodejs.org) and put its directory first in PATH\\n');
  process.exit(process.env.FWCTL_EMU_LAUNCHED ? 125 : 1);
}
const { readFileSync, statSync } = require('node:fs');
const { Script } = require('node:vm');
const filename = __dirname + '/program.cjs';
const { arch, argv, execPath, version, versions } = process;
let cache, cachedData;
try {
  const { size, mtimeMs } = statSync(execPath);
  cache = __dirname + '/' + ['program-${id}', arch, version, versions.v8, size, Math.floor(mtimeMs)].join('-') + '.cache';
  cachedData = readFileSync(cache);
} catch (error) {}
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
const verbs = `'use strict';
const words = process.argv.slice(2);
const plain = ${JSON.stringify(firstWords)}.includes(words[0]) ? require('./verbs.cjs').plainVerb(words) : undefined;
if (plain === undefined) require('./whole.cjs');
else plain.then((status) => process.exit(status || process.exitCode));
`;
writeFileSync(`${directory}/main.cjs`, verbs);
writeFileSync(`${directory}/whole.cjs`, loader + afterFirstRun + start);

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
