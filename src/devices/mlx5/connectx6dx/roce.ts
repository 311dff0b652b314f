/** ROCE of a real ConnectX-6 Dx (README of mlx5ctl); a field that it does not print, or prints as 0, is 0. */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

export const ROCE: FieldValues = {
  sw_r_roce_src_udp_port: 1,
  fl_rc_qp_when_roce_disabled: 1,
  fl_rc_qp_when_roce_enabled: 1,
  l3_type: 7,
  roce_version: 5,
  r_roce_dest_udp_port: 4791,
  r_roce_max_src_udp_port: 65535,
  r_roce_min_src_udp_port: 49152,
  roce_address_table_size: 255,
};
