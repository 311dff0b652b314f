/**
 * QUERY_DCT (0x713): struct mlx5_ifc_query_dct_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_DCT: CommandLayout = {
  request: layout('query_dct_in', 16, [['dctn', 72, 24]]),
  reply: layout('query_dct_out', 128, [
    ['dct_context_entry.state', 132, 4],
    ['dct_context_entry.user_index', 168, 24],
    ['dct_context_entry.cqn', 200, 24],
    ['dct_context_entry.counter_set_id', 224, 8],
    ['dct_context_entry.atomic_mode', 232, 4],
    ['dct_context_entry.rre', 236, 1],
    ['dct_context_entry.rwe', 237, 1],
    ['dct_context_entry.rae', 238, 1],
    ['dct_context_entry.atomic_like_write_en', 239, 1],
    ['dct_context_entry.latency_sensitive', 240, 1],
    ['dct_context_entry.rlky', 241, 1],
    ['dct_context_entry.free_ar', 242, 1],
    ['dct_context_entry.cs_res', 264, 8],
    ['dct_context_entry.min_rnr_nak', 275, 5],
    ['dct_context_entry.srqn_xrqn', 296, 24],
    ['dct_context_entry.pd', 328, 24],
    ['dct_context_entry.tclass', 352, 8],
    ['dct_context_entry.flow_label', 364, 20],
    ['dct_context_entry.dc_access_key', 384, 64],
    ['dct_context_entry.mtu', 453, 3],
    ['dct_context_entry.port', 456, 8],
    ['dct_context_entry.pkey_index', 464, 16],
    ['dct_context_entry.my_addr_index', 488, 8],
    ['dct_context_entry.hop_limit', 504, 8],
    ['dct_context_entry.dc_access_key_violation_count', 512, 32],
    ['dct_context_entry.dei_cfi', 564, 1],
    ['dct_context_entry.eth_prio', 565, 3],
    ['dct_context_entry.ecn', 568, 2],
    ['dct_context_entry.dscp', 570, 6],
    ['dct_context_entry.ece', 608, 32],
  ]),
};
