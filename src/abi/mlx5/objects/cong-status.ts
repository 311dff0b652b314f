/**
 * QUERY_CONG_STATUS (0x822): struct mlx5_ifc_query_cong_status_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_CONG_STATUS: CommandLayout = {
  request: layout('query_cong_status_in', 16, [
    ['priority', 88, 4],
    ['cong_protocol', 92, 4],
  ]),
  reply: layout('query_cong_status_out', 16, [
    ['enable', 96, 1],
    ['tag_enable', 97, 1],
  ]),
};
