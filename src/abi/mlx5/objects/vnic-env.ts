/**
 * QUERY_VNIC_ENV (0x76f): struct mlx5_ifc_query_vnic_env_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_VNIC_ENV: CommandLayout = {
  request: layout('query_vnic_env_in', 16, [
    ['other_vport', 64, 1],
    ['vport_number', 80, 16],
  ]),
  reply: layout('query_vnic_env_out', 528, [
    ['vport_env.counter_error_queues', 128, 32],
    ['vport_env.total_error_queues', 160, 32],
    ['vport_env.send_queue_priority_update_flow', 192, 32],
    ['vport_env.nic_receive_steering_discard', 256, 64],
    ['vport_env.receive_discard_vport_down', 320, 64],
    ['vport_env.transmit_discard_vport_down', 384, 64],
    ['vport_env.async_eq_overrun', 448, 32],
    ['vport_env.comp_eq_overrun', 480, 32],
    ['vport_env.invalid_command', 544, 32],
    ['vport_env.quota_exceeded_command', 576, 32],
    ['vport_env.internal_rq_out_of_buffer', 608, 32],
    ['vport_env.cq_overrun', 640, 32],
    ['vport_env.eth_wqe_too_small', 672, 32],
  ]),
};
