/** fwctl_unregister() of drivers/fwctl/main.c: what an unplug does to those who still hold the device. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FWCTL_INFO } from '../../../src/abi/fwctl.ts';
import { Held } from '../../../src/abi/held.ts';
import { plainCaller } from '../../../src/transport/inprocess.ts';
import { machine, newHeld, release, ScriptedDriver } from './machine.ts';

const REQUEST = new Uint8Array(16);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('contexts are closed at unplug, in the order of opening, and not again at close', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  const files = [1, 2, 3].map(() => transport.openDevice(fileOps));
  assert.equal(fwctl.unregister(device), undefined, 'nothing in flight: done at once');
  assert.deepEqual(driver.closed, [1, 2, 3]);
  for (const file of files) file.close();
  assert.deepEqual(driver.closed, [1, 2, 3]);
});

test('afterwards calls are ENODEV, opens ENODEV while an orphan is open, then ENXIO', () => {
  const { fwctl, transport } = machine();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), new ScriptedDriver());
  const file = transport.openDevice(fileOps);
  fwctl.unregister(device);
  assert.throws(() => file.rpc(0, REQUEST, 16), { name: 'ENODEV' });
  assert.throws(() => file.rpc(9, REQUEST, 3_000_000), { name: 'ENODEV' });
  assert.throws(() => file.info(), { name: 'ENODEV' });
  assert.throws(() => transport.openDevice(fileOps), { name: 'ENODEV' });
  file.close();
  assert.throws(() => transport.openDevice(fileOps), { name: 'ENXIO' });
});

test('a call in flight ends normally; unplug, and calls and opens that come meanwhile, wait for it', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  const [busy, other] = [transport.openDevice(fileOps), transport.openDevice(fileOps)];
  const events: string[] = [];
  const note = (what: string) => (error?: unknown) => {
    events.push(error instanceof Error ? `${what} ${error.name}` : what);
  };
  const held = newHeld();
  driver.held = held;
  busy.rpcLate(0, REQUEST, 16).then((reply) => note(`rpc ${reply}`)(), note('rpc'));
  const unplugged = fwctl.unregister(device);
  assert.ok(unplugged instanceof Held);
  unplugged.onRelease(note('unplugged'));
  assert.deepEqual(fwctl.devices, [], 'the class no longer has it');
  other.rpcLate(0, REQUEST, 16).then(note('late rpc'), note('late rpc'));
  const info = other.ioctl(FWCTL_INFO, 0);
  assert.equal(info, -14, 'the checks before the device come first and do not wait');
  transport.openDeviceLate(fileOps).then(note('late open'), note('late open'));
  await settled();
  assert.deepEqual(events, []);
  assert.deepEqual(driver.closed, []);

  release(held);
  await settled();
  assert.deepEqual(driver.closed, [1, 2]);
  assert.deepEqual([...events].sort(), ['late open ENODEV', 'late rpc ENODEV', 'rpc 1,1,1,1', 'unplugged']);
  assert.equal(driver.rpcs.length, 1, 'the late RPC never reached the driver');
});

test('two calls in flight: unplug waits for the last', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  const file = transport.openDevice(fileOps);
  const holds = [newHeld(), newHeld()];
  for (const held of holds) {
    driver.held = held;
    file.rpcLate(0, REQUEST, 16);
  }
  const unplugged = fwctl.unregister(device);
  assert.equal(device.unregister(), unplugged, 'a second unplug waits for the same');
  release(holds[1]);
  assert.equal(unplugged?.released, false);
  release(holds[0]);
  assert.equal(unplugged?.released, true);
});

test('an unplug from inside an RPC waits for that RPC', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  const file = transport.openDevice(fileOps);
  let unplugged: Held<undefined> | undefined;
  driver.onRpc = () => {
    unplugged = fwctl.unregister(device);
    assert.deepEqual(driver.closed, []);
  };
  assert.deepEqual([...file.rpc(0, REQUEST, 16)], [1, 1, 1, 1]);
  assert.equal(unplugged?.released, true);
  assert.deepEqual(driver.closed, [1]);
});

test('a close during an RPC returns at once; the context goes when the RPC ends', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { fileOps } = fwctl.register(fwctl.alloc(), driver);
  const file = transport.openDevice(fileOps);
  const held = newHeld();
  driver.held = held;
  const reply = file.rpcLate(0, REQUEST, 16);
  file.close();
  assert.deepEqual(driver.closed, []);
  release(held);
  assert.deepEqual([...(await reply)], [1, 1, 1, 1]);
  assert.deepEqual(driver.closed, [1]);
});

test('a transport that releases a file under a held RPC does not take the context away from it', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { fileOps } = fwctl.register(fwctl.alloc(), driver);
  const opened = fileOps.open(plainCaller(), 2);
  assert.ok(!(opened instanceof Held));
  const held = newHeld();
  driver.held = held;
  const at = transport.memory.allocate(64);
  new DataView(transport.memory.view(at, 64).buffer).setUint32(0, 32, true);
  const call = transport.takeCall(plainCaller());
  call.start(plainCaller(), 0x9a01, at);
  assert.ok(opened.ioctl(call) instanceof Held);
  opened.release();
  opened.release();
  assert.deepEqual(driver.closed, []);
  release(held);
  assert.deepEqual(driver.closed, [1]);
});

test('an open in flight keeps unplug waiting; its file is an orphan then', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const held = newHeld();
  driver.heldOpen = held;
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  const late = transport.openDeviceLate(fileOps);
  const unplugged = fwctl.unregister(device);
  assert.equal(unplugged?.released, false);
  release(held);
  const file = await late;
  assert.equal(unplugged?.released, true);
  assert.deepEqual(driver.closed, [1]);
  assert.throws(() => file.rpc(0, REQUEST, 16), { name: 'ENODEV' });
});

test('an open that was given up leaves nothing behind once the device answers', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const held = newHeld();
  driver.heldOpen = held;
  const { fileOps } = fwctl.register(fwctl.alloc(), driver);
  assert.throws(() => transport.openDevice(fileOps), /holds its answer back: use openDeviceLate/);
  release(held);
  await settled();
  assert.deepEqual(driver.closed, [1]);
});

test('a close while unplug waits leaves the context to unplug, in its place of the list', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  const [busy, idle] = [transport.openDevice(fileOps), transport.openDevice(fileOps)];
  const held = newHeld();
  driver.held = held;
  busy.rpcLate(0, REQUEST, 16);
  fwctl.unregister(device);
  idle.close();
  assert.deepEqual(driver.closed, []);
  release(held);
  assert.deepEqual(driver.closed, [1, 2]);
});
