/** The built program, started as people start it: exit statuses and messages. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));

function cli(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, out: stdout, err: stderr };
}

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

test('--version is that of package.json, on stdout', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(cli('--version'), { status: 0, out: `${version}\n`, err: '' });
});

test('--help of the program and of each verb: stdout, 0, examples', () => {
  const { status, out, err } = cli('--help');
  assert.equal(status, 0);
  assert.equal(err, '');
  for (const verb of ['run', 'serve', 'doctor', 'check']) {
    assert.match(out, new RegExp(`^  ${verb} `, 'm'));
    const help = cli(verb, '--help');
    assert.equal(help.status, 0, verb);
    assert.match(help.out, new RegExp(`^Usage: fwctl-emu ${verb} `));
    assert.deepEqual(cli('help', verb), help);
  }
  for (const words of [
    ['profile', 'list'],
    ['taint', 'clear'],
    ['record', 'start'],
  ])
    assert.match(cli('help', ...words).out, new RegExp(`^Usage: fwctl-emu ${words.join(' ')} `));
  for (const words of [['help'], ['--log-level', 'debug', 'help'], ['help', 'help'], ['help', '--help']])
    assert.deepEqual(cli(...words), { status, out, err }, words.join(' '));
  assert.match(cli('--log-level', 'debug', 'help', 'run').out, /^Usage: fwctl-emu run /);
  assert.match(cli('run', '--help').out, /Examples:[\s\S]*--trace[\s\S]*set\.NAME|set\.NAME[\s\S]*Examples:/);
});

test('--print-capabilities is JSON with everything by name', () => {
  const { status, out } = cli('--print-capabilities');
  assert.equal(status, 0);
  const capabilities = JSON.parse(out);
  assert.equal(capabilities.name, 'fwctl-emu');
  assert.deepEqual(capabilities.transports, ['cuse', 'fuse', 'inprocess', 'seccomp']);
  assert.deepEqual(capabilities.drivers, ['mlx5', 'pds', 'bnxt', 'cxl', 'raw', 'nova-core', 'iommufd']);
  assert.ok(capabilities.deviceProfiles.some((row: { name: string }) => row.name === 'connectx6dx'));
  const latest = capabilities.abi.profiles.find((row: { aliases: string[] }) => row.aliases.includes('latest'));
  assert.equal(latest.name, capabilities.abi.default);
  assert.ok(capabilities.features.includes('cmd-run'));
});

const USAGE: readonly [string[], RegExp][] = [
  [[], /^Usage: fwctl-emu/],
  [['runn'], /unknown command 'runn'\n\(Did you mean run\?\)/],
  [['help', 'nonsense'], /^fwctl-emu: unknown command 'nonsense'\nTry: fwctl-emu --help\n$/],
  [['nonsense', '--help'], /^fwctl-emu: unknown command 'nonsense'\nTry: fwctl-emu --help\n$/],
  [['--log-level', 'debug', 'help', 'runn'], /^fwctl-emu: unknown command 'runn'\n\(Did you mean run\?\)/],
  [['help', 'profile', 'lst'], /'lst'\n\(Did you mean list\?\)\nTry: fwctl-emu profile --help\n$/],
  [['profile', 'lst', '--help'], /^fwctl-emu: unknown command 'lst'\n\(Did you mean list\?\)/],
  [['help', 'taint', 'nonsense'], /^fwctl-emu: .*\nTry: fwctl-emu taint --help\n$/],
  [['run', '--trce', '--', 'true'], /unknown option '--trce'\n\(Did you mean --trace\?\)\nTry: fwctl-emu run --help/],
  [['run'], /missing required argument 'COMMAND'/],
  [['run', '--abi'], /option '--abi <NAME>' argument missing/],
  [['run', '--transport', 'fus', '--', 'true'], /Allowed: auto, cuse, fuse, seccomp\.\n\(Did you mean fuse\?\)/],
  [['run', '--abi', 'linux-7.4', '--', 'true'], /--abi: there is no ABI profile "linux-7\.4" .*linux-7\.3/],
  [['run', '--device', 'connectx6dx,mod=1', '--', 'true'], /--device connectx6dx,mod=1: column 13: unknown key "mod"/],
  [['run', '--device', 'connectx6dx,pci=1', '--', 'true'], /column 17: "1" is not a PCI address/],
  [['run', '--', ''], /the command is an empty text/],
  [['serve', 'extra'], /too many arguments/],
  [['serve', '--log-level', 'loud'], /Allowed: trace, debug, info/],
  [['serve', '--transport', 'cuse', '--dev-dir', '/tmp/x'], /CUSE makes its nodes in \/dev\/fwctl/],
  [['doctor', '--jso'], /Did you mean --json\?/],
  [['check'], /missing required argument 'FILE'/],
  [['check', '--schema', 'x'], /takes a FILE or --schema, not both/],
];
for (const [args, message] of USAGE) {
  test(`usage: ${args.join(' ') || '(nothing)'}`, () => {
    const { status, out, err } = cli(...args);
    assert.match(err, message);
    assert.equal(status, args[0] === 'run' ? 125 : 2);
    assert.equal(out, '');
  });
}

test('check: good files in one line', () => {
  const good = file('good.yaml', 'abi: v2\ndevices:\n  - {count: 2}\n');
  assert.deepEqual(cli('check', good), {
    status: 0,
    out: `${good}: ok: v2, 2 devices at 0000:00:0a.0, 0000:00:0b.0\n`,
    err: '',
  });
  const empty = file('empty.yaml', '');
  assert.equal(cli('check', empty).out, `${empty}: ok: linux-7.3, 1 device at 0000:00:0a.0\n`);
});

test('check: each problem on its line, with its place first', () => {
  const bad = file('bad.yaml', 'devices:\n  - mode: 9\n    set: {caps.NOPE.x: 1}\n  - pci: x\n');
  const { status, out, err } = cli('check', bad);
  assert.equal(status, 1);
  assert.equal(out, '');
  const lines = err.trimEnd().split('\n');
  assert.equal(lines.length, 3, err);
  for (const [index, place] of ['2:11', '3:24', '4:10'].entries())
    assert.ok(lines[index]?.startsWith(`${bad}:${place}: `), err);
});

test('check: files that cannot be read', () => {
  assert.match(
    cli('check', join(scratch, 'none.yaml')).err,
    /none\.yaml: the configuration cannot be read \(no such file\)/,
  );
  assert.match(cli('check', scratch).err, /\(a directory\)/);
  const big = cli('check', file('big.yaml', '#'.repeat(1024 * 1024 + 1)));
  assert.match(big.err, /too many for a configuration/);
  assert.equal(big.status, 1);
});

test('check --schema is JSON Schema', () => {
  const { status, out } = cli('check', '--schema');
  assert.equal(status, 0);
  const schema = JSON.parse(out);
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.ok(schema.properties.devices.items.properties.profile.anyOf[0].enum.includes('connectx6dx'));
});

test('run: 127 and 126 before anything is set up', () => {
  const missing = cli('run', '--', 'no-such-program-here');
  assert.equal(missing.status, 127);
  assert.match(missing.err, /no-such-program-here: not found in PATH/);
  assert.equal(cli('run', '--', './no/such').status, 127);
  const plain = file('plain', 'text');
  assert.equal(cli('run', '--', plain).status, 126);
  assert.equal(cli('run', '--', scratch).status, 126);
});

test('what keeps run from running its command is 125, not what the command might exit with', () => {
  const { status, err } = cli('run', '-c', file('wrong.yaml', 'abi: nope\n'), '--', 'true');
  assert.equal(status, 125);
  assert.match(err, /^\S+wrong\.yaml:1:6: there is no ABI profile "nope"/);
});
