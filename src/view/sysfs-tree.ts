/**
 * The sysfs entries of one emulated device. Source: device_add() of drivers/base/core.c,
 * test/golden/fwctl/mainline/sysfs.jsonl, Documentation/ABI/testing/sysfs-bus-pci.
 *
 * A driver adds files to a device of its own by a row: `attributes` of a parent (host/machine/drivers/NAME.ts); or a
 * table here, by the device's bus. What hangs elsewhere is a further top, as those of cxl-ports.ts.
 */
import { type Beside, type ClassDevice, NOTHING_BESIDE, type SysfsParent } from '../host/machine/host-device.ts';
import { endpointName, endpointTops, hasPorts, PORT_DRIVER, portTops } from './cxl-ports.ts';
import { type CpuNames, pciFiles } from './pci-sysfs.ts';
import { powerDirectory } from './power-files.ts';
import {
  attributes,
  directory,
  file,
  link,
  type NamedEntry,
  type SysfsDirectory,
  type SysfsTop,
} from './sysfs-entry.ts';
import { isNodeOf, parentPaths, pciRoot, type ViewDevice, type ViewNode } from './view-device.ts';

/** Names of class devices beside those that the machine has. */
export interface ClassNames {
  of(device: ClassDevice): string;
}

function besideOf([first]: readonly SysfsParent[]): Beside {
  return (first?.bus === 'pci' && first.beside?.()) || NOTHING_BESIDE;
}

const DRIVER: readonly NamedEntry[] = [
  ['bind', file(0o200, '')],
  ['uevent', file(0o200, '')],
  ['unbind', file(0o200, '')],
];

const PCI_DRIVER: readonly NamedEntry[] = [...DRIVER, ['new_id', file(0o200, '')], ['remove_id', file(0o200, '')]];

