/**
 * QUERY_ROCE_ADDRESS (0x760): struct mlx5_ifc_query_roce_address_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_ROCE_ADDRESS: CommandLayout = {
  request: layout('query_roce_address_in', 16, [
    ['roce_address_index', 64, 16],
    ['vhca_port_num', 92, 4],
  ]),
  reply: layout('query_roce_address_out', 48, [
    ['roce_address.source_l3_address', 128, 128],
    ['roce_address.vlan_valid', 259, 1],
    ['roce_address.vlan_id', 260, 12],
    ['roce_address.source_mac_47_32', 272, 16],
    ['roce_address.source_mac_31_0', 288, 32],
    ['roce_address.roce_l3_type', 340, 4],
    ['roce_address.roce_version', 344, 8],
  ]),
};
