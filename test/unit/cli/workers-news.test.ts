/** What the main thread of `serve --workers` makes of its workers' news, in whichever order they come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abiProfile } from '../../../src/abi/profiles.ts';
import { createMachine } from '../../../src/cli/machine.ts';
import type { WorkerLink } from '../../../src/cli/workers/link.ts';
import { Workers } from '../../../src/cli/workers/workers.ts';
import { DEFAULT_DEVICE } from '../../../src/host/defaults.ts';
import type { DeviceFacts } from '../../../src/host/host-device.ts';

function device(name: string, pci: string): DeviceFacts {
  return { name, nodes: [], spec: { ...DEFAULT_DEVICE, pci }, pciDriver: 'mlx5_core', auxiliary: undefined };
}

test('a name that another worker has given again before the news of its end is not lost', async () => {
  const abi = abiProfile('linux-7.3');
  assert.ok(abi);
  const nothing = () => {};
  const log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  const workers = new Workers(await createMachine({ abi, devices: [], faults: [] }, undefined, log), 2);
  const [first, second] = [{}, {}] as [WorkerLink, WorkerLink];
  workers['take']({ kind: 'plugged', device: device('fwctl0', '0000:00:0a.0') }, first);
  workers['take']({ kind: 'plugged', device: device('fwctl1', '0000:00:0b.0') }, first);
  workers['take']({ kind: 'plugged', device: device('fwctl0', '0000:00:0c.0') }, second);
  workers['take']({ kind: 'unplugged', name: 'fwctl0' }, first);
  const places = workers.devices().map(({ name, spec }) => [name, spec.pci]);
  assert.deepEqual(places, [
    ['fwctl1', '0000:00:0b.0'],
    ['fwctl0', '0000:00:0c.0'],
  ]);
  workers['take']({ kind: 'unplugged', name: 'fwctl0' }, second);
  assert.deepEqual(
    workers.devices().map(({ name }) => name),
    ['fwctl1'],
  );
});
