/** Replug and exchange: what fails leaves the old devices, their open files alive, and no number lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Clock } from '../../../../src/abi/clock.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import { DEFAULT_DEVICE } from '../../../../src/host/config/defaults.ts';
import type { FunctionSpec } from '../../../../src/host/config/device-spec.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { MLX5_DRIVER } from '../../../../src/host/machine/drivers/mlx5.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host, type HostOptions } from '../../../../src/host/machine/host.ts';
import { DirectoryStateStore } from '../../../../src/host/machine/state-store.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-replug-'));
after(() => rmSync(folder, { recursive: true }));
const transport = new InprocessTransport();
const QUERY_ISSI = Uint8Array.from([0x01, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const PCI = DEFAULT_DEVICE.pci;

function hostWith(options: Partial<HostOptions> = {}): Host {
  const abi = abiProfile('latest');
  assert.ok(abi);
  return new Host({ abi, clock: systemClock, drivers: DRIVERS, ...options });
}

/** A machine with one device, and what makes that device impossible from now on. */
type Break = () => Promise<{ readonly host: Host; readonly spec: FunctionSpec; readonly fail: () => void }>;

const BREAKS: Readonly<Record<string, Break>> = {
  'a profile that was damaged': async () => {
    const profile = join(folder, 'card.yaml');
    writeFileSync(profile, 'base: connectx6dx\n');
    return {
      host: hostWith(),
      spec: { ...DEFAULT_DEVICE, profile },
      fail: () => writeFileSync(profile, 'base: connectx6dy\n'),
    };
  },
  'a profile that is gone': async () => {
    const profile = join(folder, 'gone.yaml');
    writeFileSync(profile, 'base: connectx6dx\n');
    return { host: hostWith(), spec: { ...DEFAULT_DEVICE, profile }, fail: () => rmSync(profile) };
  },
  'a state that was damaged': async () => {
    const states = mkdtempSync(join(folder, 'state-'));
    const fail = () => writeFileSync(join(states, `${PCI}.json`), 'nonsense');
    return { host: hostWith({ states: new DirectoryStateStore(states) }), spec: DEFAULT_DEVICE, fail };
  },
  'a firmware module that has no second one, as of a port that is in use': async () => {
    const firmware = join(mkdtempSync(join(folder, 'module-')), 'once.mjs');
    writeFileSync(
      firmware,
      'let made = false; export default () => { if (made) throw new Error("in use"); made = true; return { exec() {} }; };',
    );
    const spec = { ...DEFAULT_DEVICE, keys: { firmware } };
    const prepared = new Map([['mlx5', await MLX5_DRIVER.prepare?.([spec])]]);
    return { host: hostWith({ prepared }), spec, fail: () => {} };
  },
  'a node that cannot be shown': async () => {
    const host = hostWith();
    let refused = false;
    host.onChange(({ kind }) => {
      if (kind !== 'plug' || !refused) return;
      refused = false;
      throw new Error('no node');
    });
    const fail = () => {
      refused = true;
    };
    return { host, spec: DEFAULT_DEVICE, fail };
  },
  'numbers that have run out': async () => {
    const host = hostWith();
    const fail = () => {
      const last = host.abi.maxDevices - 1;
      for (let i = 1; i < last; i++)
        host.plug({ ...DEFAULT_DEVICE, pci: `${i.toString(16).padStart(4, '0')}:00:0a.0` });
    };
    return { host, spec: DEFAULT_DEVICE, fail };
  },
};

