/**
 * An RDMA device over Ethernet as /sys/class/infiniband has it: drivers/infiniband/core/sysfs.c,
 * Documentation/ABI/stable/sysfs-class-infiniband. It is in sysfs alone: there is no /dev/infiniband/uverbs.
 */
import type { ClassDevice, SysfsAttribute } from './host-device.ts';
import { line, refused } from './sysfs-attribute.ts';

export interface RdmaLink {
  readonly up: boolean;
  /** Closed by command, and not just without a partner. */
  readonly disabled: boolean;
  /** Of a link that is up. */
  readonly gbps: number;
  readonly lanes: number;
}

export interface RdmaFacts {
  /** `mlx5_0`. */
  readonly name: string;
  readonly boardId: string;
  readonly hcaType: string;
  readonly hardwareRevision: string;
  readonly nodeDescription: string;
  readonly guid: bigint;
  /** 12 hex digits; the first two GIDs follow from it. */
  readonly mac: string;
  readonly netdev: string;
  /** Entries of the GID table. */
  readonly gids: number;
  firmwareVersion(): string;
  link(): RdmaLink;
}

export function rdmaDevice(facts: RdmaFacts): ClassDevice {
  return {
    class: 'infiniband',
    name: facts.name,
    uevent: (name) => [`NAME=${name}`],
    attributes: () => [...ownAttributes(facts), ...portAttributes(facts)],
  };
}

function ownAttributes(facts: RdmaFacts): SysfsAttribute[] {
  const guid = groups(facts.guid.toString(16).padStart(16, '0'));
  return [
    line('board_id', facts.boardId),
    line('fw_ver', () => facts.firmwareVersion()),
    line('hca_type', facts.hcaType),
    line('hw_rev', facts.hardwareRevision),
    line('node_desc', facts.nodeDescription, 0o644),
    line('node_guid', guid),
    line('node_type', '1: CA'),
    line('sys_image_guid', guid),
  ];
}

/** IB_PORT_ACTIVE, IB_PORT_DOWN; enum ib_port_phys_state. */
const STATE = { up: '4: ACTIVE', down: '1: DOWN' } as const;
const PHYSICAL = { up: '5: LinkUp', polling: '2: Polling', disabled: '3: Disabled' } as const;
/** rate_show(): by Gb/s of a lane. */
const LANE_SPEEDS: readonly (readonly [least: number, name: string])[] = [
  [100, ' NDR'],
  [50, ' HDR'],
  [25, ' EDR'],
  [10, ' QDR'],
  [0, ''],
];

/** Counters of a port that RDMA counts itself, in the order of the kernel's table. */
const COUNTERS = [
  'VL15_dropped',
  'excessive_buffer_overrun_errors',
  'link_downed',
  'link_error_recovery',
  'local_link_integrity_errors',
  'multicast_rcv_packets',
  'multicast_xmit_packets',
  'port_rcv_constraint_errors',
  'port_rcv_data',
  'port_rcv_errors',
  'port_rcv_packets',
  'port_rcv_remote_physical_errors',
  'port_rcv_switch_relay_errors',
  'port_xmit_constraint_errors',
  'port_xmit_data',
  'port_xmit_discards',
  'port_xmit_packets',
  'port_xmit_wait',
  'symbol_error',
  'unicast_rcv_packets',
  'unicast_xmit_packets',
];

/** RoCE version 1 and 2 of the link-local address: the GIDs that there are before an address is given. */
const GID_TYPES = ['IB/RoCE v1', 'RoCE v2'];

function portAttributes({ mac, netdev, gids, link }: RdmaFacts): SysfsAttribute[] {
  const port = (path: string, content: SysfsAttribute['content']) => line(`ports/1/${path}`, content);
  const none = (path: string) => refused(`ports/1/${path}`, 'EINVAL');
  const gid = groups(`fe80000000000000${eui64(mac)}`);
  const each = Array.from({ length: gids }, (_, i) => i);
  return [
    port('cap_mask', '0x04010000'),
    port('lid', '0x0'),
    port('lid_mask_count', '0'),
    port('link_layer', 'Ethernet'),
    port('phys_state', () => {
      const { up, disabled } = link();
      return up ? PHYSICAL.up : disabled ? PHYSICAL.disabled : PHYSICAL.polling;
    }),
    port('rate', () => rate(link())),
    port('sm_lid', '0x0'),
    port('sm_sl', '0'),
    port('state', () => (link().up ? STATE.up : STATE.down)),
    port('pkeys/0', '0xffff'),
    ...COUNTERS.map((name) => port(`counters/${name}`, '0')),
    ...each.map((i) => port(`gids/${i}`, i < GID_TYPES.length ? gid : NO_GID)),
    ...each.map((i) => (i < GID_TYPES.length ? port(`gid_attrs/ndevs/${i}`, netdev) : none(`gid_attrs/ndevs/${i}`))),
    ...each.map((i) => {
      const type = GID_TYPES[i];
      return type === undefined ? none(`gid_attrs/types/${i}`) : port(`gid_attrs/types/${i}`, type);
    }),
  ];
}

const NO_GID = groups('0'.repeat(32));

/** What a port that is down has is what mlx5_ib says of one. */
function rate({ up, gbps, lanes }: RdmaLink): string {
  const [, name = ''] = LANE_SPEEDS.find(([least]) => gbps / lanes >= least) ?? [];
  return up ? `${gbps} Gb/sec (${lanes}X${name})` : '40 Gb/sec (4X QDR)';
}

/** The modified EUI-64 of a MAC address, in hex. */
export function eui64(mac: string): string {
  const first = (Number.parseInt(mac.slice(0, 2), 16) ^ 2).toString(16).padStart(2, '0');
  return `${first}${mac.slice(2, 6)}fffe${mac.slice(6)}`.toLowerCase();
}

/** In fours, with colons between. */
function groups(hex: string): string {
  return hex.replace(/....(?=.)/g, '$&:');
}
