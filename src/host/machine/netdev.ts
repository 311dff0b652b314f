/**
 * A netdev as /sys/class/net has it: net/core/net-sysfs.c, Documentation/ABI/testing/sysfs-class-net. It is in sysfs
 * alone: no socket knows it, and it carries nothing.
 */
import type { ClassDevice, SysfsAttribute } from './host-device.ts';

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
  const read = (path: string, content: SysfsAttribute['content']): SysfsAttribute => ({
    path,
    mode: 0o444,
    content: typeof content === 'string' ? `${content}\n` : () => `${content()}\n`,
  });
  const written = (path: string, content: SysfsAttribute['content']) => ({ ...read(path, content), mode: 0o644 });
  const refused = (path: string): SysfsAttribute => ({ path, mode: 0o444, content: '', fails: 'EOPNOTSUPP' });
  return [
    read('addr_assign_type', '0'),
    read('addr_len', '6'),
    read('address', mac.replace(/..(?=.)/g, '$&:').toLowerCase()),
    read('broadcast', 'ff:ff:ff:ff:ff:ff'),
    written('carrier', () => (link().up ? '1' : '0')),
    read('carrier_changes', '2'),
    read('carrier_down_count', '1'),
    read('carrier_up_count', '1'),
    read('dev_id', '0x0'),
    read('dev_port', '0'),
    read('dormant', '0'),
    read('duplex', () => (link().up ? 'full' : 'unknown')),
    written('flags', '0x1003'),
    written('gro_flush_timeout', '0'),
    written('ifalias', ''),
    read('ifindex', String(ifindex)),
    read('iflink', String(ifindex)),
    read('link_mode', '0'),
    written('mtu', () => String(link().mtu)),
    read('name_assign_type', '4'),
    written('napi_defer_hard_irqs', '0'),
    written('netdev_group', '0'),
    read('operstate', () => (link().up ? 'up' : 'down')),
    refused('phys_port_id'),
    port === undefined ? refused('phys_port_name') : read('phys_port_name', port),
    refused('phys_switch_id'),
    written('proto_down', '0'),
    read('speed', () => (link().up ? String(link().mbps) : '-1')),
    read('testing', '0'),
    written('threaded', '0'),
    written('tx_queue_len', '1000'),
    read('type', '1'),
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
  const [domain = 0, bus = 0, slot = 0, number = 0] = address.split(/[:.]/).map((part) => Number.parseInt(part, 16));
  const start = `en${domain === 0 ? '' : `P${domain}`}p${bus}s${slot}`;
  return `${start}${number === 0 ? '' : `f${number}`}${port === undefined ? '' : `n${port}`}`;
}