for (const [what, broken] of Object.entries(BREAKS))
  for (const open of [true, false])
    test(`replug, ${what}, ${open ? 'with an open file' : 'nobody has it open'}: the old device is there as before`, async () => {
      const { host, spec, fail } = await broken();
      // A number below is free: the old one's own is to be its again.
      host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:1f.0' });
      const device = host.plug(spec);
      host.unplug('fwctl0');
      if (what.startsWith('numbers')) host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:1f.0' });
      const file = open ? transport.openDevice(device.fileOps) : undefined;
      const before = [device.name, device.parents[1]?.name];
      fail();
      if (what.startsWith('numbers') && !open) {
        assert.equal(host.replug(device.name).device.name, device.name, 'it takes its own again');
        return;
      }
      assert.throws(() => host.replug(device.name));
      const there = host.devices().find((one) => one.spec.pci === spec.pci);
      assert.ok(there);
      assert.equal(there.name, before[0]);
      if (open) assert.equal(there.parents[1]?.name, before[1]);
      assert.equal(file?.rpc(1, QUERY_ISSI, 16).length ?? 16, 16);
      assert.equal(transport.openDevice(there.fileOps).rpc(1, QUERY_ISSI, 16).length, 16);
      file?.close();
      host.unplug(there.name);
      assert.throws(() => host.unplug(there.name), /there is no device/);
    });

test('what works: the number stays where no file keeps it, and what the device keeps', () => {
  const host = hostWith();
  host.plug(DEFAULT_DEVICE);
  const [{ live } = assert.fail()] = host.devices();
  live?.set('registers.NODE_DESC.node_description', 'mine');
  live?.set('registers.MTMP.temperature', 800);
  const { device, late } = host.replug('fwctl0');
  assert.deepEqual([device.name, late], ['fwctl0', undefined]);
  const value = (name: string) => device.live?.get(name)[name];
  assert.notEqual(value('registers.MTMP.temperature'), 800);
  const file = transport.openDevice(device.fileOps);
  assert.equal(host.replug('fwctl0').device.name, 'fwctl1');
  assert.throws(() => file.rpc(1, QUERY_ISSI, 16), /ENODEV/);
  file.close();
  assert.equal(host.replug('fwctl1').device.name, 'fwctl0');
  assert.equal(host.devices().length, 1);
});

test('a reset that a client asks for: the call is answered, and then the device is another one', () => {
  let later = () => {};
  const clock: Clock = {
    ...systemClock,
    monotonicNs: () => 0,
    wallMs: () => 0,
    after: (_ms, callback) => {
      later = callback;
      return () => {};
    },
  };
  const host = hostWith({ clock });
  const { fileOps } = host.plug(DEFAULT_DEVICE);
  const file = transport.openDevice(fileOps);
  // ACCESS_REG, write, MFRL: trigger 3, the driver's flow.
  const request = Uint8Array.from([8, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0x90, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 8]);
  assert.equal(file.rpc(0, request, 24)[0], 0);
  assert.equal(file.rpc(1, QUERY_ISSI, 16).length, 16, 'it is there until then');
  later();
  assert.throws(() => file.rpc(1, QUERY_ISSI, 16), /ENODEV/);
  assert.deepEqual(
    host.devices().map(({ name, spec }) => [name, spec.pci]),
    [['fwctl1', DEFAULT_DEVICE.pci]],
  );
  file.close();
  later();
  assert.equal(host.devices()[0]?.name, 'fwctl1', 'once');
});

test('exchange: all of them, or the old ones stay', () => {
  const host = hostWith();
  host.plug(DEFAULT_DEVICE);
  host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:0b.0' });
  const [first = assert.fail()] = host.devices();
  const file = transport.openDevice(first.fileOps);
  const wrong = [DEFAULT_DEVICE, { ...DEFAULT_DEVICE, pci: '0000:00:0c.0', profile: '/no/such.yaml' }];
  assert.throws(() => host.exchange(wrong, assert.fail), /no\/such\.yaml/);
  assert.equal(file.rpc(1, QUERY_ISSI, 16).length, 16);
  file.close();
  let gone = 0;
  const names = host.exchange([DEFAULT_DEVICE], () => {
    gone = host.devices().length;
  });
  assert.deepEqual([names.map(({ name }) => name), gone, host.devices().length], [['fwctl0'], 0, 1]);
});
