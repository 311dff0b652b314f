/** What the oracle's comparison levels: what is the machine's own, its processor's flags and its other drivers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GoldenRecord, goldenRecords } from '../conformance/golden.ts';
import { levelGolden, levelOurs } from './compare.ts';
import { withoutLargeFile } from './large-file.ts';
import { suiteOf } from './suites.ts';

const vfs = (op: string): GoldenRecord =>
  goldenRecords('mainline', 'vfs').find((record) => record.op === op && 'v' in record !== 'flags' in record) ?? {};

test('O_LARGEFILE is not compared: its value is the processor’s', () => {
  const getfl = { op: 'fcntl GETFL', flags: '0400002', ro: '0400000', wo: '0400001', path: '010000000' };
  assert.deepEqual(levelOurs('vfs', getfl, 250, 'arm64'), levelGolden('vfs', vfs('fcntl GETFL')));
  const { v } = vfs('fdinfo');
  const fdinfo = { op: 'fdinfo', v: String(v).replace('flags:\t0100002', 'flags:\t0400002') };
  assert.notDeepEqual(fdinfo.v, v);
  assert.deepEqual(levelOurs('vfs', fdinfo, 250, 'arm64'), levelGolden('vfs', vfs('fdinfo')));
  // Other flags are, and another processor's O_LARGEFILE is another flag.
  const nofollow = { ...getfl, flags: '0500002' };
  assert.notDeepEqual(levelOurs('vfs', nofollow, 250, 'arm64'), levelGolden('vfs', vfs('fcntl GETFL')));
  assert.notDeepEqual(levelOurs('vfs', getfl, 250, 'x64'), levelGolden('vfs', vfs('fcntl GETFL')));
  assert.deepEqual(
    (['x64', 'arm64', 'riscv64'] as const).map((arch) => withoutLargeFile(0o500002, arch)),
    [0o400002, 0o100002, 0o400002],
  );
});

test('auxiliary drivers of the machine itself are not compared, others are', () => {
  const { compare, sections } = suiteOf('mainline');
  const section = sections.find(({ name }) => name === 'sysfs');
  assert.ok(section);
  const golden = goldenRecords('mainline', 'sysfs').map((record) => levelGolden('sysfs', record));
  const foreign = ['mlx5_ib.rdma', 'mlx5_ib.rdma/bind', 'irdma.x'].map((name) => ({
    path: `/sys/bus/auxiliary/drivers/${name}`,
    type: 'dir',
  }));
  const differing = (auxiliaryDrivers: readonly string[], records: readonly GoldenRecord[]) =>
    compare(section, records, { major: 252, auxiliaryDrivers }).differences.map(({ key }) => key);
  const all = [...golden, ...foreign];
  assert.deepEqual(differing(['mlx5_ib.rdma', 'irdma.x'], all), []);
  assert.deepEqual(differing(['mlx5_ib.rdma'], all), ['sysfs//sys/bus/auxiliary/drivers/irdma.x']);
  // One that was recorded is compared though the machine has it too.
  const ours = golden.filter(({ path }) => path !== '/sys/bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl/bind');
  assert.deepEqual(differing(['mlx5_fwctl.mlx5_fwctl'], ours), [
    'sysfs//sys/bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl/bind',
  ]);
});
