/**
 * Capability types of QUERY_HCA_CAP: enum mlx5_cap_type of mlx5_core's device.h, and mlx5ctl's names (devcaps.c), whose
 * table they are. op_mod = type << 1 | (0 max, 1 current).
 */
import type { Layout } from '../bits.ts';
import { ATOMIC_CAP } from './caps/atomic.ts';
import { DEBUG_CAP } from './caps/debug.ts';
import { DEV_MEM_CAP } from './caps/dev-mem.ts';
import { DEVICE_EVENT_CAP } from './caps/device-event.ts';
import { ESWITCH_CAP } from './caps/eswitch.ts';
import { ESWITCH_FLOW_TABLE_CAP } from './caps/eswitch-flow-table.ts';
import { ETHERNET_OFFLOADS_CAP } from './caps/ethernet-offloads.ts';
import { FLOW_TABLE_CAP } from './caps/flow-table.ts';
import { GENERAL_CAP } from './caps/general.ts';
import { GENERAL_2_CAP } from './caps/general-2.ts';
import { IPSEC_CAP } from './caps/ipsec.ts';
import { MACSEC_CAP } from './caps/macsec.ts';
import { ODP_CAP } from './caps/odp.ts';
import { PORT_SELECTION_CAP } from './caps/port-selection.ts';
import { QOS_CAP } from './caps/qos.ts';
import { ROCE_CAP } from './caps/roce.ts';
import { SHAMPO_CAP } from './caps/shampo.ts';
import { TLS_CAP } from './caps/tls.ts';
import { VIRTIO_EMULATION_CAP } from './caps/virtio-emulation.ts';

export interface CapType {
  readonly type: number;
  readonly name: string;
  /** Bytes of the capability structure. */
  readonly bytes: number;
  /** Undefined: no public layout; the structure is then all zero. */
  readonly layout: Layout | undefined;
}

const UNKNOWN = undefined;

/** [type, name, bytes, layout]. Types without a public structure are given the usual 256 bytes. */
const rows: readonly (readonly [number, string, number, Layout | undefined])[] = [
  [0x00, 'GENERAL', 256, GENERAL_CAP],
  [0x01, 'ETHERNET_OFFLOADS', 256, ETHERNET_OFFLOADS_CAP],
  [0x02, 'ODP', 256, ODP_CAP],
  [0x03, 'ATOMIC', 256, ATOMIC_CAP],
  [0x04, 'ROCE', 256, ROCE_CAP],
  [0x05, 'IPOIB_OFFLOADS', 256, ETHERNET_OFFLOADS_CAP],
  [0x06, 'IPOIB_ENHANCED_OFFLOADS', 256, ETHERNET_OFFLOADS_CAP],
  [0x07, 'FLOW_TABLE', 4096, FLOW_TABLE_CAP],
  [0x08, 'ESWITCH_FLOW_TABLE', 4096, ESWITCH_FLOW_TABLE_CAP],
  [0x09, 'ESWITCH', 256, ESWITCH_CAP],
  [0x0b, 'VECTOR_CALC', 252, UNKNOWN],
  [0x0c, 'QOS', 256, QOS_CAP],
  [0x0d, 'DEBUG', 64, DEBUG_CAP],
  [0x0f, 'DEV_MEM', 256, DEV_MEM_CAP],
  [0x11, 'TLS', 256, TLS_CAP],
  [0x13, 'VDPA_EMULATION', 256, VIRTIO_EMULATION_CAP],
  [0x14, 'DEV_EVENT', 256, DEVICE_EVENT_CAP],
  [0x15, 'IPSEC', 256, IPSEC_CAP],
  [0x1a, 'CRYPTO', 256, UNKNOWN],
  [0x1d, 'SHAMPO', 256, SHAMPO_CAP],
  [0x1e, 'PSP', 256, UNKNOWN],
  [0x1f, 'MACSEC', 256, MACSEC_CAP],
  [0x20, 'GENERAL_2', 256, GENERAL_2_CAP],
  [0x25, 'PORT_SELECTION', 4096, PORT_SELECTION_CAP],
  // mlx5ctl reads this type with the structure of 0x13; the kernel headers have none for it.
  [0x26, 'ADV_VIRTUALIZATION', 256, VIRTIO_EMULATION_CAP],
  [0x28, 'ADV_RDMA', 256, UNKNOWN],
  [0x2a, 'TLP_EMULATION', 256, UNKNOWN],
];

export const CAP_TYPES: readonly CapType[] = rows.map(([type, name, bytes, layout]) => ({ type, name, bytes, layout }));

const byType = new Map(CAP_TYPES.map((cap) => [cap.type, cap]));
const byName = new Map(CAP_TYPES.map((cap) => [cap.name, cap]));

export function capType(type: number): CapType | undefined {
  return byType.get(type);
}

export function capTypeByName(name: string): CapType | undefined {
  return byName.get(name);
}
