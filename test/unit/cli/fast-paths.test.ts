/** FWCTL_EMU_SLOW, --spin-us and many devices, each with a real client on a real mount. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const program = join(repository, 'dist/bundle/cli/main.cjs');
const client = join(repository, 'build/c/bench-client');

function run(options: readonly string[], command: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [program, 'run', ...options, '--', ...command], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
}

function lacks(): string | false {
  for (const file of [program, client, '/dev/fuse']) if (!existsSync(file)) return `${file} is missing`;
  return runRefusal();
}

const skip = lacks();

/**
 * MGIR with payloads of so many bytes, both ways, long enough
 * for reading ahead to begin; the last reply's firmware status.
 */
function readRegister(bytes: number, options: readonly string[], env?: Readonly<Record<string, string>>): number {
  const call = ['--op', 'rpc', '--opcode', '0x805', '--op-mod', '1', '--register', '0x9020', '--scope', '1'];
  const size = ['--in', String(bytes), '--out', String(bytes), '--count', '50', '--ms', '50000', '--clients', '2'];
  const ran = run(options, [client, ...call, ...size, '/dev/fwctl/fwctl0'], env);
  assert.equal(ran.status, 0, ran.stderr);
  const { count, status } = JSON.parse(ran.stdout) as { count: number; status: number };
  assert.equal(count, 100);
  return status;
}

for (const bytes of [1040, 65_536, 2_097_152]) {
  test(`a register read of ${bytes} bytes, read ahead and not`, { skip }, () => {
    assert.equal(readRegister(bytes, []), 0);
    assert.equal(readRegister(bytes, [], { FWCTL_EMU_SLOW: '1' }), 0);
    assert.equal(readRegister(bytes, ['--spin-us', '50']), 0);
  });
}

test('a list read in pieces to one place is the same each time', { skip }, () => {
  for (const slow of ['0', '1']) {
    const ran = run(['--device', 'iommufd'], [join(repository, 'build/c/iommu-allow')], { FWCTL_EMU_SLOW: slow });
    assert.equal(`${ran.stdout}${ran.status}`, '0', ran.stderr);
  }
});

test('--spin-us takes a number of microseconds', { skip }, () => {
  for (const wrong of ['-1', '1001', 'x', '1.5']) {
    const ran = run([`--spin-us=${wrong}`], ['true']);
    assert.equal(ran.status, 125, ran.stderr);
    assert.match(ran.stderr, /whole number of microseconds from 0 to 1000/);
  }
});

test('4096 devices: all listed, first and last answer', { skip }, () => {
  const listed = run(
    ['--device', 'connectx6dx,count=4096'],
    ['sh', '-c', 'ls /dev/fwctl | wc -l; ls /sys/class/fwctl | wc -l'],
  );
  assert.equal(listed.status, 0, listed.stderr);
  assert.deepEqual(listed.stdout.trim().split(/\s+/), ['4096', '4096']);
  const answered = run(
    ['--device', 'connectx6dx,count=4096'],
    [client, '--op', 'info', '--count', '2', '--clients', '2', '/dev/fwctl/fwctl0', '/dev/fwctl/fwctl4095'],
  );
  assert.equal(answered.status, 0, answered.stderr);
});
