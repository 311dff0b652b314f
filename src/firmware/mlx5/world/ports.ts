/** Vports and what is said of the device's ports: states, contexts, counters, MAC table, LAG, congestion control. */
import type { Mlx5DeviceProfile } from '../../../abi/mlx5/device-profile.ts';
import { objectId } from '../../../abi/mlx5/objects/types.ts';
import type { ObjectStore } from '../objects.ts';
import { DROP_COUNTERS, NETDEV_COUNTERS, PF_VPORT, RDMA_COUNTERS, UPLINK_VPORT } from './numbers.ts';

/** Packets a second of the uplink; a VF has a tenth. Octets on average: Ethernet 1000, RDMA 4096. */
export const PACKETS_PER_SECOND = 10_000;
const ETHERNET_OCTETS = 1000;
const RDMA_OCTETS = 4096;

/** Vport and VF administrative states (mlx5_core vport.h): up; AUTO follows the uplink. */
const UP = 1;
const AUTO = 2;

/** A port whose function has `vport`'s number: MAC address base_mac + number. */
export function macOf({ identity }: Mlx5DeviceProfile, number: number): bigint {
  return BigInt.asUintN(48, BigInt(`0x${identity.base_mac}`) + BigInt(number));
}

/** EUI-64 as Mellanox boards have it: OUI, 0300, the lower half. */
export function guidOf(mac: bigint): bigint {
  return ((mac >> 24n) << 40n) | (0x0300n << 24n) | (mac & 0xff_ffffn);
}

export function addPorts(objects: ObjectStore, profile: Mlx5DeviceProfile, nowNs: number): void {
  const { vfs } = profile.world;
  const functions = Array.from({ length: vfs + 1 }, (_, i) => i);
  for (const vport of [...functions, UPLINK_VPORT]) {
    const own = vport === PF_VPORT || vport === UPLINK_VPORT;
    addVport(objects, profile, vport, own ? UP : AUTO, own ? PACKETS_PER_SECOND : PACKETS_PER_SECOND / 10, nowNs);
  }
  for (const number of functions) {
    const mac = macOf(profile, number);
    objects.add('L2_TABLE_ENTRY', number, {
      'mac_address.mac_addr_47_32': Number(mac >> 32n),
      'mac_address.mac_addr_31_0': Number(mac & 0xffff_ffffn),
    });
    objects.add('VHCA_MIGRATION_STATE', number, { required_umem_size: 4 << 20 });
  }
  objects.add('ESW_FUNCTIONS', 0, {
    'host_params_context.host_num_of_vfs': vfs,
    'host_params_context.host_total_vfs': Math.max(vfs, TOTAL_VFS),
  });
  addRoce(objects, profile, nowNs);
  objects.add('LAG', 0, lag(profile));
  objects.add('WOL_ROL', 0, {});
  objects.add('MAD_DEMUX', 0, {});
  objects.add('Q_COUNTER', NETDEV_COUNTERS, {}, { nowNs, rates: { out_of_buffer: 0.01 } });
  objects.add('Q_COUNTER', DROP_COUNTERS, {});
  objects.add(
    'Q_COUNTER',
    RDMA_COUNTERS,
    {},
    {
      nowNs,
      rates: { rx_write_requests: 500, rx_read_requests: 100, rx_atomic_requests: 5, duplicate_request: 0.001 },
    },
  );
}

/** sriov_totalvfs of a card as it is delivered. */
const TOTAL_VFS = 8;

function addVport(
  objects: ObjectStore,
  profile: Mlx5DeviceProfile,
  vport: number,
  admin_state: number,
  packets: number,
  nowNs: number,
): void {
  objects.add('VPORT_STATE', vport, { admin_state, state: UP });
  objects.add('ESW_VPORT_CONTEXT', vport, {});
  const mac = macOf(profile, vport === UPLINK_VPORT ? PF_VPORT : vport);
  objects.add('NIC_VPORT_CONTEXT', vport, {
    'nic_vport_context.roce_en': 1,
    'nic_vport_context.event_on_mtu': 1,
    'nic_vport_context.mtu': Number(profile.registers.PMTU?.oper_mtu ?? 1522),
    'nic_vport_context.system_image_guid': guidOf(macOf(profile, PF_VPORT)),
    'nic_vport_context.port_guid': guidOf(mac),
    'nic_vport_context.node_guid': guidOf(mac),
    'nic_vport_context.permanent_address.mac_addr_47_32': Number(mac >> 32n),
    'nic_vport_context.permanent_address.mac_addr_31_0': Number(mac & 0xffff_ffffn),
  });
  const rates: Record<string, number> = {};
  for (const direction of ['received', 'transmitted']) {
    for (const [kind, share, octets] of TRAFFIC) {
      rates[`${direction}_${kind}.packets`] = packets * share;
      rates[`${direction}_${kind}.octets`] = packets * share * octets;
    }
  }
  objects.add('VPORT_COUNTER', vport, {}, { nowNs, rates });
  objects.add('VNIC_ENV', vport, {}, { nowNs, rates: { 'vport_env.nic_receive_steering_discard': 0.5 } });
}

