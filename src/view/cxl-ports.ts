/**
 * The ports above a CXL memory device, without which no tool takes it for one in use: drivers/cxl/core/port.c, in the
 * topology of a device that hangs on the root bus itself (cxl_acpi's root port, and an endpoint in it for each memory
 * device). A real 7.3.4 showed the same of its own ports; there are no decoders.
 */
import { directory, file, link, type NamedEntry, type SysfsTop } from './sysfs-entry.ts';
import { parentPaths, pciRoot, type ViewDevice } from './view-device.ts';

/** Another platform's than ACPI's has a root port whose number no endpoint gets. */
const ACPI = 'ACPI0017:00';
const OTHER_ROOT = 'root65536';

export const PORT_DRIVER = 'bus/cxl/drivers/cxl_port';

/** Whether the device is a memory device, which has ports above it. */
export function hasPorts({ parents }: ViewDevice): boolean {
  return parents.some(({ bus }) => bus === 'cxl');
}

/** Where the device's root port is, and what it is the port of. */
function rootOf({ parents }: ViewDevice): { readonly platform: string; readonly name: string; readonly path: string } {
  const memdev = parents.find((parent) => parent.bus === 'cxl');
  const host = memdev?.bus === 'cxl' ? memdev.platform : ACPI;
  const platform = `devices/platform/${host}`;
  const name = host === ACPI ? 'root0' : OTHER_ROOT;
  return { platform, name, path: `${platform}/${name}` };
}

/** The root port, which is there as soon as there is a memory device, and stays. */
export function portTops(device: ViewDevice): SysfsTop[] {
  const host = hostOf(device);
  const { platform, name: root, path } = rootOf(device);
  // others stand in it: the endpoints
  const own: NamedEntry[] = [
    ...files(['DEVTYPE=cxl_port'], 'cxl:t4'),
    ['subsystem', link('bus/cxl')],
    ['uport', link(platform)],
    [`dport${Number.parseInt(host.slice(-2), 16)}`, link(host)],
  ];
  return [...own.map(([name, entry]) => [path, name, entry] as const), ['bus/cxl/devices', root, link(path)]];
}

export function endpointName({ parents }: ViewDevice): string {
  return `endpoint${Number(parents.find(({ bus }) => bus === 'cxl')?.name.slice('mem'.length)) + 1}`;
}

/** The endpoint port, which comes and goes with the memory device. */
export function endpointTops(device: ViewDevice): SysfsTop[] {
  const index = device.parents.findIndex(({ bus }) => bus === 'cxl');
  const memdev = parentPaths(device).paths[index] ?? '';
  const name = endpointName(device);
  const { path: root } = rootOf(device);
  const endpoint = `${root}/${name}`;
  const entries = (): NamedEntry[] => [
    ...files(['DEVTYPE=cxl_port', 'DRIVER=cxl_port'], 'cxl:t3'),
    ['subsystem', link('bus/cxl')],
    ['driver', link(PORT_DRIVER)],
    ['uport', link(memdev)],
    ['parent_dport', link(hostOf(device))],
  ];
  return [
    [root, name, directory(entries)],
    ['bus/cxl/devices', name, link(endpoint)],
    [PORT_DRIVER, name, link(endpoint)],
  ];
}

/** The host bridge. */
function hostOf({ parents }: ViewDevice): string {
  return `devices/${pciRoot(parents[0]?.name ?? '')}`;
}

function files(uevent: readonly string[], modalias: string): NamedEntry[] {
  return [
    ['decoders_committed', file(0o444, '0\n')],
    ['devtype', file(0o444, 'cxl_port\n')],
    ['modalias', file(0o444, `${modalias}\n`)],
    ['uevent', file(0o644, [...uevent, `MODALIAS=${modalias}\n`].join('\n'))],
  ];
}
