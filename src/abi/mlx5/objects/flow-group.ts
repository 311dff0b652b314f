/**
 * QUERY_FLOW_GROUP (0x935): struct mlx5_ifc_query_flow_group_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import type { CommandLayout } from '../commands.ts';
import { MATCH_PARAM } from './match-param.ts';

export const QUERY_FLOW_GROUP: CommandLayout = {
  request: layout('query_flow_group_in', 64, [
    ['table_type', 128, 8],
    ['table_id', 168, 24],
    ['group_id', 192, 32],
  ]),
  reply: layout('query_flow_group_out', 1024, [
    ['start_flow_index', 224, 32],
    ['end_flow_index', 288, 32],
    ['match_criteria_enable', 504, 8],
    ...nested('match_criteria', 512, MATCH_PARAM),
  ]),
};
