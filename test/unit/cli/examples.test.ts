/** The examples of the README and of docs/custom-firmware.md, by the program that users start. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../../repository.ts';

const program = join(repository, 'dist/bundle/cli/main.cjs');
const client = join(repository, 'build/c/bench-client');

function run(example: string, command: readonly string[]) {
  const config = join(repository, 'examples', example);
  return spawnSync(process.execPath, [program, 'run', '--trace', '-c', config, '--', ...command], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

function lacks(): string | false {
  for (const file of [program, client, '/dev/fuse']) if (!existsSync(file)) return `${file} is missing`;
  const tried = spawnSync(process.execPath, [program, 'run', '--', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? false : tried.stderr.trim();
}

const skip = lacks();

test('my-firmware.yaml: the module beside it answers', { skip }, () => {
  const rpc = [client, '--op', 'rpc', '--count', '1', '--clients', '1'];
  const known = run('my-firmware.yaml', [...rpc, '--opcode', '0x101', '--out', '64', '/dev/fwctl/fwctl0']);
  assert.equal(known.status, 0, known.stderr);
  assert.match(known.stderr, /QUERY_ADAPTER/);
  assert.doesNotMatch(known.stderr, /Warning/);
  assert.equal(JSON.parse(known.stdout).status, 0);
  const other = run('my-firmware.yaml', [...rpc, '--opcode', '0x100', '--out', '64', '/dev/fwctl/fwctl0']);
  assert.match(other.stderr, /firmware BAD_OP\(0x2\) syndrome 0xbadc0de/);
});

test('cxl.yaml: its features are there, and its values', { skip }, () => {
  const demo = join(repository, 'build/c/demo-cxl');
  const { stderr, stdout, status } = run('cxl.yaml', ['sh', '-c', `${demo} && cat /sys/bus/cxl/devices/mem?/serial`]);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /features {11}23 of 23, 14 of them changeable/);
  assert.match(stdout, /0x1234\n0x5ca1ab1e00000001\n$/);
});

test('nova.yaml: the type is there beside the profile, and can be changed while it runs', { skip }, () => {
  const emu = `${process.execPath} ${program}`;
  const script = [
    join(repository, 'build/c/demo-nova'),
    `${emu} get fwctl0 types.42.name`,
    `${emu} set fwctl0 types.42.name OTHER-4Q`,
    `${emu} get fwctl0 types.42.name`,
    `${emu} get fwctl0 types.4.name`,
  ].join(' && ');
  const { stderr, stdout } = run('nova.yaml', ['sh', '-c', script]);
  assert.match(stdout, /6 types are supported/, stderr);
  assert.match(stdout, /\nMINE-4Q\n.*\nOTHER-4Q\n$/);
  assert.match(stderr, /types\.4\.name: there is no such value \(below types: 42, 1519, /);
});

test('raw-devices.yaml: types, data, answers and errnos are as it says', { skip }, () => {
  const info = (n: number) => `${client} --op info --count 1 --clients 1 /dev/fwctl/fwctl${n}`;
  const rpc = (n: number) => `${client} --op rpc --scope 0 --in 32 --out 64 --count 1 --clients 1 /dev/fwctl/fwctl${n}`;
  const script = [info(1), rpc(0), rpc(1), rpc(2), rpc(3)].map((line) => `${line} >/dev/null 2>&1`).join('; ');
  const { stderr, status } = run('raw-devices.yaml', ['sh', '-c', `${script}; true`]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /fwctl1 .*INFO .*type=(0x1001|4097)/);
  assert.match(stderr, /fwctl0 .*RPC .*in=32 out=64 .*-> OK/);
  assert.match(stderr, /fwctl1 .*RPC .*-> OK/);
  assert.match(stderr, /fwctl2 .*RPC .*-> ENXIO/);
  assert.match(stderr, /fwctl3 .*RPC .*-> OK/);
});

test('pds-lab.yaml: operations as it says', { skip }, () => {
  const word = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('hex');
  const call = (op: number, scope: number) => {
    const hex = [op, 3, 0, 4, 0, 0, 0, 0, 0, 4, 0, 0].map(word).join('');
    const buffers = ['--buffer', '16:4', '--buffer', '40:4'];
    return `${client} --op rpc --count 1 --clients 1 --hex ${hex} --scope ${scope} --out 48 ${buffers.join(' ')} /dev/fwctl/fwctl0`;
  };
  const script = [call(0x10001, 0), call(0x10002, 0), call(0x10003, 0), call(0x10004, 0), call(0x10004, 1)].join(';');
  const { stderr } = run('pds-lab.yaml', ['sh', '-c', script]);
  assert.match(stderr, /EP_0x3_OP_0x1\(version=1\).* -> OK .*out@40=4\[76370000\]/);
  assert.match(stderr, /EP_0x3_OP_0x2.* -> OK/);
  assert.match(stderr, /EP_0x3_OP_0x4.* -> EPERM/);
  assert.match(stderr, /EP_0x3_OP_0x4.* -> EBUSY/);
});
