/**
 * QUERY_FLOW_TABLE_ENTRY (0x937): struct mlx5_ifc_query_fte_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { elements, nested } from '../../nested.ts';
import type { CommandLayout } from '../commands.ts';
import { MATCH_PARAM } from './match-param.ts';

export const QUERY_FLOW_TABLE_ENTRY: CommandLayout = {
  request: layout('query_fte_in', 64, [
    ['table_type', 128, 8],
    ['table_id', 168, 24],
    ['flow_index', 256, 32],
  ]),
  reply: layout('query_fte_out', 832, [
    ['flow_context.push_vlan.ethtype', 512, 16],
    ['flow_context.push_vlan.prio', 528, 3],
    ['flow_context.push_vlan.cfi', 531, 1],
    ['flow_context.push_vlan.vid', 532, 12],
    ['flow_context.group_id', 544, 32],
    ['flow_context.flow_tag', 584, 24],
    ['flow_context.action', 624, 16],
    ['flow_context.extended_destination', 640, 1],
    ['flow_context.flow_source', 642, 2],
    ['flow_context.encrypt_decrypt_type', 644, 4],
    ['flow_context.destination_list_size', 648, 24],
    ['flow_context.flow_counter_list_size', 680, 24],
    ['flow_context.packet_reformat_id', 704, 32],
    ['flow_context.modify_header_id', 736, 32],
    ['flow_context.push_vlan_2.ethtype', 768, 16],
    ['flow_context.push_vlan_2.prio', 784, 3],
    ['flow_context.push_vlan_2.cfi', 787, 1],
    ['flow_context.push_vlan_2.vid', 788, 12],
    ['flow_context.encrypt_decrypt_obj_id', 800, 32],
    ...nested('flow_context.match_value', 1024, MATCH_PARAM),
    ...elements('flow_context.execute_aso', 4, 5120, 64, [
      ['valid', 0, 1],
      ['aso_object_id', 8, 24],
      ['exe_aso_ctrl.exe_aso_ctrl_flow_meter.return_reg_id', 32, 4],
      ['exe_aso_ctrl.exe_aso_ctrl_flow_meter.aso_type', 36, 4],
      ['exe_aso_ctrl.exe_aso_ctrl_flow_meter.action', 60, 1],
      ['exe_aso_ctrl.exe_aso_ctrl_flow_meter.init_color', 61, 2],
      ['exe_aso_ctrl.exe_aso_ctrl_flow_meter.meter_id', 63, 1],
    ]),
  ]),
};
