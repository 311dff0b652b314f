/** A CXL memory device's node by CUSE, beside that of its fwctl device. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { uml } from './uml.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const INSIDE = `
nodes() { echo $(cd /dev && stat -c '%n %F' cxl/* fwctl/*); }
nodes
test "$(cat /sys/bus/cxl/devices/mem0/dev)" = "$(stat -c '%Hr:%Lr' /dev/cxl/mem0)" && echo 'the number of sysfs'
node ${MAIN} plug cxl-loopback-exclusive
node ${MAIN} unplug fwctl0
nodes
`;

test('run over CUSE: /dev/cxl is live, with the numbers that sysfs tells', async (t) => {
  const words = ['node', MAIN, 'run', '--transport', 'cuse', '--device', 'cxl-loopback'];
  const devices = ['--device', 'cxl-loopback-ro', '--', 'sh', '-c', INSIDE];
  const run = await uml(t, [...words, ...devices], { timeout: 120 });
  if (run === undefined) return;
  const special = 'character special file';
  assert.deepEqual(
    run.stdout.trim().split('\n'),
    [
      `cxl/mem0 ${special} cxl/mem1 ${special} fwctl/fwctl0 ${special} fwctl/fwctl1 ${special}`,
      'the number of sysfs',
      'mem2 is plugged at 0000:00:0c.0',
      'fwctl0 is unplugged',
      `cxl/mem1 ${special} cxl/mem2 ${special} fwctl/fwctl1 ${special}`,
    ],
    run.stderr,
  );
});
