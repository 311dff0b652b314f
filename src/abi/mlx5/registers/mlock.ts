/** Register MLOCK (0x402d): tools_open layouts of mstflint. */
import { layout } from '../../bits.ts';

export const MLOCK = layout('MLOCK', 16, [
  ['operation', 24, 8, 'RW'],
  ['key', 64, 64, 'RW'],
]);
