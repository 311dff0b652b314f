/**
 * QUERY_ESW_VPORT_CONTEXT (0x752): struct mlx5_ifc_query_esw_vport_context_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_ESW_VPORT_CONTEXT: CommandLayout = {
  request: layout('query_esw_vport_context_in', 16, [
    ['other_vport', 64, 1],
    ['vport_number', 80, 16],
  ]),
  reply: layout('query_esw_vport_context_out', 272, [
    ['esw_vport_context.fdb_to_vport_reg_c', 128, 1],
    ['esw_vport_context.vport_svlan_strip', 131, 1],
    ['esw_vport_context.vport_cvlan_strip', 132, 1],
    ['esw_vport_context.vport_svlan_insert', 133, 1],
    ['esw_vport_context.vport_cvlan_insert', 134, 2],
    ['esw_vport_context.fdb_to_vport_reg_c_id', 136, 8],
    ['esw_vport_context.svlan_cfi', 192, 1],
    ['esw_vport_context.svlan_pcp', 193, 3],
    ['esw_vport_context.svlan_id', 196, 12],
    ['esw_vport_context.cvlan_cfi', 208, 1],
    ['esw_vport_context.cvlan_pcp', 209, 3],
    ['esw_vport_context.cvlan_id', 212, 12],
    ['esw_vport_context.sw_steering_vport_icm_address_rx', 2048, 64],
    ['esw_vport_context.sw_steering_vport_icm_address_tx', 2112, 64],
  ]),
};
