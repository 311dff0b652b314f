/** Register MTPPSE (0x9054): mlx5_ifc.h mlx5_ifc_mtppse_reg_bits. */
import { layout } from '../../bits.ts';

export const MTPPSE = layout('MTPPSE', 16, [
  ['pin', 24, 8, 'INDEX'],
  ['event_arm', 32, 1, 'RW'],
  ['event_generation_mode', 60, 4, 'RW'],
]);
