/** State through the host: plug and unplug, and a directory store across hosts. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Clock } from '../../../../../../src/abi/clock.ts';
import { messageBuffer } from '../../../../../../src/abi/message-buffer.ts';
import { NODE_DESC } from '../../../../../../src/abi/mlx5/registers/node-desc.ts';
import { abiProfile } from '../../../../../../src/abi/profiles.ts';
import { connectx6dx } from '../../../../../../src/devices/mlx5/connectx6dx.ts';
import { mlx5Fwctl } from '../../../../../../src/drivers/mlx5/driver.ts';
import { createMlx5Firmware } from '../../../../../../src/firmware/mlx5/firmware.ts';
import type { FwctlOps } from '../../../../../../src/fwctl/ops.ts';
import { DEFAULT_DEVICE } from '../../../../../../src/host/config/defaults.ts';
import { type FwctlDriverRow, fwctlRows } from '../../../../../../src/host/machine/driver-row.ts';
import { KeptState } from '../../../../../../src/host/machine/drivers/mlx5/kept-state.ts';
import { DRIVERS } from '../../../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../../../src/host/machine/host.ts';
import {
  DirectoryStateStore,
  MemoryStateStore,
  type StateStore,
} from '../../../../../../src/host/machine/state-store.ts';

const root = mkdtempSync(join(tmpdir(), 'fwctl-emu-kept-'));
after(() => rmSync(root, { recursive: true, force: true }));
const clock: Clock = { monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} };
const PCI = '0000:00:0a.0';
const fail = (message: string): void => assert.fail(message);

function describeNode(mailbox: { exec(request: unknown, reply: unknown): unknown }, text: string): void {
  const request = messageBuffer(80);
  request.view.setUint16(0, 0x805);
  request.view.setUint16(10, 0x6001);
  request.bytes.set(NODE_DESC.encode({ node_description: text }), 16);
  const reply = messageBuffer(80);
  mailbox.exec(request, reply);
  assert.equal(reply.bytes[0], 0);
}
const stored = (store: StateStore) => JSON.stringify(store.load(PCI) ?? null);

describe('KeptState', () => {
  const kept = (store: StateStore, failed = fail) => {
    const firmware = createMlx5Firmware(connectx6dx, { clock });
    return { firmware, kept: new KeptState(firmware, PCI, store, failed) };
  };

  it('in memory: saves when told, restores at the next start', () => {
    const store = new MemoryStateStore();
    const first = kept(store);
    describeNode(first.kept.mailbox, 'one');
    assert.equal(store.load(PCI), undefined);
    first.kept.save();
    assert.deepEqual(kept(store).firmware.saveState(), first.firmware.saveState());
    assert.match(stored(store), /6f6e65/);
  });

  it('in a directory: a write is there at once, for a daemon that is killed next', () => {
    const store = new DirectoryStateStore(mkdtempSync(join(root, 'd-')));
    describeNode(kept(store).kept.mailbox, 'two');
    assert.match(stored(store), /74776f/);
    assert.match(JSON.stringify(kept(store).firmware.saveState()), /74776f/);
  });

  it('tells what could not be saved, and the command still is answered', () => {
    const store = new DirectoryStateStore(mkdtempSync(join(root, 'd-')));
    const told: string[] = [];
    const { mailbox } = kept(store, (message) => void told.push(message)).kept;
    const path = join((store as unknown as { directory: string }).directory, `${PCI}.json`);
    writeFileSync(path, 'broken');
    describeNode(mailbox, 'three');
    assert.equal(told.length, 1);
    assert.ok(told[0]?.startsWith(`${path}: the saved state is damaged`));
    assert.equal(readFileSync(path, 'utf8'), 'broken');
  });

  it('tells once of each reason, tries again with each write, and tells when it is saved again', () => {
    const store = new DirectoryStateStore(mkdtempSync(join(root, 'd-')));
    const told: string[] = [];
    const { mailbox } = kept(store, (message) => void told.push(message)).kept;
    const path = store.nameOf(PCI);
    writeFileSync(path, 'broken');
    for (const text of ['one', 'two', 'three']) describeNode(mailbox, text);
    rmSync(path);
    mkdirSync(path);
    describeNode(mailbox, 'four');
    rmdirSync(path);
    for (const text of ['five', 'six']) describeNode(mailbox, text);
    assert.deepEqual(
      told.map((text) => text.replace(/\(no JSON: .*\);/, ';')),
      [
        `${path}: the saved state is damaged ; it was left as it is: repair it, or move it away to start anew`,
        `${path}: the saved state cannot be read (a directory); move it away`,
        `${path}: the state is saved again`,
      ],
    );
    assert.match(stored(store), /736978/);
  });

  it('refuses a state that is not for this device', () => {
    const store = new MemoryStateStore();
    store.save(PCI, { version: 1, nv: { '0x00ffffff': '00' }, registers: {} });
    assert.throws(() => kept(store), /0000:00:0a\.0: the saved state is not for this device \(nv\.0x00ffffff/);
  });
});

describe('a host', () => {
  const abi = abiProfile('latest');
  assert.ok(abi !== undefined);

  const nodeOf = (host: Host) => {
    const device = host.plug(DEFAULT_DEVICE);
    const [text] = Object.values(device.live?.get('registers.NODE_DESC.node_description') ?? {});
    host.unplug(device.name);
    return text;
  };
  const state = (text: string) => {
    const firmware = createMlx5Firmware(connectx6dx, { clock });
    describeNode(firmware, text);
    return firmware.saveState();
  };

  it('gives a plugged device the state of its address, again and again, and another host too', () => {
    const store = new DirectoryStateStore(mkdtempSync(join(root, 'h-')));
    store.save(PCI, state('kept'));
    const host = new Host({ abi, clock, drivers: DRIVERS, states: store });
    assert.deepEqual([nodeOf(host), nodeOf(host)], ['kept', 'kept']);
    assert.equal(nodeOf(new Host({ abi, clock, drivers: DRIVERS, states: store })), 'kept');
    assert.equal(nodeOf(new Host({ abi, clock, drivers: DRIVERS })), 'MT4125 ConnectX6Dx Mellanox Technologies');
  });

  it('saves at unplug, in memory without being told where', () => {
    const firmware = createMlx5Firmware(connectx6dx, { clock });
    let own = true;
    const host: Host = new Host({
      abi,
      clock,
      drivers: DRIVERS,
      instead: {
        probe(spec) {
          if (!own) return undefined;
          const kept = new KeptState(firmware, spec.pci, host.states, fail);
          return { ops: mlx5Fwctl(kept.mailbox, abi) as FwctlOps<unknown>, kept, minor: 0 };
        },
        commands: () => undefined,
      },
    });
    const device = host.plug(DEFAULT_DEVICE);
    describeNode(firmware, 'written');
    host.unplug(device.name);
    own = false;
    assert.equal(nodeOf(host), 'written');
  });

  it('does not plug a device whose file is damaged', () => {
    const directory = mkdtempSync(join(root, 'h-'));
    writeFileSync(join(directory, `${PCI}.json`), '{');
    const host = new Host({ abi, clock, drivers: DRIVERS, states: new DirectoryStateStore(directory) });
    assert.throws(() => host.plug(DEFAULT_DEVICE), /0000:00:0a\.0\.json: the saved state is damaged/);
    assert.deepEqual(host.devices(), []);
    const { name, parents } = host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:0b.0' });
    assert.equal(name, 'fwctl0', 'no number is lost');
    assert.equal(parents[1]?.name, 'mlx5_core.fwctl.0');
  });

  it('loses no number to a device whose place cannot be told', () => {
    const [mlx5] = fwctlRows(DRIVERS);
    assert.ok(mlx5);
    let refused = true;
    const row: FwctlDriverRow = {
      ...mlx5,
      parents(...of) {
        if (refused) throw new Error('no place');
        return mlx5.parents(...of);
      },
    };
    const host = new Host({ abi, clock, drivers: [row] });
    assert.throws(() => host.plug(DEFAULT_DEVICE), /no place/);
    assert.deepEqual(host.devices(), []);
    refused = false;
    const { name, parents } = host.plug(DEFAULT_DEVICE);
    assert.deepEqual([name, parents[1]?.name], ['fwctl0', 'mlx5_core.fwctl.0']);
  });
});
