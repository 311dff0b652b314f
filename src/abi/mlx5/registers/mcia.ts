/** Register MCIA (0x9014): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MCIA = layout('MCIA', 148, [
  ['l', 0, 1, 'RW'],
  ['pnv', 2, 1, 'OP'],
  ['module', 8, 8, 'INDEX'],
  ['slot_index', 16, 4, 'INDEX'],
  ['status', 24, 8, 'RO'],
  ['i2c_device_address', 32, 8, 'INDEX'],
  ['page_number', 40, 8, 'INDEX'],
  ['device_address', 48, 16, 'INDEX'],
  ['passwd_length', 67, 1, 'OP'],
  ['bg_mode', 68, 1, 'OP'],
  ['bank_number', 72, 8, 'INDEX'],
  ['size', 80, 16, 'INDEX'],
  ['password', 96, 32, 'OP'],
  ['dword', 128, 1024, 'RW'],
  ['password_msb', 1152, 32, 'RW'],
]);
