/** Every recorded iommufd case on the in-process transport, compared with what the real kernels answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { iommufdAbi } from '../../../src/abi/iommufd-profiles.ts';
import { iommufdFileOps } from '../../../src/iommufd/fops.ts';
import { mockRows } from '../../oracle-iommufd/mock.ts';
import { type GoldenRecord, goldenRecords, KERNELS, type RecordedKernel, sequences } from './golden.ts';
import { CaseMemory } from './regions.ts';
import { type CaseMachine, CaseSession, type LineResult } from './session.ts';

/** Times are rounded to 100 ms; this much is allowed, as ioxcmp.mjs does. */
const SLACK_MS = 300;

export function machine(kernel: RecordedKernel): CaseMachine {
  const abi = iommufdAbi(kernel.abi);
  assert.ok(abi);
  const log = { text: '' };
  const further = abi.ioas ? [] : mockRows((line) => (log.text += line));
  const options = { abi, thp: kernel.thp, further };
  return { iommu: iommufdFileOps(options), vfio: iommufdFileOps({ ...options, vfioNode: true }), log };
}

function differs(golden: GoldenRecord, result: LineResult): boolean {
  const { ms, ...expected } = golden;
  const { ms: took, ...actual }: LineResult = { id: golden.id, op: golden.op, ...result };
  if (ms !== undefined && Math.abs(ms - Number(took)) > SLACK_MS) return true;
  try {
    assert.deepStrictEqual(actual, expected);
    return false;
  } catch {
    return true;
  }
}

async function replay(kernel: RecordedKernel, suite: string): Promise<void> {
  const golden = new Map(goldenRecords(kernel.kernel, suite).map((record) => [record.id, record]));
  const memory = new CaseMemory();
  const wrong: unknown[] = [];
  const replayed = new Set<string>();
  for (const { name, lines } of sequences(suite)) {
    memory.wipe();
    const session = new CaseSession(machine(kernel), memory);
    for (const [index, line] of lines.entries()) {
      const id = `${name}/${index + 1}`;
      const result = await session.run(line);
      const record = golden.get(id);
      replayed.add(id);
      if (record === undefined || differs(record, result)) wrong.push({ golden: record, emulated: result });
    }
    session.end();
  }
  assert.deepEqual(
    [...golden.keys()].filter((id) => !replayed.has(id)),
    [],
  );
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} records differ`);
}

for (const kernel of KERNELS) {
  describe(`iommufd of ${kernel.kernel}, in process`, () => {
    for (const suite of kernel.suites) test(suite, () => replay(kernel, suite));
  });
}
