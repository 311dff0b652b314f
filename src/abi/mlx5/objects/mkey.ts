/**
 * QUERY_MKEY (0x201): struct mlx5_ifc_query_mkey_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { type FieldRow, layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

/** struct mlx5_ifc_mkc_bits, at byte 16 of query and creation alike. */
export const MKEY_CONTEXT: readonly FieldRow[] = [
  ['memory_key_mkey_entry.free', 129, 1],
  ['memory_key_mkey_entry.access_mode_4_2', 131, 3],
  ['memory_key_mkey_entry.relaxed_ordering_write', 141, 1],
  ['memory_key_mkey_entry.small_fence_on_rdma_read_response', 143, 1],
  ['memory_key_mkey_entry.umr_en', 144, 1],
  ['memory_key_mkey_entry.a', 145, 1],
  ['memory_key_mkey_entry.rw', 146, 1],
  ['memory_key_mkey_entry.rr', 147, 1],
  ['memory_key_mkey_entry.lw', 148, 1],
  ['memory_key_mkey_entry.lr', 149, 1],
  ['memory_key_mkey_entry.access_mode_1_0', 150, 2],
  ['memory_key_mkey_entry.ma_translation_mode', 154, 2],
  ['memory_key_mkey_entry.qpn', 160, 24],
  ['memory_key_mkey_entry.mkey_7_0', 184, 8],
  ['memory_key_mkey_entry.length64', 224, 1],
  ['memory_key_mkey_entry.bsf_en', 225, 1],
  ['memory_key_mkey_entry.sync_umr', 226, 1],
  ['memory_key_mkey_entry.expected_sigerr_count', 229, 1],
  ['memory_key_mkey_entry.en_rinval', 231, 1],
  ['memory_key_mkey_entry.pd', 232, 24],
  ['memory_key_mkey_entry.start_addr', 256, 64],
  ['memory_key_mkey_entry.len', 320, 64],
  ['memory_key_mkey_entry.bsf_octword_size', 384, 32],
  ['memory_key_mkey_entry.translations_octword_size', 544, 32],
  ['memory_key_mkey_entry.relaxed_ordering_read', 601, 1],
  ['memory_key_mkey_entry.log_page_size', 603, 5],
];

export const QUERY_MKEY: CommandLayout = {
  request: layout('query_mkey_in', 16, [
    ['mkey_index', 72, 24],
    ['pg_access', 96, 1],
  ]),
  reply: layout('query_mkey_out', 304, [
    ...MKEY_CONTEXT,
    ['bsf0_klm0_pas_mtt0_1', 2176, 128],
    ['bsf1_klm1_pas_mtt2_3', 2304, 128],
  ]),
};
