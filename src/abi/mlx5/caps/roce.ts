/** Capabilities ROCE: struct mlx5_ifc_roce_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const ROCE_CAP = layout('roce_cap', 256, [
  ['roce_apm', 0, 1],
  ['sw_r_roce_src_udp_port', 4, 1],
  ['fl_rc_qp_when_roce_disabled', 5, 1],
  ['fl_rc_qp_when_roce_enabled', 6, 1],
  ['qp_ts_format', 30, 2],
  ['l3_type', 140, 4],
  ['roce_version', 152, 8],
  ['r_roce_dest_udp_port', 176, 16],
  ['r_roce_max_src_udp_port', 192, 16],
  ['r_roce_min_src_udp_port', 208, 16],
  ['roce_address_table_size', 240, 16],
]);
