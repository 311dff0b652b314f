/**
 * QUERY_VHCA_MIGRATION_STATE (0x117): struct mlx5_ifc_query_vhca_migration_state_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_VHCA_MIGRATION_STATE: CommandLayout = {
  request: layout('query_vhca_migration_state_in', 16, [['vhca_id', 80, 16]]),
  reply: layout('query_vhca_migration_state_out', 64, [['required_umem_size', 128, 32]]),
};
