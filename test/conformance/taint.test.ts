/**
 * The recorded taint sequences: each step's errno, the mask
 * before and after, and the one line of the log. One boot each.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errnoName } from '../../src/abi/errno.ts';
import { FWCTL_RPC } from '../../src/abi/fwctl.ts';
import { devKmsgText } from '../../src/kernel/kmsg.ts';
import type { InprocessFile } from '../../src/transport/inprocess.ts';
import { goldenRecords, KERNELS } from './golden.ts';
import { callerOf, Machine } from './inprocess-machine.ts';

const SEQUENCES = [
  'U3_u2',
  'b3_s3',
  'c2',
  'd2',
  'g2_s2',
  'h2_s2',
  'm3_m2',
  'n3_s4_l2_b2_s2',
  'o2',
  'r2_s2',
  'r3',
  's0_s1_s4_n3_l2_s2_s3_o2',
  's3_s2_r2',
  'w2_s2',
];

/** prctl(PR_SET_NAME) of step c: 15 bytes, any byte. */
const ODD_NAME = 'a b%s\n\x01\xff longer name'.slice(0, 15);

interface Step {
  readonly device?: number;
  readonly ctx?: string;
  readonly request?: readonly number[];
  readonly inLength?: number;
  readonly nullIn?: boolean;
}

/** By the letter of a step; the digit is the scope. */
const STEPS: Readonly<Record<string, Step>> = {
  s: {},
  n: { ctx: 'norawio' },
  b: { nullIn: true },
  l: { inLength: 2 * 1024 * 1024 + 1 },
  h: { inLength: 4 },
  d: { request: [9, 9] },
  w: { request: [8, 0x20] },
  r: { device: 2 },
  o: { device: 1 },
  u: { ctx: 'userns' },
  U: { ctx: 'userns' },
  m: { ctx: 'nobody' },
  g: { device: 1 },
  c: {},
};

for (const { kernel, abi } of KERNELS) {
  describe(`taint, profile ${abi} against kernel ${kernel}`, () => {
    for (const sequence of SEQUENCES) {
      test(sequence, () => {
        const golden = goldenRecords(kernel, `taint/${sequence}`);
        const pid = Number(/\((\d+)\)/.exec(String(golden.find((record) => record.kmsg)?.kmsg))?.[1] ?? 0);
        const machine = new Machine(abi);
        const files = [0, 1, 2].map((n) => machine.open(n) as InprocessFile);
        const { memory } = machine.transport;
        const argument = memory.allocate(64);
        const [input, output] = [memory.allocate(64), memory.allocate(64)];
        const struct = new DataView(memory.view(argument, 32).buffer);

        const have = [];
        for (const name of sequence.split('_')) {
          const step = STEPS[name[0] ?? ''];
          assert.ok(step, name);
          if (name[0] === 'g') machine.unplug(1);
          memory
            .view(input, 16)
            .fill(0)
            .set(step.request ?? [1, 0]);
          [32, Number(name[1]), step.inLength ?? 16, 64].forEach((word, i) => {
            struct.setUint32(4 * i, word, true);
          });
          struct.setBigUint64(16, BigInt(step.nullIn ? 0 : input), true);
          struct.setBigUint64(24, BigInt(output), true);
          const caller = callerOf(step.ctx ?? 'root', {
            pid: () => pid,
            comm: () => (name[0] === 'c' ? ODD_NAME : 'fwx'),
          });
          const before = machine.taint.value;
          const result = Number(files[step.device ?? 0]?.ioctl(FWCTL_RPC, argument, caller));
          const err = result < 0 ? errnoName(-result) : 'OK';
          have.push({ step: name, err, taint_before: before, taint_after: machine.taint.value });
        }
        assert.deepEqual(
          have,
          golden.filter((record) => record.step !== undefined),
        );
        assert.deepEqual(
          machine.kmsg.records().map((record) => ({
            kmsg_prio: record.level,
            kmsg: devKmsgText(record).replace(/^[^;]*;/, ''),
          })),
          golden.filter((record) => record.kmsg !== undefined),
        );
      });
    }
  });
}
