/**
 * QUERY_Q_COUNTER (0x773): struct mlx5_ifc_query_q_counter_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_Q_COUNTER: CommandLayout = {
  request: layout('query_q_counter_in', 32, [
    ['clear', 192, 1],
    ['counter_set_id', 248, 8],
  ]),
  reply: layout('query_q_counter_out', 256, [
    ['rx_write_requests', 128, 32],
    ['rx_read_requests', 192, 32],
    ['rx_atomic_requests', 256, 32],
    ['rx_dct_connect', 320, 32],
    ['out_of_buffer', 384, 32],
    ['out_of_sequence', 448, 32],
    ['duplicate_request', 512, 32],
    ['rnr_nak_retry_err', 576, 32],
    ['packet_seq_err', 640, 32],
    ['implied_nak_seq_err', 704, 32],
    ['local_ack_timeout_err', 768, 32],
    ['resp_local_length_error', 960, 32],
    ['req_local_length_error', 992, 32],
    ['resp_local_qp_error', 1024, 32],
    ['local_operation_error', 1056, 32],
    ['resp_local_protection', 1088, 32],
    ['req_local_protection', 1120, 32],
    ['resp_cqe_error', 1152, 32],
    ['req_cqe_error', 1184, 32],
    ['req_mw_binding', 1216, 32],
    ['req_bad_response', 1248, 32],
    ['req_remote_invalid_request', 1280, 32],
    ['resp_remote_invalid_request', 1312, 32],
    ['req_remote_access_errors', 1344, 32],
    ['resp_remote_access_errors', 1376, 32],
    ['req_remote_operation_errors', 1408, 32],
    ['req_transport_retries_exceeded', 1440, 32],
    ['cq_overflow', 1472, 32],
    ['resp_cqe_flush_error', 1504, 32],
    ['req_cqe_flush_error', 1536, 32],
    ['roce_adp_retrans', 1600, 32],
    ['roce_adp_retrans_to', 1632, 32],
    ['roce_slow_restart', 1664, 32],
    ['roce_slow_restart_cnps', 1696, 32],
    ['roce_slow_restart_trans', 1728, 32],
  ]),
};
