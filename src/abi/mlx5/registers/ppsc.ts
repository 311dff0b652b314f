/**
 * Register PPSC (0x5011), port power saving: mlx5_ifc_ppsc_reg_bits; the valid bits: mstflint's HCA register data base.
 */
import { layout } from '../../bits.ts';

export const PPSC = layout('PPSC', 48, [
  ['local_port', 8, 8, 'INDEX'],
  ['wrps_admin', 0x9c, 4, 'RW'],
  ['wrps_status', 0xbc, 4, 'RO'],
  ['up_th_vld', 0xc0, 1, 'WO'],
  ['down_th_vld', 0xc1, 1, 'WO'],
  ['up_threshold', 0xc8, 8, 'RW'],
  ['down_threshold', 0xd8, 8, 'RW'],
  ['srps_admin', 0x11c, 4, 'RW'],
  ['srps_status', 0x13c, 4, 'RO'],
]);
