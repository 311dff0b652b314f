/**
 * QUERY_CONG_PARAMS (0x824): struct mlx5_ifc_query_cong_params_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_CONG_PARAMS: CommandLayout = {
  request: layout('query_cong_params_in', 16, [['cong_protocol', 92, 4]]),
  reply: layout('query_cong_params_out', 272, [
    ['congestion_parameters.cong_control_802_1qau_rp.rppp_max_rps', 256, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_time_reset', 288, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_byte_reset', 320, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_threshold', 352, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_max_rate', 384, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_ai_rate', 416, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_hai_rate', 448, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_gd', 480, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_min_dec_fac', 512, 32],
    ['congestion_parameters.cong_control_802_1qau_rp.rpg_min_rate', 544, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.clamp_tgt_rate', 228, 1],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.clamp_tgt_rate_after_time_inc', 232, 1],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_time_reset', 288, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_byte_reset', 320, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_threshold', 352, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_max_rate', 384, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_ai_rate', 416, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_hai_rate', 448, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_gd', 480, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_min_dec_fac', 512, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rpg_min_rate', 544, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rate_to_set_on_first_cnp', 800, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.dce_tcp_g', 832, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.dce_tcp_rtt', 864, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.rate_reduce_monitor_period', 896, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_rp.initial_alpha_value', 960, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_np.min_time_between_cnps', 288, 32],
    ['congestion_parameters.cong_control_r_roce_ecn_np.cnp_dscp', 338, 6],
    ['congestion_parameters.cong_control_r_roce_ecn_np.cnp_prio_mode', 348, 1],
    ['congestion_parameters.cong_control_r_roce_ecn_np.cnp_802p_prio', 349, 3],
  ]),
};
