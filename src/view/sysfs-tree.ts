/**
 * The sysfs entries of one emulated device. Source: device_add() of drivers/base/core.c,
 * test/golden/fwctl/mainline/sysfs.jsonl, Documentation/ABI/testing/sysfs-bus-pci.
 *
 * A driver adds files to a device of its own by a row: `attributes` of a parent (host/machine/drivers/NAME.ts); or a
 * table here, by the device's bus. What hangs elsewhere is a further top, as those of cxl-ports.ts.
 */
import type { PciIdentity } from '../abi/pci/function.ts';
import type { SysfsAttribute, SysfsParent } from '../host/machine/host-device.ts';
import { endpointTops, hasPorts, PORT_DRIVER, portTops } from './cxl-ports.ts';
import { pciConfigSpace } from './pci-config.ts';
import { directory, file, link, type NamedEntry, nested, type SysfsDirectory, type SysfsTop } from './sysfs-entry.ts';
import { isNodeOf, parentPaths, pciRoot, type ViewDevice, type ViewNode } from './view-device.ts';

/** The machine's processors as sysfs spells them, without newline: `0-3` and `f`. */
export interface CpuNames {
  readonly list: string;
  readonly mask: string;
}

const POWER: readonly NamedEntry[] = [
  // no driver of ours uses autosuspend (drivers/base/power/sysfs.c)
  ['autosuspend_delay_ms', file(0o644, '', 'EIO')],
  ['control', file(0o644, 'auto\n')],
  ['runtime_active_time', file(0o444, '0\n')],
  ['runtime_status', file(0o444, 'unsupported\n')],
  ['runtime_suspended_time', file(0o444, '0\n')],
];

const DRIVER: readonly NamedEntry[] = [
  ['bind', file(0o200, '')],
  ['uevent', file(0o200, '')],
  ['unbind', file(0o200, '')],
];

const PCI_DRIVER: readonly NamedEntry[] = [...DRIVER, ['new_id', file(0o200, '')], ['remove_id', file(0o200, '')]];

const RESOURCE = '0x0000000000000000 0x0000000000000000 0x0000000000000000\n'.repeat(7);

/** What exists as long as the device does: its entries in the directories that it shares with others. */
export function deviceTops(device: ViewDevice, cpus: CpuNames): SysfsTop[] {
  const { parents, nodes } = device;
  const { paths, holder } = parentPaths(device);
  const tops: SysfsTop[] = [];
  let held = false;
  parents.forEach(({ bus, name, driver, holds }, index) => {
    const to = link(paths[index] ?? '');
    if (!held) tops.push([`devices/${pciRoot(name)}`, name, parentDirectory(device, index, cpus)]);
    tops.push([`bus/${bus}/devices`, name, to]);
    if (driver !== undefined) tops.push([`bus/${bus}/drivers/${driver}`, name, to]);
    held ||= holds;
  });
  for (const node of nodes) {
    const own = parents.findIndex((parent) => isNodeOf(node, parent));
    const above = holder ?? 'devices/virtual';
    const to = link(paths[own] ?? `${above}/${node.class}/${node.name}`);
    tops.push(['dev/char', `${node.major}:${node.minor}`, to]);
    if (own >= 0) continue;
    tops.push([`class/${node.class}`, node.name, to]);
    if (holder === undefined) tops.push([`${above}/${node.class}`, node.name, nodeDirectory(node, undefined)]);
  }
  if (hasPorts(device)) tops.push(...endpointTops(device));
  return tops;
}

/** What outlives the device, and is there once: the drivers' own files, the port that all memory devices hang on. */
export function driverTops(device: ViewDevice): SysfsTop[] {
  const files = device.parents.flatMap(({ bus, driver }) =>
    driver === undefined ? [] : driverFiles(`bus/${bus}/drivers/${driver}`, bus === 'pci' ? PCI_DRIVER : DRIVER),
  );
  return hasPorts(device) ? [...files, ...driverFiles(PORT_DRIVER, DRIVER), ...portTops(device)] : files;
}

function driverFiles(at: string, files: readonly NamedEntry[]): SysfsTop[] {
  return files.map(([name, entry]) => [at, name, entry]);
}

