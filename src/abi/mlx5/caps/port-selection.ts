/** Capabilities PORT_SELECTION: struct mlx5_ifc_port_selection_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import { FLOW_TABLE_PROPERTIES } from './flow-table-properties.ts';

export const PORT_SELECTION_CAP = layout('port_selection_cap', 4096, [
  ['port_select_flow_table', 16, 1],
  ['port_select_flow_table_bypass', 18, 1],
  ...nested('flow_table_properties_port_selection', 512, FLOW_TABLE_PROPERTIES),
]);
