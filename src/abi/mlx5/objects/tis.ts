/**
 * QUERY_TIS (0x915): struct mlx5_ifc_query_tis_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_TIS: CommandLayout = {
  request: layout('query_tis_in', 16, [['tisn', 72, 24]]),
  reply: layout('query_tis_out', 176, [
    ['tis_context.strict_lag_tx_port_affinity', 128, 1],
    ['tis_context.tls_en', 129, 1],
    ['tis_context.lag_tx_port_affinity', 132, 4],
    ['tis_context.prio', 140, 4],
    ['tis_context.transport_domain', 424, 24],
    ['tis_context.underlay_qpn', 456, 24],
    ['tis_context.pd', 488, 24],
  ]),
};
