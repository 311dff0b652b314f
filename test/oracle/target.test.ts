/**
 * The kernel's checks on a real fwctl device, or anything else that FWCTL_TARGET names (`FWCTL_TARGET=/dev/fwctl/fwctl0
 * make test ONLY=oracle/target`, as root; FWCTL_TARGET_KERNEL v2, v6.15 or mainline). Sizes, pointers, lengths, scopes
 * and their order; the command is QUERY_HCA_CAP throughout. What only a machine with the oracle's other devices and
 * firmware could show is left out: payloads, other devices, unplug. It taints the kernel (scope 2). `vm:mlx5`: before
 * the emulated firmware in a guest (scripts/vm, which fetches 330 MB the first time).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type GoldenRecord, goldenRecords, type KernelName } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import { buildPrograms } from './programs.ts';

/** The emulated firmware behind Debian's own mlx5_core, in the guest of scripts/vm. */
const GUEST = 'vm:mlx5';
/** scripts/vm's status for that. */
const NOT_TO_BE_HAD = 77;
const target = process.env.FWCTL_TARGET;
const kernel = (process.env.FWCTL_TARGET_KERNEL ?? 'mainline') as KernelName;
const refusal =
  target === undefined || target === GUEST
    ? 'FWCTL_TARGET names no device'
    : !existsSync(target)
      ? `there is no ${target}`
      : process.geteuid?.() !== 0 && 'fwx needs root';

/** Cases of other devices, of files that only the oracle has, and of commands that change a device. */
const OTHERS = /(^| )(fd=(N|G|RAW|NOINFO)|op=0x?(?!100\b|256\b)[0-9a-f]+|cmd=(?!INFO|RPC))/;

describe('a device named by FWCTL_TARGET', { skip: refusal }, () => {
  for (const section of ['size', 'info', 'order']) {
    it(`${section}: as kernel ${kernel}`, () => {
      buildPrograms();
      const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-target-'));
      try {
        const file = join(folder, 'records');
        const cases = join(repository, `test/golden/fwctl/cases/${section}.txt`);
        const nowhere = { FWX_DEV1: '/nonexistent', FWX_RAW: '/nonexistent', FWX_NOINFO: '/nonexistent' };
        const env = { ...process.env, ...nowhere, FWX_DEV0: target, FWX_HOOK: '/bin/true', FWX_COUNTERS: folder };
        const run = spawnSync(join(repository, 'build/oracle/fwx'), ['-o', file, 'run', cases], {
          env,
          encoding: 'utf8',
        });
        assert.equal(run.status, 0, run.stderr);
        const have = new Map(records(readFileSync(file, 'utf8')).map((record) => [record.id, answer(record)]));
        const want = goldenRecords(kernel, section).filter(
          ({ id, case: text }) => id !== undefined && !OTHERS.test(String(text)),
        );
        const wrong = want.filter((record) => have.get(record.id) !== answer(record));
        assert.deepEqual(
          wrong.map((record) => `${record.id} ${record.case}: ${have.get(record.id)}, not ${answer(record)}`),
          [],
        );
        assert.ok(want.length > 100, `${want.length} cases`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

describe('the guest of scripts/vm', { skip: target !== GUEST && `FWCTL_TARGET is not ${GUEST}` }, () => {
  it('answers every case that it can be asked as kernel mainline', (context) => {
    buildPrograms();
    const results = mkdtempSync(join(repository, 'build/vm-results-'));
    try {
      const sections = ['size', 'info', 'order', 'gone', 'rpc'];
      const guest = [join(repository, 'test/vm/sections'), '/run/fwctl-vm', ...sections];
      const devices = ['--device', 'connectx6dx', '--device', 'legacy'];
      const vm = join(repository, 'scripts/vm');
      const run = spawnSync(vm, ['--timeout', '580', '--results', results, ...devices, '--', ...guest], {
        encoding: 'utf8',
      });
      if (run.status === NOT_TO_BE_HAD) return context.skip(run.stderr.trim());
      assert.equal(run.status, 0, run.stderr);
      const compare = join(repository, 'dist/test/vm/compare.js');
      const { status, stdout } = spawnSync(process.execPath, [compare, results, ...sections], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    } finally {
      rmSync(results, { recursive: true });
    }
  });
});

function records(text: string): GoldenRecord[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What does not depend on the firmware: the result, and whether the structure was written. */
function answer({ ret, err, arg_chg: changed, tail_chg: tail }: GoldenRecord): string {
  return JSON.stringify({ ret, err, changed, tail });
}
