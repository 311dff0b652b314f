import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FwctlNode } from '../../../src/fwctl/class.ts';
import { machine, ScriptedDriver } from './machine.ts';

const minors = (nodes: readonly FwctlNode[]) => nodes.map(({ device }) => device.minor);

test('the lowest free number, over all parents; name, major and minor say the same', () => {
  const { fwctl } = machine();
  const nodes = [1, 2, 3].map(() => fwctl.register(fwctl.alloc(), new ScriptedDriver()));
  assert.deepEqual(
    nodes.map(({ device }) => [device.name, device.major, device.minor]),
    [
      ['fwctl0', 252, 0],
      ['fwctl1', 252, 1],
      ['fwctl2', 252, 2],
    ],
  );
  const [, second] = nodes;
  assert.ok(second);
  fwctl.unregister(second.device);
  assert.deepEqual(minors(fwctl.devices), [0, 2]);
  assert.equal(fwctl.register(fwctl.alloc(), new ScriptedDriver()).device.name, 'fwctl1');
});

test('a number is not free while an orphan of it is open', () => {
  const { fwctl, transport } = machine();
  const nodes = [0, 1, 2, 3].map(() => fwctl.register(fwctl.alloc(), new ScriptedDriver()));
  const first = nodes[1];
  assert.ok(first);
  const orphans = [transport.openDevice(first.fileOps), transport.openDevice(first.fileOps)];
  fwctl.unregister(first.device);
  const second = fwctl.register(fwctl.alloc(), new ScriptedDriver());
  assert.equal(second.device.name, 'fwctl4');
  fwctl.unregister(second.device);
  orphans[0]?.close();
  assert.equal(fwctl.register(fwctl.alloc(), new ScriptedDriver()).device.name, 'fwctl4', 'one orphan is still open');
  orphans[1]?.close();
  assert.equal(fwctl.register(fwctl.alloc(), new ScriptedDriver()).device.name, 'fwctl1');
});

test('a transport may keep the number beyond the last open file', () => {
  const { fwctl, transport } = machine();
  const { device, fileOps } = fwctl.register(fwctl.alloc(), new ScriptedDriver());
  const orphan = transport.openDevice(fileOps);
  device.keepNumber();
  fwctl.unregister(device);
  orphan.close();
  assert.equal(fwctl.register(fwctl.alloc(), new ScriptedDriver()).device.name, 'fwctl1');
  device.letNumberGo();
  assert.equal(fwctl.register(fwctl.alloc(), new ScriptedDriver()).device.name, 'fwctl0');
});

test('an open that fails does not keep the number', () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  driver.openUctx = () => {
    throw new Error('bug');
  };
  const { device, fileOps } = fwctl.register(fwctl.alloc(), driver);
  assert.throws(() => transport.openDevice(fileOps), /bug/);
  assert.equal(fwctl.unregister(device), undefined, 'and is not counted as in flight');
  assert.equal(fwctl.register(fwctl.alloc(), new ScriptedDriver()).device.minor, 0);
});

test('a device that was never registered cannot be opened, and its number is free after put', () => {
  const { fwctl } = machine();
  const device = fwctl.alloc();
  assert.equal(device.registered, false);
  assert.deepEqual(fwctl.devices, []);
  assert.equal(fwctl.alloc().name, 'fwctl1', 'until then it has its number');
  device.put();
  assert.equal(fwctl.alloc().name, 'fwctl0');
});

for (const [abi, limit] of [
  ['v2', 256],
  ['linux-6.15', 4096],
  ['linux-7.3', 4096],
] as const) {
  test(`${abi} has ${limit} devices, the next is ENOMEM`, () => {
    const { fwctl } = machine(abi);
    const driver = new ScriptedDriver();
    let last: FwctlNode | undefined;
    for (let i = 0; i < limit; i++) last = fwctl.register(fwctl.alloc(), driver);
    assert.equal(last?.device.name, `fwctl${limit - 1}`);
    assert.throws(() => fwctl.register(fwctl.alloc(), driver), { name: 'ENOMEM' });
    assert.throws(() => fwctl.register(fwctl.alloc(), driver), { name: 'ENOMEM' });
    if (last !== undefined) fwctl.unregister(last.device);
    assert.equal(fwctl.register(fwctl.alloc(), driver).device.minor, limit - 1);
  });
}
