/** What a function has in sysfs beside fwctl: a netdev, an RDMA device, configuration space with the firmware. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ABI_PROFILES } from '../../../../src/abi/profiles.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../src/host/machine/host.ts';
import type { HostDevice, SysfsAttribute } from '../../../../src/host/machine/host-device.ts';
import { udevName } from '../../../../src/host/machine/netdev.ts';

const CLOCK = { monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} };
const [abi] = ABI_PROFILES.slice(-1);

function machine() {
  assert.ok(abi !== undefined);
  const host = new Host({ abi, clock: CLOCK, drivers: DRIVERS });
  const plug = (pci: string, changes = {}) =>
    host.plug({
      driver: 'mlx5',
      profile: 'connectx6dx',
      pci,
      mode: 0o600,
      uid: 0,
      gid: 0,
      overrides: {},
      keys: {},
      ...changes,
    });
  return { host, plug };
}

function functionOf({ parents: [pci] }: HostDevice) {
  assert.ok(pci?.bus === 'pci');
  return pci;
}

/** The attributes of a class device, by path: what a read gives. */
function contents(device: HostDevice, className: string): ReadonlyMap<string, string> {
  const found = functionOf(device)
    .beside?.()
    .classes.find((each) => each.class === className);
  const text = ({ content, fails }: SysfsAttribute) => fails ?? (typeof content === 'string' ? content : content());
  return new Map((found?.attributes() ?? []).map((each) => [each.path, text(each)]));
}

describe("a card's netdev", () => {
  it('has the MAC of the card, and says what the link does', () => {
    const { plug } = machine();
    const device = plug('0000:00:0a.0');
    const net = () => contents(device, 'net');
    for (const [path, content] of [
      ['address', '0c:42:a1:00:00:00\n'],
      ['operstate', 'up\n'],
      ['speed', '100000\n'],
      ['carrier', '1\n'],
      ['mtu', '1500\n'],
      ['phys_port_name', 'p0\n'],
      ['phys_port_id', 'EOPNOTSUPP'],
      ['statistics/rx_bytes', '0\n'],
      ['queues/rx-3/rps_cpus', '0\n'],
    ] as const)
      assert.equal(net().get(path), content, path);
    device.live?.set('registers.PAOS.admin_status', 2);
    assert.deepEqual([net().get('operstate'), net().get('speed'), net().get('carrier')], ['down\n', '-1\n', '0\n']);
    assert.equal([...net().keys()].filter((path) => path.startsWith('statistics/')).length, 24);
  });

  it('is named by its place, as udev does', () => {
    assert.equal(udevName('0000:00:0a.0', 'p0'), 'enp0s10np0');
    assert.equal(udevName('0000:41:00.1', 'p1'), 'enp65s0f1np1');
    assert.equal(udevName('0001:02:03.0', undefined), 'enP1p2s3');
  });

  it('is of its own card, and of the address that was set', () => {
    const { plug } = machine();
    plug('0000:00:0a.0');
    const second = plug('0000:00:0b.0');
    assert.equal(contents(second, 'net').get('address'), '0c:42:a1:00:01:00\n');
    const set = plug('0000:00:0c.0', { overrides: { 'identity.base_mac': '020000000007' } });
    assert.equal(contents(set, 'net').get('address'), '02:00:00:00:00:07\n');
    assert.deepEqual(
      functionOf(set)
        .beside?.()
        .auxiliary.map(({ name, driver }) => [name, driver]),
      [
        ['mlx5_core.eth.2', 'mlx5_core.eth'],
        ['mlx5_core.rdma.2', 'mlx5_ib.rdma'],
      ],
    );
  });
});

describe("a card's RDMA device", () => {
  it('has what tools read of it', () => {
    const device = machine().plug('0000:00:0a.0');
    const rdma = () => contents(device, 'infiniband');
    for (const [path, content] of [
      ['fw_ver', '22.43.1014\n'],
      ['hca_type', 'MT4125\n'],
      ['board_id', 'MT_0000000359\n'],
      ['node_guid', '0c42:a103:0000:0000\n'],
      ['node_type', '1: CA\n'],
      ['ports/1/state', '4: ACTIVE\n'],
      ['ports/1/phys_state', '5: LinkUp\n'],
      ['ports/1/rate', '100 Gb/sec (4X EDR)\n'],
      ['ports/1/link_layer', 'Ethernet\n'],
      ['ports/1/gids/1', 'fe80:0000:0000:0000:0e42:a1ff:fe00:0000\n'],
      ['ports/1/gids/2', '0000:0000:0000:0000:0000:0000:0000:0000\n'],
      ['ports/1/gid_attrs/types/1', 'RoCE v2\n'],
      ['ports/1/gid_attrs/ndevs/0', 'enp0s10np0\n'],
      ['ports/1/gid_attrs/types/2', 'EINVAL'],
    ] as const)
      assert.equal(rdma().get(path), content, path);
    device.live?.set('identity.fw_version', '22.44.7');
    device.live?.set('registers.PAOS.admin_status', 2);
    assert.deepEqual(
      ['fw_ver', 'ports/1/state', 'ports/1/phys_state'].map((path) => rdma().get(path)),
      ['22.44.0007\n', '1: DOWN\n', '3: Disabled\n'],
    );
  });
});

describe('a NetXtreme', () => {
  it('has its netdev and RDMA device too, and follows the link', () => {
    const device = machine().plug('0000:00:0a.0', { driver: 'bnxt', profile: 'bnxt57508' });
    const read = (name: string, path: string) => contents(device, name).get(path);
    assert.deepEqual(
      [read('net', 'address'), read('net', 'speed'), read('infiniband', 'fw_ver'), read('infiniband', 'node_guid')],
      ['84:16:0c:3d:2a:10\n', '100000\n', '230.0.153.0\n', '8616:0cff:fe3d:2a10\n'],
    );
    device.live?.set('link.state', 0);
    assert.deepEqual([read('net', 'operstate'), read('infiniband', 'ports/1/state')], ['down\n', '1: DOWN\n']);
    const shape = functionOf(device).shape?.();
    assert.deepEqual([shape?.identity.device, shape?.msix?.vectors, shape?.vfs?.total], [0x1750, 146, 16]);
  });

  it('is known by its ids alone where its profile has no values', () => {
    const pci = functionOf(machine().plug('0000:00:0a.0', { driver: 'bnxt', profile: 'bnxt-loopback' }));
    assert.deepEqual([pci.identity.vendor, pci.shape?.(), pci.beside?.().classes], [0x14e4, undefined, []]);
  });
});

describe("a card's function", () => {
  it('has the same ids as its capabilities say, with what is set', () => {
    const pci = functionOf(machine().plug('0000:00:0a.0', { overrides: { 'identity.pci_device_id': 0x1021 } }));
    assert.equal(pci.identity.device, 0x1021);
    assert.equal(pci.shape?.()?.identity.device, 0x1021);
  });

  it('is known by its ids alone where the profile is not here, and has no firmware where another answers', () => {
    const { plug } = machine();
    const loopback = functionOf(plug('0000:00:0b.0', { keys: { firmware: 'loopback' } }));
    assert.equal(contents({ parents: [loopback] } as unknown as HostDevice, 'net').get('operstate'), 'up\n');
    assert.ok(loopback.shape?.() !== undefined);
  });
});
