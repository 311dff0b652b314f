/**
 * QUERY_CONG_STATISTICS (0x826): struct mlx5_ifc_query_cong_statistics_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_CONG_STATISTICS: CommandLayout = {
  request: layout('query_cong_statistics_in', 16, [['clear', 64, 1]]),
  reply: layout('query_cong_statistics_out', 272, [
    ['rp_cur_flows', 128, 32],
    ['sum_flows', 160, 32],
    ['rp_cnp_ignored_high', 192, 32],
    ['rp_cnp_ignored_low', 224, 32],
    ['rp_cnp_handled_high', 256, 32],
    ['rp_cnp_handled_low', 288, 32],
    ['time_stamp_high', 576, 32],
    ['time_stamp_low', 608, 32],
    ['accumulators_period', 640, 32],
    ['np_ecn_marked_roce_packets_high', 672, 32],
    ['np_ecn_marked_roce_packets_low', 704, 32],
    ['np_cnp_sent_high', 736, 32],
    ['np_cnp_sent_low', 768, 32],
  ]),
};
