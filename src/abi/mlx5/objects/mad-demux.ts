/**
 * QUERY_MAD_DEMUX (0x80b): struct mlx5_ifc_query_mad_demux_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_MAD_DEMUX: CommandLayout = {
  request: layout('query_mad_demux_in', 16, []),
  reply: layout('query_mad_demux_out', 20, [['mad_dumux_parameters_block', 128, 32]]),
};
