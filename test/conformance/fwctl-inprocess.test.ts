/** Every recorded ioctl case of the real kernels, run in this process: no difference in anything a caller can see. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parseLine } from './case-file.ts';
import { runCase } from './case-runner.ts';
import { caseLines, goldenRecords, KERNELS } from './golden.ts';
import { InprocessTarget } from './inprocess-machine.ts';

const SUITES = { size: 398, info: 341, rpc: 1626, order: 1062, gone: 96 };

for (const { kernel, abi } of KERNELS) {
  describe(`fwctl in-process, profile ${abi} against kernel ${kernel}`, () => {
    for (const suite of Object.keys(SUITES) as (keyof typeof SUITES)[]) {
      test(suite, () => {
        const golden = goldenRecords(kernel, suite).filter((record) => record.id !== undefined);
        const target = new InprocessTarget(abi);
        const differences: string[] = [];
        let n = 0;
        for (const text of caseLines(suite)) {
          const line = parseLine(text);
          if ('hook' in line) {
            target.hook(line.hook);
            continue;
          }
          const want = golden[n++];
          const have = runCase(target, line);
          if (!isDeepStrictEqual(have, want)) {
            differences.push(`${text}\n  want ${JSON.stringify(want)}\n  have ${JSON.stringify(have)}`);
          }
        }
        assert.equal(n, golden.length, 'one record for each case');
        assert.equal(n, SUITES[suite], 'all cases were run');
        assert.equal(differences.length, 0, `${differences.length} differ\n${differences.slice(0, 5).join('\n')}`);
      });
    }
  });
}
