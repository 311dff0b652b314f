/** Register MTRC_STDB (0x9042): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTRC_STDB = layout('MTRC_STDB', 12, [
  ['string_db_index', 0, 4, 'INDEX'],
  ['read_size', 8, 24, 'INDEX'],
  ['start_offset', 32, 32, 'INDEX'],
]);
