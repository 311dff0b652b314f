/** `serve --workers` asked by several clients at once: each gets what it would get if they came one after the other. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openStream } from '../../../src/control/client.ts';
import { serveRefusal } from '../../refusals.ts';
import { control, hold, methodOf, mountsBelow, placeFor, serve } from './workers-rig.ts';

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

test('traces that begin at the same time each have every event once', options, async () => {
  const place = placeFor('traces');
  const server = await serve(place);
  const open = () => openStream(place.socket, methodOf('trace'), { format: 'json' });
  const traces = (await Promise.all([open(), open()])).map((stream) => {
    const trace = { stream, text: '' };
    stream.setEncoding('utf8').on('data', (more: string) => {
      trace.text += more;
    });
    return trace;
  });
  for (const device of [0, 1])
    assert.equal((await hold(join(place.directory, `fwctl${device}`), 'rpc', '1').ended).status, 0);
  const one = ['open', 'ioctl', 'ioctl', 'close'];
  for (const trace of traces) {
    const events = () =>
      [...trace.text.matchAll(/^.*\n/gm)].map(([line]) => (JSON.parse(line) as { event: string }).event);
    while (events().length < 2 * one.length) await pause(10);
    assert.deepEqual(events(), [...one, ...one]);
  }
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).status, 0);
});
