/**
 * QUERY_L2_TABLE_ENTRY (0x82a): struct mlx5_ifc_query_l2_table_entry_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_L2_TABLE_ENTRY: CommandLayout = {
  request: layout('query_l2_table_entry_in', 64, [['table_index', 168, 24]]),
  reply: layout('query_l2_table_entry_out', 64, [
    ['vlan_valid', 243, 1],
    ['vlan', 244, 12],
    ['mac_address.mac_addr_47_32', 272, 16],
    ['mac_address.mac_addr_31_0', 288, 32],
  ]),
};
