/**
 * QUERY_PACKET_REFORMAT_CONTEXT (0x93f): mlx5_ifc_query_packet_reformat_context_in_bits, _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_PACKET_REFORMAT_CONTEXT: CommandLayout = {
  request: layout('query_packet_reformat_context_in', 32, [['packet_reformat_id', 64, 32]]),
  reply: layout('query_packet_reformat_context_out', 28, []),
};
