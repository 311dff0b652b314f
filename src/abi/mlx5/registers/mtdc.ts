/** Register MTDC (0x911d): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTDC = layout('MTDC', 32, [
  ['tracer_limit_en', 30, 2, 'RW'],
  ['tlb_addr_msb', 64, 32, 'RW'],
  ['tlb_addr_lsb', 96, 20, 'RW'],
  ['hw_pointer', 128, 32, 'RO'],
  ['sw_pointer', 160, 32, 'RW'],
]);
