/** A PCI function in sysfs: its files, and the configuration space as a kernel has set it up. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PciShape } from '../../../src/abi/pci/function.ts';
import type { TreeNode } from '../../../src/transport/fuse/tree.ts';
import { resources } from '../../../src/view/pci-space.ts';
import { pciFiles } from '../../../src/view/pci-sysfs.ts';
import { ServedSysfs } from '../../../src/view/served-sysfs.ts';
import { directory } from '../../../src/view/sysfs-entry.ts';
import { CONNECTX6DX } from './devices.ts';

const ADDRESS = '0000:00:0a.0';
const SHAPE: PciShape = {
  identity: CONNECTX6DX,
  bars: [{ index: 0, bytes: 32 << 20, wide: true, prefetchable: true }],
  rom: 1 << 20,
  link: { speed: 4, width: 16 },
  msix: { vectors: 64, used: 5, forVfs: 1024, bar: 0, table: 0x2000, pending: 0x3000 },
  vpd: { name: 'a card', keywords: [['PN', 'X1']] },
  vfs: { total: 8, deviceId: 0x101e, offset: 2, stride: 1, barBytes: 2 << 20 },
};

/** The function's files as they are served; what takes it out. */
function served(shape?: PciShape) {
  const sysfs = new ServedSysfs();
  const parent = {
    bus: 'pci',
    name: ADDRESS,
    driver: 'mlx5_core',
    holds: true,
    identity: CONNECTX6DX,
    ...(shape && { shape: () => shape }),
  } as const;
  const cpus = { list: '0-3', mask: 'f' };
  sysfs.add(
    'fwctl0',
    {
      tops: () => [['devices/pci0000:00', ADDRESS, directory(() => pciFiles(parent, cpus))]],
      topNames: () => [ADDRESS],
    },
    true,
  );
  const at = (path: string): TreeNode | undefined => {
    let node: TreeNode | undefined = sysfs.root;
    for (const name of `devices/pci0000:00/${ADDRESS}/${path}`.split('/'))
      node = node?.kind === 'directory' ? node.entries.get(name) : undefined;
    return node;
  };
  const text = (path: string) => {
    const node = at(path);
    assert.equal(node?.kind, 'text', path);
    const content = node?.kind === 'text' ? node.read() : '';
    return typeof content === 'string' ? content : '';
  };
  const bytes = (path: string) => {
    const node = at(path);
    assert.ok(node?.kind === 'bytes', path);
    return node;
  };
  return { at, text, bytes, unplug: () => sysfs.remove('fwctl0') };
}

describe('a PCI function of which only the ids are known', () => {
  it('has a type 0 header of 256 bytes with the ids where the PCI specification has them', () => {
    const config = served().bytes('config');
    assert.deepEqual([config.mode, config.size], [0o644, 256]);
    const seen = Buffer.from(config.read(0, 256, true));
    assert.equal(seen.toString('hex', 0, 8), 'b3151d1046050000');
    assert.equal(seen.toString('hex', 8, 16), '0000000200000000', 'revision, class, type 0');
    assert.equal(seen.toString('hex', 0x2c, 0x30), 'b3151600');
    assert.equal(seen[0x34], 0, 'no capabilities');
  });

  it('has no more files than the recorded one', () => {
    const { at, text } = served();
    assert.equal(at('vpd') ?? at('rom') ?? at('reset') ?? at('msi_irqs') ?? at('max_link_speed'), undefined);
    assert.equal(text('resource').split('\n').length, 8);
  });
});

