/** Register PGUID (0x5066): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PGUID = layout('PGUID', 96, [
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['sys_guid', 32, 128, 'RO'],
  ['node_guid', 160, 128, 'RO'],
  ['port_guid', 288, 128, 'RO'],
  ['allocated_guid', 416, 128, 'RO'],
]);
