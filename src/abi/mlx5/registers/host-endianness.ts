/** Register HOST_ENDIANNESS (0x7004): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const HOST_ENDIANNESS = layout('HOST_ENDIANNESS', 16, [['he', 0, 1, 'RW']]);
