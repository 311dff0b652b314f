/**
 * The ports above a CXL memory device, without which no tool takes it for one in use: drivers/cxl/core/port.c, in the
 * topology of a device that hangs on the root bus itself (cxl_acpi's root port, and an endpoint in it for each memory
 * device). A real 7.3.4 showed the same of its own ports; there are no decoders.
 */
import { parentPaths, pciRoot, type ViewDevice } from './view-device.ts';

/** The ACPI device that stands for the platform's CXL. */
const PLATFORM = 'devices/platform/ACPI0017:00';
const ROOT = `${PLATFORM}/root0`;
export const PORT_DRIVER = 'bus/cxl/drivers/cxl_port';

/** A directory of sysfs; all paths are below /sys. */
interface CxlPort {
  readonly path: string;
  readonly files: readonly (readonly [name: string, mode: number, content: string])[];
  /** Links to what, in it and to it. */
  readonly links: readonly (readonly [path: string, to: string])[];
}

/** The root port is there as soon as there is a memory device, and stays; the endpoint comes and goes with it. */
export interface CxlPorts {
  readonly root: CxlPort;
  readonly endpoint: CxlPort;
}

/** Undefined: the device is no memory device. */
export function cxlPorts(device: ViewDevice): CxlPorts | undefined {
  const index = device.parents.findIndex(({ bus }) => bus === 'cxl');
  const [pci] = device.parents;
  const memdev = parentPaths(device)[index];
  if (pci === undefined || memdev === undefined) return undefined;
  const bridge = pciRoot(pci.name);
  const host = `devices/${bridge}`;
  const dport = Number.parseInt(bridge.slice(-2), 16);
  const name = `endpoint${Number(device.parents[index]?.name.slice('mem'.length)) + 1}`;
  const endpoint = `${ROOT}/${name}`;
  return {
    root: {
      path: ROOT,
      files: filesOf(['DEVTYPE=cxl_port'], 'cxl:t4'),
      links: [
        [`${ROOT}/subsystem`, 'bus/cxl'],
        [`${ROOT}/uport`, PLATFORM],
        [`${ROOT}/dport${dport}`, host],
        ['bus/cxl/devices/root0', ROOT],
      ],
    },
    endpoint: {
      path: endpoint,
      files: filesOf(['DEVTYPE=cxl_port', 'DRIVER=cxl_port'], 'cxl:t3'),
      links: [
        [`${endpoint}/subsystem`, 'bus/cxl'],
        [`${endpoint}/driver`, PORT_DRIVER],
        [`${endpoint}/uport`, memdev],
        [`${endpoint}/parent_dport`, host],
        [`bus/cxl/devices/${name}`, endpoint],
        [`${PORT_DRIVER}/${name}`, endpoint],
      ],
    },
  };
}

function filesOf(uevent: readonly string[], modalias: string): CxlPort['files'] {
  return [
    ['decoders_committed', 0o444, '0\n'],
    ['devtype', 0o444, 'cxl_port\n'],
    ['modalias', 0o444, `${modalias}\n`],
    ['uevent', 0o644, [...uevent, `MODALIAS=${modalias}\n`].join('\n')],
  ];
}
