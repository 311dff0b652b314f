/** The examples in C, Python and JavaScript, built and run as their heads and docs/testing-with-fwctl-emu.md say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { featureEntry, getFeature, rpcHeader, rpcReply, setFeature } from '../../src/abi/cxl/features.ts';
import { fwctlInfo, fwctlRpc } from '../../src/abi/fwctl.ts';
import { fwctlRpcPds } from '../../src/abi/pds/rpc.ts';
import { runRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-languages-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const EMU = [process.execPath, join(repository, 'dist/bundle/cli/main.cjs')];
const skip = runRefusal();

function ok(...[program = '', ...args]: readonly string[]): string {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  // a test runner below this one would report to it
  delete (env as NodeJS.ProcessEnv).NODE_TEST_CONTEXT;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: repository,
    encoding: 'utf8',
    env,
    timeout: 120_000,
  });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

function compiled(source: string, ...flags: readonly string[]): string {
  const target = join(folder, source.replace(/.*\/|\.c$/g, ''));
  ok('cc', '-Wall', '-Wextra', '-Werror', ...flags, '-o', target, join(repository, source));
  return target;
}

test('the headers say what the tables say', () => {
  const lines = ok(compiled('test/example/headers.c', '-Iextras/include')).trim().split('\n');
  const told = Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, value]) => [name, Number(value)]));
  assert.deepEqual(told, {
    FWCTL_INFO: 0x9a00,
    FWCTL_RPC: 0x9a01,
    fwctl_info: fwctlInfo.bytes,
    fwctl_rpc: fwctlRpc.bytes,
    'fwctl_info.out_device_data': fwctlInfo.outDeviceData,
    'fwctl_rpc.in': fwctlRpc.in,
    'fwctl_rpc.out': fwctlRpc.out,
    fwctl_info_mlx5: 8,
    fwctl_info_bnxt: 4,
    fwctl_info_pds: 4,
    fwctl_rpc_pds: fwctlRpcPds.bytes,
    'fwctl_rpc_pds.in.payload': fwctlRpcPds.inPayload,
    'fwctl_rpc_pds.out.retval': fwctlRpcPds.retval,
    'fwctl_rpc_pds.out.payload': fwctlRpcPds.outPayload,
    'fwctl_rpc_cxl.get_feat_in': rpcHeader.bytes,
    'fwctl_rpc_cxl_out.payload': rpcReply.payload,
    fwctl_rpc_cxl_out: rpcReply.header,
    cxl_feat_entry: featureEntry.bytes,
    cxl_mbox_get_feat_in: getFeature.bytes,
    cxl_mbox_set_feat_in: setFeature.bytes,
  });
});

test('a client in C, and its test', { skip }, () => {
  const info = compiled('examples/c/info.c', '-Iextras/include');
  assert.match(ok(...EMU, 'run', '--', info), /^type 1, uid \d+, status 0x0, log_max_qp 17\n$/);
  const tests = compiled('examples/c/test-info.c', '-Iextras/c');
  ok(...EMU, 'run', '--', tests, info);
  // it can fail
  const { status } = spawnSync(EMU[0] ?? '', [EMU[1] ?? '', 'run', '--', tests, 'false']);
  assert.equal(status, 1);
});

test('a test in JavaScript', () => {
  const said = ok(process.execPath, '--test', '--test-reporter=tap', 'examples/js/caps.test.mjs');
  assert.match(said, /# pass 3\n# fail 0\n/);
});

const pytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0 ? false : 'python3 has no pytest';

test('a test in Python', { skip: skip || pytest }, () => {
  const said = ok(...EMU, 'run', '--', 'python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'examples/python');
  assert.match(said, /5 passed/);
});

test('Python without pytest', { skip }, () => {
  const program = `
import sys; sys.path.insert(0, 'extras/python')
import fwctl
with fwctl.Device() as device, fwctl.Emulator().fault('rpc:error=EIO') as fault:
    try: device.rpc(bytes([1, 0, 0, 0, 0, 0, 0, 1] + [0] * 8), 272)
    except OSError as error: print(error.errno, fault.strikes)
`;
  assert.equal(ok(...EMU, 'run', '--', 'python3', '-c', program), '5 1\n');
});
