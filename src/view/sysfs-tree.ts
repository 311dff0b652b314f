/**
 * The sysfs entries of one emulated device, as plain data: paths, modes, contents, link texts. Source: device_add() of
 * drivers/base/core.c, test/golden/fwctl/mainline/sysfs.jsonl, Documentation/ABI/testing/sysfs-bus-pci. Those of
 * served-sysfs.ts behave as the kernel's do. Those in the view's tmpfs are plain files: their size is their content's
 * (the kernel says 4096), a read that fails is empty, and a write-only file is readable to root.
 */
import type { ErrnoName } from '../abi/errno.ts';
import type { PciIdentity, SysfsParent } from '../host/machine/host-device.ts';
import { type CxlPorts, cxlPorts, PORT_DRIVER } from './cxl-ports.ts';
import { pciConfigSpace } from './pci-config.ts';
import { holderPath, isNodeOf, nodePath, parentPaths, type ViewDevice, type ViewNode } from './view-device.ts';

export type SysfsEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: string | Uint8Array;
      /** What every read fails with. */
      readonly fails?: ErrnoName;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** The machine's processors as sysfs spells them, without newline: `0-3` and `f`. */
export interface CpuNames {
  readonly list: string;
  readonly mask: string;
}

/** [name, mode, content]; a directory's own files. */
type FileRow = readonly [name: string, mode: number, content: string, fails?: ErrnoName];

const POWER: readonly FileRow[] = [
  // no driver of ours uses autosuspend (drivers/base/power/sysfs.c)
  ['autosuspend_delay_ms', 0o644, '', 'EIO'],
  ['control', 0o644, 'auto\n'],
  ['runtime_active_time', 0o444, '0\n'],
  ['runtime_status', 0o444, 'unsupported\n'],
  ['runtime_suspended_time', 0o444, '0\n'],
];

const DRIVER: readonly FileRow[] = [
  ['bind', 0o200, ''],
  ['uevent', 0o200, ''],
  ['unbind', 0o200, ''],
];

const PCI_DRIVER: readonly FileRow[] = [...DRIVER, ['new_id', 0o200, ''], ['remove_id', 0o200, '']];

const RESOURCE = '0x0000000000000000 0x0000000000000000 0x0000000000000000\n'.repeat(7);

/** What exists as long as the device does, in an order in which no link ever dangles. */
export function deviceEntries(device: ViewDevice, cpus: CpuNames): SysfsEntry[] {
  const { nodes, parents } = device;
  const paths = parentPaths(device);
  const each = (entries: (parent: SysfsParent, at: string) => SysfsEntry[]) =>
    parents.flatMap((parent, index) => entries(parent, paths[index] ?? ''));
  return [
    ...each((parent, at) => parentEntries(parent, at, cpus, nodes)),
    ...classNodes(device).flatMap((node) => nodeEntries(device, node)),
    ...each(busLinks),
    ...classNodes(device).map((node) => link(`class/${node.class}/${node.name}`, nodePath(device, node))),
    ...portEntries(cxlPorts(device)?.endpoint),
  ];
}

/** Those that are of a class. */
function classNodes({ nodes, parents }: ViewDevice): ViewNode[] {
  return nodes.filter((node) => !parents.some((parent) => isNodeOf(node, parent)));
}

/** A device above the class device: its attributes, and what leads from it to its driver and its bus. */
function parentEntries(parent: SysfsParent, at: string, cpus: CpuNames, nodes: readonly ViewNode[]): SysfsEntry[] {
  const { bus, driver } = parent;
  return [
    ...ownEntries(parent, at, cpus, nodes),
    ...(driver === undefined ? [] : [link(`${at}/driver`, `bus/${bus}/drivers/${driver}`)]),
    link(`${at}/subsystem`, `bus/${bus}`),
  ];
}

function ownEntries(parent: SysfsParent, at: string, cpus: CpuNames, nodes: readonly ViewNode[]): SysfsEntry[] {
  const { bus, driver } = parent;
  if (bus === 'pci') {
    return [
      ...directory(at, pciFiles(parent, cpus)),
      { kind: 'file', path: `${at}/config`, mode: 0o644, content: pciConfigSpace(parent.identity) },
      ...directory(`${at}/power`, POWER),
      { kind: 'directory', path: `${at}/link` },
    ];
  }
  const known = [...(driver === undefined ? [] : [`DRIVER=${driver}`]), `MODALIAS=${parent.modalias}`];
  if (bus === 'auxiliary') return [...directory(at, [ueventFile(known)]), ...directory(`${at}/power`, POWER)];
  const node = nodes.find((one) => isNodeOf(one, parent));
  const files: FileRow[] = parent.attributes.map(({ path, mode, content }) => [path, mode, content]);
  if (node !== undefined) files.push(devFile(node));
  const inner = new Set(parent.attributes.flatMap(({ path }) => (path.includes('/') ? [path.split('/')[0]] : [])));
  // memory devices have no power/ (device_set_pm_not_required() of drivers/cxl/core/memdev.c)
  return [
    { kind: 'directory', path: at },
    ...[...inner].map((name) => ({ kind: 'directory', path: `${at}/${name}` }) as const),
    ...directory(at, [...files, ueventFile([...numbersOf(node), `DEVTYPE=${parent.type}`, ...known])]),
  ];
}

