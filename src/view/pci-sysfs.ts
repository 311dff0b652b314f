/**
 * The files of a PCI function in sysfs: drivers/pci/pci-sysfs.c, iov.c, vpd.c, pcie/aer.c, msi/msi.c;
 * Documentation/ABI/testing/sysfs-bus-pci. What a function has beyond its header its shape says, and that its driver
 * runs on it as on a distribution's kernel.
 */
import type { PciIdentity, PciShape } from '../abi/pci/function.ts';
import { encodeVpd } from '../abi/pci/vpd.ts';
import type { SysfsParent } from '../host/machine/host-device.ts';
import { Errno } from '../kernel/errno.ts';
import { configFile, PREFETCH, type Resource, ROM_INDEX, resources } from './pci-space.ts';
import { powerDirectory } from './power-files.ts';
import { attributes, directory, file, type NamedEntry } from './sysfs-entry.ts';

/** The machine's processors as sysfs spells them, without newline: `0-3` and `f`. */
export interface CpuNames {
  readonly list: string;
  readonly mask: string;
}

type PciParent = Extract<SysfsParent, { bus: 'pci' }>;

/** Lines of `resource`: of a kernel without SR-IOV, and of one with. */
const RESOURCES = 7;
const RESOURCES_IOV = 13;

export function pciFiles(parent: PciParent, cpus: CpuNames): NamedEntry[] {
  const { name, identity } = parent;
  const shape = parent.shape?.();
  return [
    ...headerFiles(parent, cpus),
    ['config', configFile(name, identity, shape)],
    ['link', directory(() => [])],
    ...(shape === undefined ? withoutDriver() : shapeFiles(name, shape)),
    ...attributes(parent.attributes?.() ?? []),
  ];
}

/** As the recorded kernel shows a function that no driver has enabled. */
function withoutDriver(): NamedEntry[] {
  return [
    ['consistent_dma_mask_bits', file(0o444, '32\n')],
    ['dma_mask_bits', file(0o444, '32\n')],
    ['enable', file(0o644, '0\n')],
    ['power_state', file(0o444, 'unknown\n')],
    ['resource', file(0o444, resourceLines([], RESOURCES))],
    powerDirectory('plain'),
  ];
}

function shapeFiles(address: string, shape: PciShape): NamedEntry[] {
  const found = resources(address, shape);
  return [
    ['consistent_dma_mask_bits', file(0o444, `${shape.dmaBits ?? 64}\n`)],
    ['dma_mask_bits', file(0o444, `${shape.dmaBits ?? 64}\n`)],
    ['d3cold_allowed', file(0o644, '1\n')],
    ['enable', file(0o644, '1\n')],
    ['power_state', file(0o444, 'D0\n')],
    ['resource', file(0o444, resourceLines(found, RESOURCES_IOV))],
    ...found.flatMap(resourceFiles),
    ...linkFiles(shape),
    ...vfFiles(shape),
    ...vpdFile(shape),
    ...irqFiles(shape),
    powerDirectory('function'),
  ];
}

function resourceLines(found: readonly Resource[], count: number): string {
  const wide = (value: bigint) => `0x${value.toString(16).padStart(16, '0')}`;
  return Array.from({ length: count }, (_, index) => {
    const { start, bytes, flags } = found.find((one) => one.index === index) ?? { start: 0n, bytes: 0n, flags: 0 };
    return `${[start, bytes === 0n ? 0n : start + bytes - 1n, BigInt(flags)].map(wide).join(' ')}\n`;
  }).join('');
}

/** A BAR can be mapped and not be read; nothing behind it is emulated here, so that mapping it gives nothing. */
function resourceFiles({ index, bytes, flags }: Resource): NamedEntry[] {
  if (index > ROM_INDEX) return [];
  const size = Number(bytes);
  if (index === ROM_INDEX) return [['rom', romFile(size)]];
  const whole = { kind: 'binary', mode: 0o600, size } as const;
  return [[`resource${index}`, whole], ...((flags & PREFETCH) === 0 ? [] : [[`resource${index}_wc`, whole] as const])];
}

/** pci_read_rom(): EINVAL until 1 was written to it. There is no image then: EIO, as pci_map_rom() finds none. */
function romFile(size: number) {
  let enabled = false;
  return {
    kind: 'binary',
    mode: 0o600,
    size,
    read() {
      if (!enabled) throw new Errno('EINVAL', 'the ROM is not enabled', 'write 1 to it');
      throw new Errno('EIO', 'the ROM has no image: none is emulated');
    },
    write(_offset: number, bytes: Uint8Array) {
      enabled = !(bytes.length === 2 && bytes[0] === '0'.charCodeAt(0));
    },
  } as const;
}

/** pci_speed_string() of drivers/pci/probe.c, by generation. */
const SPEEDS = ['Unknown', '2.5 GT/s PCIe', '5.0 GT/s PCIe', '8.0 GT/s PCIe', '16.0 GT/s PCIe', '32.0 GT/s PCIe'];

function linkFiles({ link }: PciShape): NamedEntry[] {
  if (link === undefined) return [];
  const each = (which: string): NamedEntry[] => [
    [`${which}_link_speed`, file(0o444, `${SPEEDS[link.speed]}\n`)],
    [`${which}_link_width`, file(0o444, `${link.width}\n`)],
  ];
  return [
    ...each('current'),
    ...each('max'),
    // a function on a root bus has no bridge that could reset it, and keeps its state over D3hot
    ['reset', file(0o200, '')],
    ['reset_method', file(0o644, 'flr\n')],
    ...Object.entries(ERRORS).map(([kind, [total, names]]): NamedEntry => {
      const lines = [...names, total].map((name) => `${name} 0\n`);
      return [`aer_dev_${kind}`, file(0o444, lines.join(''))];
    }),
  ];
}

