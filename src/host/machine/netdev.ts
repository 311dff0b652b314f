/**
 * A netdev as /sys/class/net has it: net/core/net-sysfs.c, Documentation/ABI/testing/sysfs-class-net. It is in sysfs
 * alone: no socket knows it, and it carries nothing.
 */
import { parsePciAddress } from '../../abi/pci/address.ts';
import type { ClassDevice, SysfsAttribute } from './host-device.ts';
import { line, refused } from './sysfs-attribute.ts';

/** What a reader learns of the link at this moment. */
export interface LinkFacts {
  readonly up: boolean;
  /** Mb/s; of a link that is up. */
  readonly mbps: number;
  readonly mtu: number;
}

export interface NetdevFacts {
  /** As udev names it: by its place on the bus and its port. */
  readonly name: string;
  /** A number that no link of the machine has. */
  readonly ifindex: number;
  /** 12 hex digits. */
  readonly mac: string;
  /** phys_port_name, `p0`; undefined: reading it is EOPNOTSUPP. */
  readonly port?: string;
  readonly queues: number;
  link(): LinkFacts;
}

export function netdev(facts: NetdevFacts): ClassDevice {
  const { ifindex } = facts;
  return {
    class: 'net',
    name: facts.name,
    uevent: (name) => [`INTERFACE=${name}`, `IFINDEX=${ifindex}`],
    attributes: () => [...ownAttributes(facts), ...statistics(), ...queues(facts.queues)],
  };
}

function ownAttributes({ ifindex, mac, port, link }: NetdevFacts): SysfsAttribute[] {
  return [
    line('addr_assign_type', '0'),
    line('addr_len', '6'),
    line('address', mac.replace(/..(?=.)/g, '$&:').toLowerCase()),
    line('broadcast', 'ff:ff:ff:ff:ff:ff'),
    line('carrier', () => (link().up ? '1' : '0'), 0o644),
    line('carrier_changes', '2'),
    line('carrier_down_count', '1'),
    line('carrier_up_count', '1'),
    line('dev_id', '0x0'),
    line('dev_port', '0'),
    line('dormant', '0'),
    line('duplex', () => (link().up ? 'full' : 'unknown')),
    line('flags', '0x1003', 0o644),
    line('gro_flush_timeout', '0', 0o644),
    line('ifalias', '', 0o644),
    line('ifindex', String(ifindex)),
    line('iflink', String(ifindex)),
    line('link_mode', '0'),
    line('mtu', () => String(link().mtu), 0o644),
    line('name_assign_type', '4'),
    line('napi_defer_hard_irqs', '0', 0o644),
    line('netdev_group', '0', 0o644),
    line('operstate', () => (link().up ? 'up' : 'down')),
    refused('phys_port_id', 'EOPNOTSUPP'),
    port === undefined ? refused('phys_port_name', 'EOPNOTSUPP') : line('phys_port_name', port),
    refused('phys_switch_id', 'EOPNOTSUPP'),
    line('proto_down', '0', 0o644),
    line('speed', () => (link().up ? String(link().mbps) : '-1')),
    line('testing', '0'),
    line('threaded', '0', 0o644),
    line('tx_queue_len', '1000', 0o644),
    line('type', '1'),
  ];
}

/** struct rtnl_link_stats64, by the names of net-sysfs.c: of a device that has carried nothing. */
const STATISTICS = [
  'collisions',
  'multicast',
  ...['bytes', 'compressed', 'crc_errors', 'dropped', 'errors', 'fifo_errors'].map((name) => `rx_${name}`),
  ...['frame_errors', 'length_errors', 'missed_errors', 'nohandler', 'over_errors', 'packets'].map((x) => `rx_${x}`),
  ...['aborted_errors', 'bytes', 'carrier_errors', 'compressed', 'dropped'].map((name) => `tx_${name}`),
  ...['errors', 'fifo_errors', 'heartbeat_errors', 'packets', 'window_errors'].map((name) => `tx_${name}`),
];

function statistics(): SysfsAttribute[] {
  return STATISTICS.map((name) => ({ path: `statistics/${name}`, mode: 0o444, content: '0\n' }));
}

const OF_RX = { rps_cpus: '0', rps_flow_cnt: '0' } as const;
const OF_TX = { tx_maxrate: '0', tx_timeout: '0', xps_cpus: '0', xps_rxqs: '0' } as const;

function queues(count: number): SysfsAttribute[] {
  const each = (queue: string, files: Readonly<Record<string, string>>) =>
    Object.entries(files).map(([name, content]) => ({
      path: `queues/${queue}/${name}`,
      mode: name === 'tx_timeout' ? 0o444 : 0o644,
      content: `${content}\n`,
    }));
  return Array.from({ length: count }, (_, i) => [...each(`rx-${i}`, OF_RX), ...each(`tx-${i}`, OF_TX)]).flat();
}

/** systemd.net-naming-scheme(7), of a function that is the only one of its card or the first: `enp65s0np0`. */
export function udevName(address: string, port: string | undefined): string {
  const { domain = 0, bus = 0, device = 0, function: number = 0 } = parsePciAddress(address) ?? {};
  const start = `en${domain === 0 ? '' : `P${domain}`}p${bus}s${device}`;
  return `${start}${number === 0 ? '' : `f${number}`}${port === undefined ? '' : `n${port}`}`;
}
