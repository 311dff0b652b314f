/**
 * scripts/bundle.mjs and make-cache: V8's code is used by the Node
 * and the program that made it alone, is whole, and is no condition.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { runRefusal, serveRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';

const clone = mkdtempSync(join(tmpdir(), 'fwctl-emu-bundle-'));
const cli = join(clone, 'dist/bundle/cli');
const main = join(cli, 'main.cjs');
after(() => rmSync(clone, { recursive: true, force: true }));

for (const name of ['package.json', 'scripts', 'src', 'web', 'tsconfig.json'])
  cpSync(join(repository, name), join(clone, name), { recursive: true });
for (const name of ['node_modules', 'native']) symlinkSync(join(repository, name), join(clone, name));
bundle();

function bundle(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(clone, 'scripts/bundle.mjs')], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

const env: NodeJS.ProcessEnv = { ...process.env };
delete env.NODE_OPTIONS;

/** What it says on stdout. */
function ok(node: string, ...words: readonly string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(node, [main, ...words], { encoding: 'utf8', env });
  assert.deepEqual([status, signal], [0, null], `${node} ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** Everything that is neither a program nor a loader. */
const caches = () => readdirSync(cli).filter((name) => !name.endsWith('.cjs'));
const makeCache = () => assert.equal(spawnSync(join(clone, 'scripts/make-cache')).status, 0);
const removeCaches = () => caches().map((name) => rmSync(join(cli, name)));

/** This Node's cache, which must be the only one. One that V8 refuses is made anew, as another file. */
function onlyCache(): string {
  const [name = '', ...others] = caches();
  const { arch, version, versions } = process;
  assert.deepEqual(others, []);
  assert.match(name, /^program-[0-9a-f]{16}-.*\.cache$/);
  assert.ok(name.includes(`-${arch}-${version}-${versions.v8}-`), name);
  const { ino } = statSync(join(cli, name));
  makeCache();
  assert.equal(statSync(join(cli, name)).ino, ino, 'V8 does not take it');
  return join(cli, name);
}

/** npm's package of another Node 20 than this one. Undefined: it cannot be had. */
function otherNode(): string | undefined {
  const version = process.version === 'v20.19.6' ? '20.19.5' : '20.19.6';
  const name = `node-linux-${process.arch}`;
  const prefix = join(repository, 'build/nodes', version);
  const binary = join(prefix, 'node_modules', name, 'bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--fetch-retries=0'];
  spawnSync('npm', ['install', '--prefix', prefix, ...quiet, `${name}@${version}`], { timeout: 120_000 });
  return existsSync(binary) ? binary : undefined;
}

beforeEach(makeCache);
afterEach(removeCaches);

const skip = runRefusal();

test('a build makes the cache of its Node, and another Node 20 makes its own', { skip }, (t) => {
  const cache = onlyCache();
  const node = otherNode();
  if (node === undefined) return t.skip('the npm registry, or its package of another Node 20, cannot be had');
  for (const each of [node, process.execPath, node]) ok(each, '--version');
  assert.equal(caches().length, 1, 'a verb that executes little leaves nothing');
  for (const each of [node, node, process.execPath, node]) ok(each, 'run', '--', 'true');
  assert.equal(caches().length, 2);
  rmSync(cache);
  ok(process.execPath, 'run', '--', 'true');
  assert.equal(caches().length, 2);
});

test('two builds of one version of Node do not take each other’s', { skip }, () => {
  const copy = join(clone, 'node');
  copyFileSync(process.execPath, copy);
  chmodSync(copy, 0o755);
  ok(copy, 'run', '--', 'true');
  assert.equal(caches().length, 2);
});

test('many first users at once leave one whole cache', { skip }, async () => {
  removeCaches();
  const runs = Array.from({ length: 6 }, () => spawn(process.execPath, [main, 'run', '--', 'true'], { env }));
  const ends = await Promise.all(runs.map((run) => once(run, 'exit')));
  assert.deepEqual(ends, new Array(6).fill([0, null]));
  onlyCache();
});

test('half a cache is refused by V8, and replaced', { skip }, () => {
  const cache = onlyCache();
  writeFileSync(cache, readFileSync(cache).subarray(0, 500_000));
  ok(process.execPath, 'run', '--', 'true');
  onlyCache();
});

test('a first run that does not reach its command, or has options of V8, leaves no cache', { skip }, () => {
  removeCaches();
  ok(process.execPath, 'run', '--help');
  spawnSync(process.execPath, [main, 'run', '--', '/no/such/command'], { env });
  spawnSync(process.execPath, ['--no-opt', main, 'run', '--', 'true'], { env });
  spawnSync(process.execPath, [main, 'run', '--', 'true'], { env: { ...env, NODE_OPTIONS: '--max-lazy' } });
  assert.deepEqual(caches(), []);
});

test('where it cannot be written nobody hears of it', { skip: skip || serveRefusal() }, () => {
  removeCaches();
  const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$1" "$0/main.cjs" run -- echo done`;
  const args = ['--mount', 'sh', '-c', script, cli, process.execPath];
  const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', env });
  assert.deepEqual([status, stdout, stderr], [0, 'done\n', '']);
  assert.deepEqual(caches(), []);
});

test('another program of the same length does not get it', { skip }, () => {
  const cache = onlyCache();
  const kept = join(clone, 'kept');
  copyFileSync(cache, kept);
  const source = join(clone, 'src/cli/program.ts');
  const text = readFileSync(source, 'utf8');
  const [before, now] = ['print what this build can do', 'print what THIS build can do'];
  assert.ok(ok(process.execPath, '--help').includes(before));
  writeFileSync(source, text.replace(before, now));
  bundle();
  assert.deepEqual(caches(), [], 'a build leaves no stale one');
  copyFileSync(kept, cache);
  assert.ok(ok(process.execPath, '--help').includes(now));
});
