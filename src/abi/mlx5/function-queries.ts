/**
 * What is asked of a function rather than of an object: its InfiniBand vport, unique number, state, driver, limits; and
 * MODIFY_CONG_STATUS. Sources: mlx5_ifc.h (struct mlx5_ifc_query_hca_vport_*, query_vuid, modify_cong_status,
 * query_sf_partitions), mlx5_core sf/mlx5_ifc_vhca_event.h (QUERY_VHCA_STATE). The structures of QUERY_DRIVER_VERSION,
 * QUERY_RATE_LIMIT, QUERY_BURST_SIZE, QUERY_DELAY_DROP_PARAMS are not public: formed after their SET commands,
 * unverified.
 */
import { type FieldRow, layout } from '../bits.ts';
import type { CommandLayout } from './commands.ts';

const VPORT: readonly FieldRow[] = [
  ['other_vport', 64, 1],
  ['port_num', 76, 4],
  ['vport_number', 80, 16],
];

/** struct mlx5_ifc_hca_vport_context_bits behind the header. */
export const QUERY_HCA_VPORT_CONTEXT: CommandLayout = {
  request: layout('query_hca_vport_context_in', 16, VPORT),
  reply: layout('query_hca_vport_context_out', 528, [
    ['hca_vport_context.grh_required', 387, 1],
    ['hca_vport_context.port_physical_state', 400, 4],
    ['hca_vport_context.vport_state_policy', 404, 4],
    ['hca_vport_context.port_state', 408, 4],
    ['hca_vport_context.vport_state', 412, 4],
    ['hca_vport_context.system_image_guid', 448, 64],
    ['hca_vport_context.port_guid', 512, 64],
    ['hca_vport_context.node_guid', 576, 64],
    ['hca_vport_context.cap_mask1', 640, 32],
    ['hca_vport_context.lid', 896, 16],
    ['hca_vport_context.sm_lid', 928, 16],
  ]),
};

/** GIDs of 16 bytes follow the structure. */
export const QUERY_HCA_VPORT_GID: CommandLayout = {
  request: layout('query_hca_vport_gid_in', 16, [...VPORT, ['gid_index', 112, 16]]),
  reply: layout('query_hca_vport_gid_out', 16, [['gids_num', 96, 16]]),
};

/** P_Keys follow the structure, a dword each. */
export const QUERY_HCA_VPORT_PKEY: CommandLayout = {
  request: layout('query_hca_vport_pkey_in', 16, [...VPORT, ['pkey_index', 112, 16]]),
  reply: layout('query_hca_vport_pkey_out', 16, []),
};

/** A text of 128 bytes behind 64. */
export const QUERY_VUID: CommandLayout = {
  request: layout('query_vuid_in', 16, [
    ['query_vfs_vuid', 96, 1],
    ['data_direct', 97, 1],
    ['vhca_id', 112, 16],
  ]),
  reply: layout('query_vuid_out', 192, [
    ['num_of_entries', 496, 16],
    ['vuid', 512, 1024],
  ]),
};

export const QUERY_VHCA_STATE: CommandLayout = {
  request: layout('query_vhca_state_in', 16, [
    ['embedded_cpu_function', 64, 1],
    ['function_id', 80, 16],
  ]),
  reply: layout('query_vhca_state_out', 32, [
    ['vhca_state_context.arm_change_event', 128, 1],
    ['vhca_state_context.vhca_state', 140, 4],
    ['vhca_state_context.sw_function_id', 160, 32],
  ]),
};

export const QUERY_SF_PARTITION: CommandLayout = {
  request: layout('query_sf_partition_in', 16, []),
  reply: layout('query_sf_partition_out', 16, [['num_sf_partitions', 88, 8]]),
};

export const QUERY_DRIVER_VERSION: CommandLayout = {
  request: layout('query_driver_version_in', 16, []),
  reply: layout('query_driver_version_out', 80, [['driver_version', 128, 512]]),
};

export const QUERY_RATE_LIMIT: CommandLayout = {
  request: layout('query_rate_limit_in', 16, [['rate_limit_index', 80, 16]]),
  reply: layout('query_rate_limit_out', 32, [
    ['rate_limit', 128, 32],
    ['burst_upper_bound', 160, 32],
    ['typical_packet_size', 208, 16],
  ]),
};

export const QUERY_BURST_SIZE: CommandLayout = {
  request: layout('query_burst_size_in', 16, []),
  reply: layout('query_burst_size_out', 16, []),
};

/** The time in units of 100 microseconds; 0: off. */
export const QUERY_DELAY_DROP_PARAMS: CommandLayout = {
  request: layout('query_delay_drop_params_in', 16, []),
  reply: layout('query_delay_drop_params_out', 32, [['delay_drop_timeout', 112, 16]]),
};

export const MODIFY_CONG_STATUS: CommandLayout = {
  request: layout('modify_cong_status_in', 16, [
    ['priority', 88, 4],
    ['cong_protocol', 92, 4],
    ['enable', 96, 1],
    ['tag_enable', 97, 1],
  ]),
  reply: layout('modify_cong_status_out', 16, []),
};

/** The object's type stands where other commands have op_mod (struct mlx5_ifc_general_obj_in_cmd_hdr_bits). */
export const QUERY_GENERAL_OBJECT: CommandLayout = {
  request: layout('general_obj_in_cmd_hdr', 16, [
    ['obj_type', 48, 16],
    ['obj_id', 64, 32],
  ]),
  reply: layout('general_obj_out_cmd_hdr', 16, []),
};

export const QUERY_MODIFY_HEADER_CONTEXT: CommandLayout = {
  request: layout('query_modify_header_context_in', 32, [['modify_header_id', 64, 32]]),
  reply: layout('query_modify_header_context_out', 16, []),
};

export const QUERY_MATCH_SAMPLE_INFO: CommandLayout = {
  request: layout('query_match_sample_info_in', 16, [
    ['flex_parser_id', 64, 32],
    ['sample_field_base_id', 96, 32],
  ]),
  reply: layout('query_match_sample_info_out', 16, []),
};
