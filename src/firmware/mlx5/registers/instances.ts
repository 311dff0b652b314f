/** What a register's selecting fields choose among. An instance is a number from 0 to 2^24 - 1. */
import type { Layout } from '../../../abi/bits.ts';
import type { Mlx5Device } from '../device.ts';
import { OWN_PORT } from '../port-traffic.ts';

/** local_port is the second byte of every port register; lp_msb, its two upper bits, mostly in the third. */
function portNumber(input: DataView, device: Mlx5Device, msb: number): number | undefined {
  const port = input.getUint8(1) | (msb << 8);
  if (port === 0) return OWN_PORT;
  return port <= device.profile.identity.num_ports ? port : undefined;
}

/**
 * Ports run from 1 to identity.num_ports. Port 0 is the function's own, as it is for mlx5ctl, which sends 0 unless told
 * otherwise (mlx5_core sends 1). Unverified: whether real firmware takes 0 so for every register.
 */
export function byPort(input: DataView, device: Mlx5Device): number | undefined {
  return portNumber(input, device, (input.getUint8(2) >>> 4) & 3);
}

/** MLCR has lp_msb in its first byte. */
export function byLedPort(input: DataView, device: Mlx5Device): number | undefined {
  return portNumber(input, device, input.getUint8(0) & 3);
}

/** QETCR and the DCBX registers have no lp_msb. */
export function byPortByte(input: DataView, device: Mlx5Device): number | undefined {
  return portNumber(input, device, 0);
}

/** SBCM: 64 buffers and 4 directions a port, whose lp_msb is in the fourth byte. */
export function byPortBuffer(input: DataView, device: Mlx5Device): number | undefined {
  const port = portNumber(input, device, (input.getUint8(3) >>> 4) & 3);
  return port === undefined ? undefined : (port << 8) | ((input.getUint8(2) & 0x3f) << 2) | (input.getUint8(3) & 3);
}

/** QTCT: 16 priorities a port, 8 of which exist. */
export function byPortPriority(input: DataView, device: Mlx5Device): number | undefined {
  const port = byPort(input, device);
  const priority = input.getUint8(3) & 0xf;
  return port === undefined || priority > 7 ? undefined : (port << 4) | priority;
}

/** QEEC: levels of a port's scheduler (port, sub-group, traffic class) and 8 elements of each; the port is one. */
export function byElement(input: DataView, device: Mlx5Device): number | undefined {
  const port = byPort(input, device);
  const level = (input.getUint8(5) & 0xf) as 0 | 2 | 3;
  const element = input.getUint8(7);
  const exists = level === 0 ? element === 0 : (level === 2 || level === 3) && element < 8;
  return port === undefined || !exists ? undefined : (port << 8) | (level << 4) | element;
}

/** PPBMP: groups of what is monitored: raw, effective, pre-FEC, symbol bit error rates (PRM, PPBMP.monitor_group). */
export function byMonitor(input: DataView, device: Mlx5Device): number | undefined {
  const port = byPort(input, device);
  const group = input.getUint8(3) & 0xf;
  return port === undefined || group > 5 || group === 3 ? undefined : (port << 4) | group;
}

/** One module a port, numbered from 0; the module number is the second byte. */
export function byModule(input: DataView, device: Mlx5Device): number | undefined {
  const module = input.getUint8(1);
  return module < device.profile.identity.num_ports ? module : undefined;
}

/** PCIe registers: depth, pcie_index and node in the first three bytes. The only link is that to the host: all 0. */
export function byPcieNode(input: DataView): number | undefined {
  return (input.getUint8(0) & 0x3f) === 0 && input.getUint8(1) === 0 && input.getUint8(2) === 0 ? 0 : undefined;
}

/** The value of one selecting field, if it is below `count`. */
export function byField(layout: Layout, path: string, count: number): (input: DataView) => number | undefined {
  const field = layout.word(path);
  return (input) => {
    const index = field.get(input, 0);
    return index < count ? index : undefined;
  };
}

/** SBPR: 16 pools and 4 directions. */
export function byPool(input: DataView): number {
  return ((input.getUint8(3) & 0xf) << 2) | (input.getUint8(0) & 3);
}

/** A row's `on`: chips from the ConnectX-7 on; hw_dev_id ascends with the generations. Unverified for each register. */
export function fromConnectx7(device: Mlx5Device): boolean {
  return device.profile.identity.hw_dev_id >= CONNECTX7;
}

const CONNECTX7 = 0x218;