describe('configuration space in sysfs', () => {
  it('is 64 bytes for who had no CAP_SYS_ADMIN at the open, and ends at its size for everybody', () => {
    const config = served(SHAPE).bytes('config');
    assert.equal(config.size, 4096);
    // (offset, length): what a virtio function of a real 6.18 gave to root and to nobody
    for (const [offset, length, root, nobody] of [
      [0, 4096, 4096, 64],
      [60, 8, 8, 4],
      [63, 4, 4, 1],
      [64, 4, 4, 0],
      [4095, 4, 1, 0],
      [4096, 4, 0, 0],
      [2 ** 40, 4, 0, 0],
    ] as const) {
      assert.equal(config.read(offset, length, true).length, root, `root ${offset}+${length}`);
      assert.equal(config.read(offset, length, false).length, nobody, `nobody ${offset}+${length}`);
    }
    assert.throws(() => config.write(4096, Uint8Array.of(1)), { name: 'EFBIG' });
    assert.equal(config.write(4095, Uint8Array.of(1, 2)), 1);
  });

  it('is as the driver has set it up: memory and bus master on, BARs where resource has them, MSI-X on', () => {
    const { bytes, text } = served(SHAPE);
    const config = Buffer.from(bytes('config').read(0, 4096, true));
    assert.equal(config.readUInt16LE(4), 0x0546);
    const bar = (BigInt(config.readUInt32LE(0x14)) << 32n) | BigInt(config.readUInt32LE(0x10) & ~0xf);
    const lines = text('resource').trimEnd().split('\n');
    assert.equal(lines.length, 13);
    assert.equal(lines[0], `0x${hex(bar)} 0x${hex(bar + 0x1ffffffn)} 0x000000000014220c`);
    assert.match(lines[6] ?? '', /^0x00000000a[0-9a-f]{7} 0x00000000a[0-9a-f]{7} 0x0000000000046200$/);
    assert.match(lines[7] ?? '', / 0x000000000014220c$/);
    assert.equal(config.readUInt16LE(0x9e), 0x8000 | 63);
    assert.equal(config.readUInt32LE(0x180 + 0x24) & 0xf, 0xc);
  });

  it('keeps what is written to it, and is gone with the device', () => {
    const { bytes, unplug } = served(SHAPE);
    const config = bytes('config');
    config.write(0x3c, Uint8Array.of(0x2a));
    assert.deepEqual([...config.read(0x3c, 1, true)], [0x2a]);
    unplug();
    assert.throws(() => config.read(0, 4, true), { name: 'ENODEV' });
    assert.throws(() => config.write(0, Uint8Array.of(0)), { name: 'ENODEV' });
  });

  it('has an address of its own for each function', () => {
    const starts = ['0000:00:0a.0', '0000:00:0a.1', '0000:00:0b.0', '0000:41:00.0', '0001:00:0a.0'].map(
      (address) => resources(address, SHAPE)[0]?.start ?? 0n,
    );
    assert.equal(new Set(starts).size, starts.length);
    for (const start of starts) assert.equal(start % BigInt(32 << 20), 0n);
  });
});

describe('files of a PCI function that its driver runs', () => {
  it('tells the link, SR-IOV and interrupts', () => {
    const { text, at } = served(SHAPE);
    const expected = {
      current_link_speed: '16.0 GT/s PCIe\n',
      max_link_speed: '16.0 GT/s PCIe\n',
      current_link_width: '16\n',
      max_link_width: '16\n',
      sriov_totalvfs: '8\n',
      sriov_numvfs: '0\n',
      sriov_vf_device: '101e\n',
      sriov_vf_total_msix: '1024\n',
      dma_mask_bits: '64\n',
      enable: '1\n',
      power_state: 'D0\n',
      reset_method: 'flr\n',
      'power/control': 'on\n',
      'power/runtime_status': 'active\n',
      'power/wakeup': 'disabled\n',
      'msi_irqs/1024': 'msix\n',
    };
    for (const [path, content] of Object.entries(expected)) assert.equal(text(path), content, path);
    const irqs = at('msi_irqs');
    assert.equal(irqs?.kind === 'directory' && [...irqs.entries.keys()].length, 5);
    assert.match(text('aer_dev_correctable'), /^RxErr 0\n.*TOTAL_ERR_COR 0\n$/s);
  });

  it('has its VPD, whose size is 0 and whose end is its own', () => {
    const vpd = served(SHAPE).bytes('vpd');
    assert.deepEqual([vpd.mode, vpd.size], [0o600, 0]);
    const whole = vpd.read(0, 4096, true);
    assert.equal(Buffer.from(whole).toString('latin1', 3, 9), 'a card');
    assert.equal(vpd.read(whole.length - 1, 4, true).length, 1);
    assert.equal(vpd.read(whole.length, 4, true).length, 0);
    assert.throws(() => vpd.write(0, Uint8Array.of(1)), { name: 'EIO' });
  });

  it('has BARs that cannot be read, and a ROM that is to be enabled first', () => {
    const { bytes } = served(SHAPE);
    assert.deepEqual([bytes('resource0').size, bytes('resource0_wc').size], [32 << 20, 32 << 20]);
    assert.throws(() => bytes('resource0').read(0, 4, true), { name: 'EIO' });
    const rom = bytes('rom');
    assert.throws(() => rom.read(0, 4, true), { name: 'EINVAL' });
    rom.write(0, Buffer.from('1\n'));
    assert.throws(() => rom.read(0, 4, true), { name: 'EIO' });
    rom.write(0, Buffer.from('0\n'));
    assert.throws(() => rom.read(0, 4, true), { name: 'EINVAL' });
  });
});

function hex(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
