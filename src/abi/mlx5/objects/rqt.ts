/**
 * QUERY_RQT (0x919): struct mlx5_ifc_query_rqt_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_RQT: CommandLayout = {
  request: layout('query_rqt_in', 16, [['rqtn', 72, 24]]),
  reply: layout('query_rqt_out', 272, [
    ['rqt_context.list_q_type', 421, 3],
    ['rqt_context.rqt_max_size', 432, 16],
    ['rqt_context.rq_vhca_id_format', 448, 1],
    ['rqt_context.rqt_actual_size', 464, 16],
  ]),
};
