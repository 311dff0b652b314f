import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FWCTL_INFO } from '../../../src/abi/fwctl.ts';
import { rawFwctl, rawOptions } from '../../../src/drivers/raw/driver.ts';
import { machine, newHeld, release, ScriptedDriver } from '../fwctl/machine.ts';

const REQUEST = new Uint8Array(16);

test('ioctl takes any 64-bit argument and gives negative errnos', () => {
  const { fwctl, transport } = machine();
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), rawFwctl(rawOptions())).fileOps);
  for (const argument of [0, 8, 2 ** 47, 0xffff888000000000n, 1n << 63n, 0xffffffffffffffffn]) {
    assert.equal(file.ioctl(FWCTL_INFO, argument), -14);
  }
  assert.equal(file.ioctl(0x5401, 0), -25);
  const at = transport.memory.allocate(24);
  transport.memory.view(at, 1)[0] = 24;
  assert.equal(file.ioctl(FWCTL_INFO, at), 0);
  assert.equal(file.ioctl(FWCTL_INFO, BigInt(at)), 0);
});

test('a closed file is EBADF, and close is once', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), driver).fileOps);
  file.close();
  file.close();
  assert.deepEqual(driver.closed, [1]);
  assert.equal(file.ioctl(FWCTL_INFO, 0), -9);
  assert.throws(() => file.rpc(0, REQUEST, 16), { name: 'EBADF' });
  assert.throws(() => file.info(), { name: 'EBADF' });
});

test('many held calls at a time, each with its own answer, collected in any order', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const { fileOps } = fwctl.register(fwctl.alloc(), driver);
  const files = Array.from({ length: 20 }, () => transport.openDevice(fileOps));
  const holds = files.map(() => newHeld());
  const replies = files.map((file, i) => {
    driver.held = holds[i];
    return file.rpcLate(0, REQUEST, 16);
  });
  for (const held of [...holds].reverse()) release(held);
  assert.deepEqual(
    (await Promise.all(replies)).map((reply) => reply[0]),
    files.map((_, i) => i + 1),
  );
});

test('ioctlLate resolves with the number; a refusal is a number too', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), driver).fileOps);
  const at = transport.memory.allocate(32);
  transport.memory.view(at, 13).set([32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
  const held = newHeld();
  driver.held = held;
  const answer = file.ioctlLate(0x9a01, at);
  release(held);
  assert.equal(await answer, -14, 'the reply is copied out when it is collected: out is NULL');
  assert.equal(await file.ioctlLate(0x9a05, at), -25);
});

test('an exception that is no refusal is not swallowed, and leaves the file usable', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), driver).fileOps);
  driver.onRpc = () => {
    throw new TypeError('bug');
  };
  assert.throws(() => file.rpc(0, REQUEST, 16), TypeError);
  driver.onRpc = undefined;
  assert.deepEqual([...file.rpc(0, REQUEST, 16)], [1, 1, 1, 1]);
});
