/** Of several open devices, the one that fstat(2) and its like spoke of is the one that /sys/dev/char/0:0 leads to. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { REPOSITORY } from './devices.ts';
import { BASE, runCommand, WAYS } from './run-view.ts';

after(() => rmSync(BASE, { recursive: true }));

const PROGRAM = join(REPOSITORY, 'build/c/two-devices');
const UNBUILT = !existsSync(PROGRAM) && 'build/c/two-devices is not built: make build';

for (const way of WAYS) {
  describe(`several devices in a view as ${way.name}`, { skip: way.skip || UNBUILT }, () => {
    for (const nodes of [
      ['fwctl0', 'fwctl1'],
      ['fwctl1', 'fwctl0'],
    ]) {
      it(`opened as ${nodes.join(', ')}: each leads to its own`, async () => {
        const { stdout, stderr } = await runCommand(way, [PROGRAM, ...nodes.map((name) => `/dev/fwctl/${name}`)]);
        const astray = stdout.split('\n').filter((line) => / -> /.test(line) && !/ (\S+) -> \1$/.test(line));
        assert.deepEqual(astray, [], stderr);
        assert.match(stdout, /ended 0/);
      });
    }
  });
}