/** What exists as long as the device does: its entries in the directories that it shares with others. */
export function deviceTops(device: ViewDevice, cpus: CpuNames, names: ClassNames): SysfsTop[] {
  const { parents, nodes } = device;
  const { paths, holder } = parentPaths(device);
  const tops: SysfsTop[] = [];
  let held = false;
  parents.forEach(({ bus, name, driver, holds }, index) => {
    const to = link(paths[index] ?? '');
    if (!held) tops.push([`devices/${pciRoot(name)}`, name, parentDirectory(device, index, cpus, names)]);
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
    if (holder === undefined) tops.push([`${above}/${node.class}`, node.name, nodeDirectory(node, undefined, parents)]);
  }
  if (hasPorts(device)) tops.push(...endpointTops(device));
  return tops;
}

/** What the entries of deviceTops() are called, without making them. */
export function topNames(device: ViewDevice): string[] {
  const names = device.parents.map(({ name }) => name);
  for (const { name, major, minor } of device.nodes) names.push(name, `${major}:${minor}`);
  if (hasPorts(device)) names.push(endpointName(device));
  return names;
}

/** What nobody asks for at the start: names in directories that say themselves who is in them (served-sysfs.ts). */
export function besideTops(device: ViewDevice, names: ClassNames): SysfsTop[] {
  const { classes, auxiliary } = besideOf(device.parents);
  const at = parentPaths(device).holder ?? '';
  return [
    ...classes.map((each): SysfsTop => {
      const name = names.of(each);
      return [`class/${each.class}`, name, link(`${at}/${each.class}/${name}`)];
    }),
    ...auxiliary.flatMap(({ name, driver }): SysfsTop[] => [
      ['bus/auxiliary/devices', name, link(`${at}/${name}`)],
      ...(driver === undefined ? [] : [[`bus/auxiliary/drivers/${driver}`, name, link(`${at}/${name}`)] as const]),
    ]),
  ];
}

/** What outlives the device, and is there once: the drivers' own files, the port that all memory devices hang on. */
export function driverTops(device: ViewDevice): SysfsTop[] {
  const { auxiliary } = besideOf(device.parents);
  const files = [...device.parents, ...auxiliary].flatMap(({ bus, driver }) =>
    driver === undefined ? [] : driverFiles(`bus/${bus}/drivers/${driver}`, bus === 'pci' ? PCI_DRIVER : DRIVER),
  );
  return hasPorts(device) ? [...files, ...driverFiles(PORT_DRIVER, DRIVER), ...portTops(device)] : files;
}

function driverFiles(at: string, files: readonly NamedEntry[]): SysfsTop[] {
  return files.map(([name, entry]) => [at, name, entry]);
}

/** A device above the class device, with all that hangs on it. */
function parentDirectory(device: ViewDevice, index: number, cpus: CpuNames, names: ClassNames): SysfsDirectory {
  return directory(() => {
    const { parents } = device;
    const { paths, holder } = parentPaths(device);
    const parent = parents[index] as SysfsParent;
    const { bus, driver } = parent;
    const at = paths[index];
    const entries: NamedEntry[] = ownEntries(parent, cpus, device);
    if (driver !== undefined) entries.push(['driver', link(`bus/${bus}/drivers/${driver}`)]);
    entries.push(['subsystem', link(`bus/${bus}`)]);
    for (const [other, { name }] of parents.entries())
      if (paths[other] === `${at}/${name}`) entries.push([name, parentDirectory(device, other, cpus, names)]);
    if (at === undefined || at !== holder) return entries;
    return [...entries, ...classDirectories(device, at, names), ...besideDirectories(device)];
  });
}

/** The directories of classes in a device's own (get_device_parent() of drivers/base/core.c). */
function classDirectories(device: ViewDevice, holder: string, names: ClassNames): NamedEntry[] {
  const { nodes: all, parents } = device;
  const nodes = all.filter((node) => !parents.some((parent) => isNodeOf(node, parent)));
  const { classes } = besideOf(parents);
  return [...new Set([...nodes, ...classes].map((each) => each.class))].map((name) => [
    name,
    directory(() => [
      ...nodes
        .filter((node) => node.class === name)
        .map((node): NamedEntry => [node.name, nodeDirectory(node, holder, parents)]),
      ...classes
        .filter((each) => each.class === name)
        .map((each) => classDevice(each, names.of(each), holder, parents)),
    ]),
  ]);
}

/** The auxiliary devices of the function's other drivers. */
function besideDirectories({ parents }: ViewDevice): NamedEntry[] {
  return besideOf(parents).auxiliary.map(({ name, driver, modalias }) => [
    name,
    directory(() => [
      ueventFile([...(driver === undefined ? [] : [`DRIVER=${driver}`]), `MODALIAS=${modalias}`]),
      powerDirectory(powerOf(parents)),
      ...(driver === undefined ? [] : [['driver', link(`bus/auxiliary/drivers/${driver}`)] as const]),
      ['subsystem', link('bus/auxiliary')],
    ]),
  ]);
}

/** A device of a class that has no node. */
function classDevice(each: ClassDevice, name: string, holder: string, parents: readonly SysfsParent[]): NamedEntry {
  return [
    name,
    directory(() => [
      ...attributes(each.attributes()),
      ueventFile(each.uevent(name)),
      powerDirectory(powerOf(parents)),
      ['device', link(holder)],
      ['subsystem', link(`class/${each.class}`)],
    ]),
  ];
}

/** A class device. */
function nodeDirectory(node: ViewNode, holder: string | undefined, parents: readonly SysfsParent[]): SysfsDirectory {
  return directory(() => {
    const uevent = numbersOf(node);
    if (node.classMode !== undefined) uevent.push(`DEVMODE=0${node.classMode.toString(8)}`);
    return [
      devFile(node),
      ueventFile(uevent),
      powerDirectory(powerOf(parents)),
      ...(holder === undefined ? [] : [['device', link(holder)] as const]),
      ['subsystem', link(`class/${node.class}`)],
    ];
  });
}

function ownEntries(parent: SysfsParent, cpus: CpuNames, { parents, nodes }: ViewDevice): NamedEntry[] {
  const { bus, driver } = parent;
  if (bus === 'pci') return pciFiles(parent, cpus);
  const known = [...(driver === undefined ? [] : [`DRIVER=${driver}`]), `MODALIAS=${parent.modalias}`];
  if (bus === 'auxiliary') return [ueventFile(known), powerDirectory(powerOf(parents))];
  const node = nodes.find((one) => isNodeOf(one, parent));
  // memory devices have no power/ (device_set_pm_not_required() of drivers/cxl/core/memdev.c)
  return [
    ...attributes(parent.attributes),
    ...(node === undefined ? [] : [devFile(node)]),
    ueventFile([...numbersOf(node), `DEVTYPE=${parent.type}`, ...known]),
  ];
}

/** Which files `power` has: a function of which no shape is known is as the recorded kernel has it. */
function powerOf(parents: readonly SysfsParent[]): 'plain' | 'distribution' {
  return parents.some((parent) => parent.bus === 'pci' && parent.shape?.() !== undefined) ? 'distribution' : 'plain';
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