function devFile({ major, minor }: ViewNode): FileRow {
  return ['dev', 0o444, `${major}:${minor}\n`];
}

function ueventFile(lines: readonly string[]): FileRow {
  return ['uevent', 0o644, `${lines.join('\n')}\n`];
}

function numbersOf(node: ViewNode | undefined): string[] {
  return node === undefined ? [] : [`MAJOR=${node.major}`, `MINOR=${node.minor}`, `DEVNAME=${node.path}`];
}

/** The names by which its bus and its driver know it. */
function busLinks({ bus, name, driver }: SysfsParent, at: string): SysfsEntry[] {
  return [
    link(`bus/${bus}/devices/${name}`, at),
    ...(driver === undefined ? [] : [link(`bus/${bus}/drivers/${driver}/${name}`, at)]),
  ];
}

/** A class device: the directory of its class, and its own. */
function nodeEntries(device: ViewDevice, node: ViewNode): SysfsEntry[] {
  const at = nodePath(device, node);
  const uevent = numbersOf(node);
  if (node.classMode !== undefined) uevent.push(`DEVMODE=0${node.classMode.toString(8)}`);
  // /sys/devices/virtual/CLASS is not the device's own: others stand in it
  const classDirectory = { kind: 'directory', path: at.slice(0, at.lastIndexOf('/')) } as const;
  const holder = holderPath(device);
  return [
    ...(holder === undefined ? [] : [classDirectory]),
    ...directory(at, [devFile(node), ueventFile(uevent)]),
    ...directory(`${at}/power`, POWER),
    ...(holder === undefined ? [] : [link(`${at}/device`, holder)]),
    link(`${at}/subsystem`, `class/${node.class}`),
  ];
}

/** The links by which /sys/dev/char names the nodes; apart, because a FUSE tree serves them where there is one. */
export function charEntries(device: ViewDevice): (SysfsEntry & { kind: 'link' })[] {
  return device.nodes.map((node) => link(`dev/char/${node.major}:${node.minor}`, nodePath(device, node)));
}

/** What outlives the device: the drivers' own files, and the port that all memory devices hang on. */
export function driverEntries(device: ViewDevice): SysfsEntry[] {
  const root = cxlPorts(device)?.root;
  return [
    ...device.parents.flatMap(({ bus, driver }) =>
      driver === undefined ? [] : directory(`bus/${bus}/drivers/${driver}`, bus === 'pci' ? PCI_DRIVER : DRIVER),
    ),
    ...(root === undefined ? [] : directory(PORT_DRIVER, DRIVER)),
    ...portEntries(root),
  ];
}

function portEntries(port: CxlPorts['root'] | undefined): SysfsEntry[] {
  if (port === undefined) return [];
  return [...directory(port.path, port.files), ...port.links.map(([path, to]) => link(path, to))];
}

function pciFiles({ name, driver, identity }: Extract<SysfsParent, { bus: 'pci' }>, cpus: CpuNames): FileRow[] {
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
    ['ari_enabled', 0o444, '0\n'],
    ['broken_parity_status', 0o644, '0\n'],
    ['class', 0o444, `0x${hex(classCode, 6)}\n`],
    ['consistent_dma_mask_bits', 0o444, '32\n'],
    ['device', 0o444, `0x${hex(id, 4)}\n`],
    ['dma_mask_bits', 0o444, '32\n'],
    ['driver_override', 0o644, '(null)\n'],
    ['enable', 0o644, '0\n'],
    ['irq', 0o444, '0\n'],
    ['local_cpulist', 0o444, `${cpus.list}\n`],
    ['local_cpus', 0o444, `${cpus.mask}\n`],
    ['modalias', 0o444, `${modalias}\n`],
    ['msi_bus', 0o644, '1\n'],
    ['numa_node', 0o644, '-1\n'],
    ['power_state', 0o444, 'unknown\n'],
    ['remove', 0o220, ''],
    ['rescan', 0o200, ''],
    ['resource', 0o444, RESOURCE],
    ['revision', 0o444, `0x${hex(revision, 2)}\n`],
    ['subsystem_device', 0o444, `0x${hex(subsystemDevice, 4)}\n`],
    ['subsystem_vendor', 0o444, `0x${hex(subsystemVendor, 4)}\n`],
    ['uevent', 0o644, `${uevent.join('\n')}\n`],
    ['vendor', 0o444, `0x${hex(vendor, 4)}\n`],
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

function directory(path: string, files: readonly FileRow[]): SysfsEntry[] {
  return [
    { kind: 'directory', path },
    ...files.map(
      ([name, mode, content, fails]) =>
        ({ kind: 'file', path: `${path}/${name}`, mode, content, ...(fails && { fails }) }) as const,
    ),
  ];
}

function link(path: string, to: string): SysfsEntry & { kind: 'link' } {
  return { kind: 'link', path, target: linkText(path, to) };
}

/** The text of a sysfs link: up to the first directory that holds the target too, then down (fs/kernfs/symlink.c). */
export function linkText(path: string, to: string): string {
  const base = path.split('/').slice(0, -1);
  const target = to.split('/');
  let common = 0;
  while (common < base.length && common < target.length - 1 && base[common] === target[common]) common++;
  return '../'.repeat(base.length - common) + target.slice(common).join('/');
}