/** A device above the class device, with all that hangs on it. */
function parentDirectory(device: ViewDevice, index: number, cpus: CpuNames): SysfsDirectory {
  return directory(() => {
    const { parents, nodes } = device;
    const { paths, holder } = parentPaths(device);
    const parent = parents[index] as SysfsParent;
    const { bus, driver } = parent;
    const at = paths[index];
    const entries: NamedEntry[] = ownEntries(parent, cpus, nodes);
    if (driver !== undefined) entries.push(['driver', link(`bus/${bus}/drivers/${driver}`)]);
    entries.push(['subsystem', link(`bus/${bus}`)]);
    for (const [other, { name }] of parents.entries())
      if (paths[other] === `${at}/${name}`) entries.push([name, parentDirectory(device, other, cpus)]);
    if (at !== undefined && at === holder) entries.push(...classDirectories(device, at));
    return entries;
  });
}

/** The directories of classes in a device's own (get_device_parent() of drivers/base/core.c). */
function classDirectories({ nodes: all, parents }: ViewDevice, holder: string): NamedEntry[] {
  const nodes = all.filter((node) => !parents.some((parent) => isNodeOf(node, parent)));
  return [...new Set(nodes.map((node) => node.class))].map((name) => [
    name,
    directory(() =>
      nodes.filter((node) => node.class === name).map((node) => [node.name, nodeDirectory(node, holder)]),
    ),
  ]);
}

/** A class device. */
function nodeDirectory(node: ViewNode, holder: string | undefined): SysfsDirectory {
  return directory(() => {
    const uevent = numbersOf(node);
    if (node.classMode !== undefined) uevent.push(`DEVMODE=0${node.classMode.toString(8)}`);
    return [
      devFile(node),
      ueventFile(uevent),
      ['power', directory(() => POWER)],
      ...(holder === undefined ? [] : [['device', link(holder)] as const]),
      ['subsystem', link(`class/${node.class}`)],
    ];
  });
}

function ownEntries(parent: SysfsParent, cpus: CpuNames, nodes: readonly ViewNode[]): NamedEntry[] {
  const { bus, driver } = parent;
  const power: NamedEntry = ['power', directory(() => POWER)];
  if (bus === 'pci') {
    const config = file(0o644, pciConfigSpace(parent.identity));
    return [...pciFiles(parent, cpus), ['config', config], power, ['link', directory(() => [])]];
  }
  const known = [...(driver === undefined ? [] : [`DRIVER=${driver}`]), `MODALIAS=${parent.modalias}`];
  if (bus === 'auxiliary') return [ueventFile(known), power];
  const node = nodes.find((one) => isNodeOf(one, parent));
  // memory devices have no power/ (device_set_pm_not_required() of drivers/cxl/core/memdev.c)
  return [
    ...nested(parent.attributes.map(({ path, mode, content }: SysfsAttribute) => [path, file(mode, content)])),
    ...(node === undefined ? [] : [devFile(node)]),
    ueventFile([...numbersOf(node), `DEVTYPE=${parent.type}`, ...known]),
  ];
}

function devFile({ major, minor }: ViewNode): NamedEntry {
  return ['dev', file(0o444, `${major}:${minor}\n`)];
}

function ueventFile(lines: readonly string[]): NamedEntry {
  return ['uevent', file(0o644, `${lines.join('\n')}\n`)];
}

function numbersOf(node: ViewNode | undefined): string[] {
  return node === undefined ? [] : [`MAJOR=${node.major}`, `MINOR=${node.minor}`, `DEVNAME=${node.path}`];
}

function pciFiles({ name, driver, identity }: Extract<SysfsParent, { bus: 'pci' }>, cpus: CpuNames): NamedEntry[] {
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
    ['consistent_dma_mask_bits', file(0o444, '32\n')],
    ['device', file(0o444, `0x${hex(id, 4)}\n`)],
    ['dma_mask_bits', file(0o444, '32\n')],
    ['driver_override', file(0o644, '(null)\n')],
    ['enable', file(0o644, '0\n')],
    ['irq', file(0o444, '0\n')],
    ['local_cpulist', file(0o444, `${cpus.list}\n`)],
    ['local_cpus', file(0o444, `${cpus.mask}\n`)],
    ['modalias', file(0o444, `${modalias}\n`)],
    ['msi_bus', file(0o644, '1\n')],
    ['numa_node', file(0o644, '-1\n')],
    ['power_state', file(0o444, 'unknown\n')],
    ['remove', file(0o220, '')],
    ['rescan', file(0o200, '')],
    ['resource', file(0o444, RESOURCE)],
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
