/**
 * QUERY_RMP (0x90f): struct mlx5_ifc_query_rmp_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import type { CommandLayout } from '../commands.ts';
import { WQ } from './wq.ts';

export const QUERY_RMP: CommandLayout = {
  request: layout('query_rmp_in', 16, [['rmpn', 72, 24]]),
  reply: layout('query_rmp_out', 272, [
    ['rmp_context.state', 264, 4],
    ['rmp_context.basic_cyclic_rcv_wqe', 288, 1],
    ...nested('rmp_context.wq', 640, WQ),
  ]),
};
