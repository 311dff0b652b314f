/** `serve --workers` asked by several clients at once: each gets what it would get if they came one after the other. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { serveRefusal } from '../../refusals.ts';
import { control, mountsBelow, placeFor, serve } from './workers-rig.ts';

const options = { skip: serveRefusal(), timeout: 60_000 };

interface Device {
  readonly name: string;
  readonly pci: string;
}

const names = (devices: readonly Device[]) => devices.map(({ name }) => name);

test('each of several clients that plug at the same time gets a device at an address of its own', options, async () => {
  const place = placeFor('plugs');
  const server = await serve(place);
  const plugs = Array.from({ length: 12 }, () => control(place.socket, 'plug', { spec: 'connectx6dx' }));
  const plugged = (await Promise.all(plugs)).flatMap((answer) => (answer as { plugged: Device[] }).plugged);
  assert.deepEqual(new Set(names(plugged)), new Set(Array.from({ length: 12 }, (_, i) => `fwctl${i + 4}`)));
  assert.equal(new Set(plugged.map(({ pci }) => pci)).size, 12);
  assert.equal(mountsBelow(place.directory).length, 17);
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).status, 0);
});

test(
  'resets at the same time all put the same devices back, and nobody sees the machine between',
  options,
  async () => {
    const place = placeFor('resets');
    const server = await serve(place);
    const configured = ['fwctl0', 'fwctl1', 'fwctl2', 'fwctl3'];
    const asked = Array.from({ length: 8 }, async () => {
      const reset = control(place.socket, 'reset');
      const list = control(place.socket, 'list');
      const info = control(place.socket, 'info', { device: 'fwctl3' });
      assert.deepEqual(((await reset) as { devices: string[] }).devices, configured);
      assert.deepEqual(names(((await list) as { devices: Device[] }).devices), configured);
      assert.equal(((await info) as Device).name, 'fwctl3');
    });
    await Promise.all(asked);
    assert.deepEqual(readdirSync(place.directory).sort(), configured);
    server.child.kill('SIGTERM');
    assert.equal((await server.ended).status, 0);
  },
);