/** aer_correctable_error_string, aer_uncorrectable_error_string: those that have a name, in the order of their bits. */
const CORRECTABLE = ['RxErr', 'BadTLP', 'BadDLLP', 'Rollover', 'Timeout', 'NonFatalErr', 'CorrIntErr', 'HeaderOF'];
const UNCORRECTABLE = [
  'Undefined',
  'DLP',
  'SDES',
  'TLP',
  'FCP',
  'CmpltTO',
  'CmpltAbrt',
  'UnxCmplt',
  'RxOF',
  'MalfTLP',
  'ECRC',
  'UnsupReq',
  'ACSViol',
  'UncorrIntErr',
  'BlockedTLP',
  'AtomicOpBlocked',
  'TLPBlockedErr',
  'PoisonTLPBlocked',
];
const ERRORS: Readonly<Record<string, readonly [total: string, names: readonly string[]]>> = {
  correctable: ['TOTAL_ERR_COR', CORRECTABLE],
  fatal: ['TOTAL_ERR_FATAL', UNCORRECTABLE],
  nonfatal: ['TOTAL_ERR_NONFATAL', UNCORRECTABLE],
};

function vfFiles({ vfs, msix }: PciShape): NamedEntry[] {
  if (vfs === undefined) return [];
  return [
    ['sriov_drivers_autoprobe', file(0o644, '1\n')],
    ['sriov_numvfs', file(0o644, '0\n')],
    ['sriov_offset', file(0o444, `${vfs.offset}\n`)],
    ['sriov_stride', file(0o444, `${vfs.stride}\n`)],
    ['sriov_totalvfs', file(0o444, `${vfs.total}\n`)],
    ['sriov_vf_device', file(0o444, `${vfs.deviceId.toString(16)}\n`)],
    ['sriov_vf_total_msix', file(0o444, `${msix?.forVfs ?? 0}\n`)],
  ];
}

/** Its size is 0, and its end is that of the data. */
function vpdFile({ vpd }: PciShape): NamedEntry[] {
  if (vpd === undefined) return [];
  const read = (offset: number, length: number) => encodeVpd(vpd).subarray(offset, offset + length);
  return [['vpd', { kind: 'binary', mode: 0o600, size: 0, read }]];
}

/** Numbers that the machine's own devices are far from; all functions have the same, as nobody looks behind them. */
const FIRST_IRQ = 1024;

function irqFiles({ msix }: PciShape): NamedEntry[] {
  if (msix === undefined) return [];
  const names = Array.from({ length: msix.used ?? 1 }, (_, i) => String(FIRST_IRQ + i));
  return [['msi_irqs', directory(() => names.map((name) => [name, file(0o444, 'msix\n')]))]];
}

function headerFiles({ name, driver, identity }: PciParent, cpus: CpuNames): NamedEntry[] {
  const { vendor, device: id, subsystemVendor, subsystemDevice, revision, classCode } = identity;
  const modalias = pciModalias(identity);
  const uevent = [
    ...(driver === undefined ? [] : [`DRIVER=${driver}`]),
    `PCI_CLASS=${hex(classCode, 0, true)}`,
    `PCI_ID=${hex(vendor, 4, true)}:${hex(id, 4, true)}`,
    `PCI_SUBSYS_ID=${hex(subsystemVendor, 4, true)}:${hex(subsystemDevice, 4, true)}`,
    `PCI_SLOT_NAME=${name}`,
    `MODALIAS=${modalias}`,
  ];
  return [
    ['ari_enabled', file(0o444, '0\n')],
    ['broken_parity_status', file(0o644, '0\n')],
    ['class', file(0o444, `0x${hex(classCode, 6)}\n`)],
    ['device', file(0o444, `0x${hex(id, 4)}\n`)],
    ['driver_override', file(0o644, '(null)\n')],
    ['irq', file(0o444, '0\n')],
    ['local_cpulist', file(0o444, `${cpus.list}\n`)],
    ['local_cpus', file(0o444, `${cpus.mask}\n`)],
    ['modalias', file(0o444, `${modalias}\n`)],
    ['msi_bus', file(0o644, '1\n')],
    ['numa_node', file(0o644, '-1\n')],
    ['remove', file(0o220, '')],
    ['rescan', file(0o200, '')],
    ['revision', file(0o444, `0x${hex(revision, 2)}\n`)],
    ['subsystem_device', file(0o444, `0x${hex(subsystemDevice, 4)}\n`)],
    ['subsystem_vendor', file(0o444, `0x${hex(subsystemVendor, 4)}\n`)],
    ['uevent', file(0o644, `${uevent.join('\n')}\n`)],
    ['vendor', file(0o444, `0x${hex(vendor, 4)}\n`)],
  ];
}

/** drivers/pci/pci-sysfs.c, modalias_show(). */
function pciModalias(pci: PciIdentity): string {
  const part = (value: number, width: number) => hex(value, width, true);
  const ids = `v${part(pci.vendor, 8)}d${part(pci.device, 8)}sv${part(pci.subsystemVendor, 8)}sd${part(pci.subsystemDevice, 8)}`;
  const [base, sub, interf] = [pci.classCode >> 16, (pci.classCode >> 8) & 0xff, pci.classCode & 0xff];
  return `pci:${ids}bc${part(base, 2)}sc${part(sub, 2)}i${part(interf, 2)}`;
}

function hex(value: number, width: number, upper = false): string {
  const text = value.toString(16).padStart(width, '0');
  return upper ? text.toUpperCase() : text;
}
