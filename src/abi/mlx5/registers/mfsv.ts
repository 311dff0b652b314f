/** Register MFSV (0x9115): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MFSV = layout('MFSV', 48, [
  ['index', 12, 4, 'INDEX'],
  ['fuse_failure', 22, 2, 'RO'],
  ['dummy_ratchet_prog_en', 25, 1, 'RO'],
  ['pending_efuse_prog', 26, 1, 'RO'],
  ['revoke_efuse_prog', 27, 1, 'RW'],
  ['efuses_prog_method', 28, 1, 'RO'],
  ['fw_sec_ver_stat', 29, 2, 'RO'],
  ['efuses_prog_en', 31, 1, 'RW'],
  ['img_sec_ver', 32, 32, 'RO'],
  ['efuses_sec_ver', 64, 32, 'RO'],
]);
