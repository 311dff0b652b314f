/**
 * QUERY_FLOW_TABLE_ENTRY (0x937): struct mlx5_ifc_query_fte_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';
import { MATCH_PARAM } from './match-param.ts';
import { nested } from './nested.ts';

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
    ['flow_context.execute_aso[0].valid', 5120, 1],
    ['flow_context.execute_aso[0].aso_object_id', 5128, 24],
    ['flow_context.execute_aso[0].exe_aso_ctrl.exe_aso_ctrl_flow_meter.return_reg_id', 5152, 4],
    ['flow_context.execute_aso[0].exe_aso_ctrl.exe_aso_ctrl_flow_meter.aso_type', 5156, 4],
    ['flow_context.execute_aso[0].exe_aso_ctrl.exe_aso_ctrl_flow_meter.action', 5180, 1],
    ['flow_context.execute_aso[0].exe_aso_ctrl.exe_aso_ctrl_flow_meter.init_color', 5181, 2],
    ['flow_context.execute_aso[0].exe_aso_ctrl.exe_aso_ctrl_flow_meter.meter_id', 5183, 1],
    ['flow_context.execute_aso[1].valid', 5184, 1],
    ['flow_context.execute_aso[1].aso_object_id', 5192, 24],
    ['flow_context.execute_aso[1].exe_aso_ctrl.exe_aso_ctrl_flow_meter.return_reg_id', 5216, 4],
    ['flow_context.execute_aso[1].exe_aso_ctrl.exe_aso_ctrl_flow_meter.aso_type', 5220, 4],
    ['flow_context.execute_aso[1].exe_aso_ctrl.exe_aso_ctrl_flow_meter.action', 5244, 1],
    ['flow_context.execute_aso[1].exe_aso_ctrl.exe_aso_ctrl_flow_meter.init_color', 5245, 2],
    ['flow_context.execute_aso[1].exe_aso_ctrl.exe_aso_ctrl_flow_meter.meter_id', 5247, 1],
    ['flow_context.execute_aso[2].valid', 5248, 1],
    ['flow_context.execute_aso[2].aso_object_id', 5256, 24],
    ['flow_context.execute_aso[2].exe_aso_ctrl.exe_aso_ctrl_flow_meter.return_reg_id', 5280, 4],
    ['flow_context.execute_aso[2].exe_aso_ctrl.exe_aso_ctrl_flow_meter.aso_type', 5284, 4],
    ['flow_context.execute_aso[2].exe_aso_ctrl.exe_aso_ctrl_flow_meter.action', 5308, 1],
    ['flow_context.execute_aso[2].exe_aso_ctrl.exe_aso_ctrl_flow_meter.init_color', 5309, 2],
    ['flow_context.execute_aso[2].exe_aso_ctrl.exe_aso_ctrl_flow_meter.meter_id', 5311, 1],
    ['flow_context.execute_aso[3].valid', 5312, 1],
    ['flow_context.execute_aso[3].aso_object_id', 5320, 24],
    ['flow_context.execute_aso[3].exe_aso_ctrl.exe_aso_ctrl_flow_meter.return_reg_id', 5344, 4],
    ['flow_context.execute_aso[3].exe_aso_ctrl.exe_aso_ctrl_flow_meter.aso_type', 5348, 4],
    ['flow_context.execute_aso[3].exe_aso_ctrl.exe_aso_ctrl_flow_meter.action', 5372, 1],
    ['flow_context.execute_aso[3].exe_aso_ctrl.exe_aso_ctrl_flow_meter.init_color', 5373, 2],
    ['flow_context.execute_aso[3].exe_aso_ctrl.exe_aso_ctrl_flow_meter.meter_id', 5375, 1],
  ]),
};
