/**
 * A card's entries in sysfs beside those that a real driver's function had: mlx5_core of Debian's 7.3.4 on this
 * project's firmware behind a PCI transport, in QEMU, 30 Nov 2026. What is there and is missing here has a reason.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ABI_PROFILES } from '../../../../src/abi/profiles.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../src/host/machine/host.ts';
import type { SysfsEntry } from '../../../../src/view/sysfs-entry.ts';
import { deviceTops } from '../../../../src/view/sysfs-tree.ts';

const OF_FUNCTION = `aer ari_enabled broken_parity_status class config consistent_dma_mask_bits current_link_speed
  current_link_width d3cold_allowed device dma_mask_bits driver driver_override enable firmware_node fwctl irq link
  local_cpulist local_cpus max_link_speed max_link_width mlx5_core.fwctl.0 mlx5_core.rdma.0 modalias msi_bus msi_irqs
  numa_node pools power power_state ptp remove rescan reset reset_method resource resource0 resource0_wc revision rom
  subsystem subsystem_device subsystem_vendor uevent vendor wakeup`.split(/\s+/);

const REASONS: Readonly<Record<string, string>> = {
  aer: 'rate limits of the error log, of Linux 6.17 and later: the older emulated kernels have none',
  firmware_node: "the machine's ACPI, which knows no such slot",
  ptp: 'a clock is a character device, /dev/ptpN, which is not emulated',
  wakeup: 'the slot of that machine could wake it up, and was told to',
};

/** In the order of that listing, with mode and content. */
const POWER: Readonly<Record<string, readonly [mode: number, content: string]>> = {
  runtime_active_time: [0o444, '0\n'],
  runtime_active_kids: [0o444, '0\n'],
  runtime_usage: [0o444, '0\n'],
  runtime_status: [0o444, 'unsupported\n'],
  autosuspend_delay_ms: [0o644, ''],
  async: [0o644, 'disabled\n'],
  runtime_suspended_time: [0o444, '0\n'],
  runtime_enabled: [0o444, 'disabled\n'],
  control: [0o644, 'auto\n'],
};

function entriesOf(entry: SysfsEntry | undefined): ReadonlyMap<string, SysfsEntry> {
  assert.ok(entry?.kind === 'directory');
  return new Map(entry.entries());
}

function card(): ReadonlyMap<string, SysfsEntry> {
  const [abi] = ABI_PROFILES.slice(-1);
  assert.ok(abi !== undefined);
  const clock = { monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} };
  const host = new Host({ abi, clock, drivers: DRIVERS });
  const pci = '0000:01:00.0';
  const { name, nodes, parents } = host.plug({
    ...{ driver: 'mlx5', profile: 'connectx6dx', pci, mode: 0o600, uid: 0, gid: 0, overrides: {} },
  });
  const device = { name, nodes: nodes.map((node) => ({ ...node, major: 244 })), parents };
  const tops = deviceTops(device, { list: '0', mask: '1' }, { of: (each) => each.name });
  return entriesOf(tops.find(([at]) => at === 'devices/pci0000:01')?.[2]);
}

describe("a real driver's function", () => {
  const entries = card();

  it('has nothing that a card here has not, but for reasons', () => {
    assert.deepEqual(
      OF_FUNCTION.filter((name) => !entries.has(name)),
      Object.keys(REASONS),
    );
  });

  it('has the same uevent', () => {
    const uevent = entries.get('uevent');
    assert.equal(
      uevent?.kind === 'file' && uevent.content,
      [
        'DRIVER=mlx5_core',
        'PCI_CLASS=20000',
        'PCI_ID=15B3:101D',
        'PCI_SUBSYS_ID=15B3:0016',
        'PCI_SLOT_NAME=0000:01:00.0',
        'MODALIAS=pci:v000015B3d0000101Dsv000015B3sd00000016bc02sc00i00\n',
      ].join('\n'),
    );
  });

  it('has the same power/ below fwctl and its auxiliary devices', () => {
    const fwctl = entriesOf(entriesOf(entries.get('fwctl')).get('fwctl0'));
    for (const device of [fwctl, ...['fwctl', 'rdma'].map((what) => entriesOf(entries.get(`mlx5_core.${what}.0`)))]) {
      const power = entriesOf(device.get('power'));
      assert.deepEqual([...power.keys()].sort(), Object.keys(POWER).sort());
      for (const [name, [mode, content]] of Object.entries(POWER)) {
        const file = power.get(name);
        assert.deepEqual(file?.kind === 'file' && [file.mode, file.content], [mode, content], name);
      }
    }
  });
});
