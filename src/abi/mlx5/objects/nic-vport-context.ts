/**
 * QUERY_NIC_VPORT_CONTEXT (0x754): struct mlx5_ifc_query_nic_vport_context_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_NIC_VPORT_CONTEXT: CommandLayout = {
  request: layout('query_nic_vport_context_in', 16, [
    ['other_vport', 64, 1],
    ['vport_number', 80, 16],
    ['allowed_list_type', 101, 3],
  ]),
  reply: layout('query_nic_vport_context_out', 272, [
    ['nic_vport_context.min_wqe_inline_mode', 133, 3],
    ['nic_vport_context.disable_mc_local_lb', 157, 1],
    ['nic_vport_context.disable_uc_local_lb', 158, 1],
    ['nic_vport_context.roce_en', 159, 1],
    ['nic_vport_context.arm_change_event', 160, 1],
    ['nic_vport_context.event_on_mtu', 187, 1],
    ['nic_vport_context.event_on_promisc_change', 188, 1],
    ['nic_vport_context.event_on_vlan_change', 189, 1],
    ['nic_vport_context.event_on_mc_address_change', 190, 1],
    ['nic_vport_context.event_on_uc_address_change', 191, 1],
    ['nic_vport_context.vhca_id_type', 192, 1],
    ['nic_vport_context.affiliation_criteria', 204, 4],
    ['nic_vport_context.affiliated_vhca_id', 208, 16],
    ['nic_vport_context.mtu', 432, 16],
    ['nic_vport_context.system_image_guid', 448, 64],
    ['nic_vport_context.port_guid', 512, 64],
    ['nic_vport_context.node_guid', 576, 64],
    ['nic_vport_context.qkey_violation_counter', 960, 16],
    ['nic_vport_context.promisc_uc', 2048, 1],
    ['nic_vport_context.promisc_mc', 2049, 1],
    ['nic_vport_context.promisc_all', 2050, 1],
    ['nic_vport_context.allowed_list_type', 2053, 3],
    ['nic_vport_context.allowed_list_size', 2068, 12],
    ['nic_vport_context.permanent_address.mac_addr_47_32', 2096, 16],
    ['nic_vport_context.permanent_address.mac_addr_31_0', 2112, 32],
  ]),
};
