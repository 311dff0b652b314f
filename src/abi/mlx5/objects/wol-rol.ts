/**
 * QUERY_WOL_ROL (0x831): struct mlx5_ifc_query_wol_rol_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_WOL_ROL: CommandLayout = {
  request: layout('query_wol_rol_in', 16, []),
  reply: layout('query_wol_rol_out', 16, [
    ['rol_mode', 80, 8],
    ['wol_mode', 88, 8],
  ]),
};
