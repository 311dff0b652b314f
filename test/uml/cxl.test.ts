/** A CXL memory device's node by CUSE, beside that of its fwctl device. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { repository } from '../repository.ts';
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

/** As ndctl's test/fwctl.c goes: from a memory device to its fwctl node's number, and by that to the node. */
const BY_NUMBER = `
set -e
mem=$(cd /sys/bus/cxl/devices && echo mem*)
echo "$(basename "$(readlink -f /sys/bus/cxl/devices/root*/uport)") $mem"
number=$(cat /sys/bus/cxl/devices/$mem/fwctl/fwctl0/dev)
test "$number" = "$(stat -c '%Hr:%Lr' /dev/fwctl/fwctl0)"
test "$(readlink /dev/char/$number)" = ../fwctl/fwctl0
exec build/c/demo-cxl /dev/char/$number
`;

test('the fwctl node of a memory device by its number, on the bus that is cxl_test', async (t) => {
  if (!existsSync(join(repository, 'build/c/demo-cxl'))) return t.skip('C clients are not built (make c)');
  const words = ['node', MAIN, 'run', '--transport', 'cuse', '--device', 'cxl-test', '--', 'sh', '-c', BY_NUMBER];
  const run = await uml(t, words, { timeout: 120 });
  if (run === undefined) return;
  assert.match(run.stdout, /^cxl_acpi\.0 mem0\n/, run.stderr);
  assert.match(run.stdout, /features {11}1 of 1, 1 of them changeable/);
  assert.match(run.stdout, /ok {8}what was set is read back/);
});