/** [kind, share of all packets, octets a packet] */
const TRAFFIC = [
  ['eth_unicast', 0.7, ETHERNET_OCTETS],
  ['eth_multicast', 0.01, ETHERNET_OCTETS],
  ['eth_broadcast', 0.001, ETHERNET_OCTETS],
  ['ib_unicast', 0.2, RDMA_OCTETS],
] as const;

/** Two ports bonded, each sending on its own, where the device can be a bond's master. */
function lag({ caps }: Mlx5DeviceProfile): Record<string, number> {
  const { lag_master = 0, num_lag_ports = 0 } = caps.GENERAL ?? {};
  if (Number(lag_master) === 0 || Number(num_lag_ports) < 2) return {};
  return { 'ctx.lag_state': 1, 'ctx.active_port': 0, 'ctx.tx_remap_affinity_1': 1, 'ctx.tx_remap_affinity_2': 2 };
}

/** Congestion control protocols (mlx5_ib cong.c): 0 802.1Qau; RoCE ECN: 1 reaction point, 2 notification point. */
const PROTOCOLS = [0, 1, 2];
const QAU = 0;
const REACTION_POINT = 1;

function addRoce(objects: ObjectStore, profile: Mlx5DeviceProfile, nowNs: number): void {
  const rp = 'congestion_parameters.cong_control_r_roce_ecn_rp';
  const np = 'congestion_parameters.cong_control_r_roce_ecn_np';
  // Defaults of mlnx_qos(8) and of the driver's ecn directory, where public.
  const parameters: readonly Readonly<Record<string, number>>[] = [
    {},
    {
      [`${rp}.clamp_tgt_rate_after_time_inc`]: 1,
      [`${rp}.rpg_time_reset`]: 300,
      [`${rp}.rpg_byte_reset`]: 32767,
      [`${rp}.rpg_threshold`]: 1,
      [`${rp}.rpg_ai_rate`]: 5,
      [`${rp}.rpg_hai_rate`]: 50,
      [`${rp}.rpg_gd`]: 11,
      [`${rp}.rpg_min_dec_fac`]: 50,
      [`${rp}.rpg_min_rate`]: 1,
      [`${rp}.dce_tcp_g`]: 1019,
      [`${rp}.dce_tcp_rtt`]: 1,
      [`${rp}.rate_reduce_monitor_period`]: 4,
      [`${rp}.initial_alpha_value`]: 1023,
    },
    { [`${np}.min_time_between_cnps`]: 4, [`${np}.cnp_dscp`]: 48, [`${np}.cnp_802p_prio`]: 6 },
  ];
  for (const protocol of PROTOCOLS) {
    objects.add('CONG_PARAMS', protocol, parameters[protocol] ?? {});
    const on = protocol === QAU ? 0 : 1;
    for (let priority = 0; priority < 8; priority++) {
      const status = { enable: on, tag_enable: protocol === REACTION_POINT ? 1 : 0 };
      objects.add('CONG_STATUS', objectId('CONG_STATUS', priority, protocol), status);
    }
  }
  objects.add(
    'CONG_STATISTICS',
    0,
    { rp_cur_flows: 2, sum_flows: 2, accumulators_period: 1000 },
    { nowNs, rates: { rp_cnp_handled_low: 3, np_cnp_sent_low: 3, np_ecn_marked_roce_packets_low: 30 } },
  );
  const mac = macOf(profile, PF_VPORT);
  // RoCE v2 (2) on the link-local address made of the MAC, as mlx5_ib sets GID 0.
  objects.add('ROCE_ADDRESS', 0, {
    'roce_address.source_l3_address': linkLocal(mac),
    'roce_address.source_mac_47_32': Number(mac >> 32n),
    'roce_address.source_mac_31_0': Number(mac & 0xffff_ffffn),
    'roce_address.roce_l3_type': 1,
    'roce_address.roce_version': 2,
  });
}

/** fe80::/64 with the modified EUI-64 of the MAC. */
function linkLocal(mac: bigint): Uint8Array {
  const low = ((mac >> 24n) << 40n) | (0xfffen << 24n) | (mac & 0xff_ffffn);
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint16(0, 0xfe80);
  view.setBigUint64(8, low ^ (2n << 56n));
  return address;
}
