/**
 * QUERY_EQ (0x303): struct mlx5_ifc_query_eq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_EQ: CommandLayout = {
  request: layout('query_eq_in', 16, [['eq_number', 88, 8]]),
  reply: layout('query_eq_out', 272, [
    ['eq_context_entry.status', 128, 4],
    ['eq_context_entry.ec', 141, 1],
    ['eq_context_entry.oi', 142, 1],
    ['eq_context_entry.st', 148, 4],
    ['eq_context_entry.page_offset', 212, 6],
    ['eq_context_entry.log_eq_size', 227, 5],
    ['eq_context_entry.uar_page', 232, 24],
    ['eq_context_entry.intr', 308, 12],
    ['eq_context_entry.log_page_size', 323, 5],
    ['eq_context_entry.consumer_counter', 456, 24],
    ['eq_context_entry.producer_counter', 488, 24],
    ['event_bitmask', 704, 64],
  ]),
};
