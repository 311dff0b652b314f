/**
 * The opcodes that mlx5ctl_validate_rpc() of drivers/fwctl/mlx5/main.c lets through, in any of the emulated kernels.
 * One row an opcode; an opcode without a row is refused in every scope. Measured on the three kernels, every 16-bit
 * opcode with op_mod 0, 1, 2 in every scope (test/golden/fwctl/opcode-scopes.json).
 */
import type { AbiName } from '../../abi/profiles.ts';

export interface ScopeRow {
  readonly opcode: number;
  /** PRM name. */
  readonly name: string;
  /** Linux 6.15 and later compare upwards: the lowest scope that may send it. */
  readonly needs: 0 | 1 | 2;
  /** The same for op_mod other than 0, where that differs (register reads). */
  readonly readNeeds?: 1;
  /** The v2 series compares downwards: the highest scope that may send it; absent: v2 refuses it. */
  readonly v2?: 0 | 1;
  /** The first profile, of those that compare upwards, that has it; absent: all have. */
  readonly since?: AbiName;
}

export const SCOPE_TABLE: readonly ScopeRow[] = [
  { opcode: 0x100, name: 'QUERY_HCA_CAP', needs: 0, v2: 0 },
  { opcode: 0x101, name: 'QUERY_ADAPTER', needs: 0, v2: 0 },
  { opcode: 0x107, name: 'QUERY_PAGES', needs: 1, v2: 1 },
  { opcode: 0x109, name: 'SET_HCA_CAP', needs: 0 },
  { opcode: 0x10a, name: 'QUERY_ISSI', needs: 1, v2: 1 },
  { opcode: 0x10c, name: 'QUERY_DRIVER_VERSION', needs: 1 },
  { opcode: 0x10e, name: 'QUERY_OTHER_HCA_CAP', needs: 0 },
  { opcode: 0x111, name: 'QUERY_SF_PARTITION', needs: 1 },
  { opcode: 0x117, name: 'QUERY_VHCA_MIGRATION_STATE', needs: 1, v2: 1 },
  { opcode: 0x201, name: 'QUERY_MKEY', needs: 1, v2: 1 },
  { opcode: 0x203, name: 'QUERY_SPECIAL_CONTEXTS', needs: 1, v2: 1 },
  { opcode: 0x303, name: 'QUERY_EQ', needs: 1, v2: 1 },
  { opcode: 0x402, name: 'QUERY_CQ', needs: 1, v2: 1 },
  { opcode: 0x50b, name: 'QUERY_QP', needs: 1, v2: 1 },
  { opcode: 0x512, name: 'QUERY_RDB', needs: 1 },
  { opcode: 0x602, name: 'QUERY_PSV', needs: 1 },
  { opcode: 0x702, name: 'QUERY_SRQ', needs: 1, v2: 1 },
  { opcode: 0x707, name: 'QUERY_XRC_SRQ', needs: 1, v2: 1 },
  { opcode: 0x713, name: 'QUERY_DCT', needs: 1, v2: 1 },
  { opcode: 0x716, name: 'QUERY_DC_CNAK_TRACE', needs: 1 },
  { opcode: 0x719, name: 'QUERY_XRQ', needs: 1, v2: 1 },
  { opcode: 0x722, name: 'QUERY_NVMF_BACKEND_CONTROLLER', needs: 1 },
  { opcode: 0x725, name: 'QUERY_XRQ_DC_PARAMS_ENTRY', needs: 1, v2: 1 },
  { opcode: 0x727, name: 'QUERY_XRQ_ERROR_PARAMS', needs: 1, v2: 1 },
  { opcode: 0x728, name: 'QUERY_NVMF_NAMESPACE_CONTEXT', needs: 1 },
  { opcode: 0x730, name: 'QUERY_ADJACENT_FUNCTIONS_ID', needs: 1, since: 'linux-7.3' },
  { opcode: 0x731, name: 'DELEGATE_VHCA_MANAGEMENT', needs: 0, since: 'linux-7.3' },
  { opcode: 0x732, name: 'QUERY_DELEGATED_VHCA', needs: 1, since: 'linux-7.3' },
  { opcode: 0x740, name: 'QUERY_ESW_FUNCTIONS', needs: 0, v2: 0 },
  { opcode: 0x750, name: 'QUERY_VPORT_STATE', needs: 1, v2: 1 },
  { opcode: 0x752, name: 'QUERY_ESW_VPORT_CONTEXT', needs: 1, v2: 1 },
  { opcode: 0x754, name: 'QUERY_NIC_VPORT_CONTEXT', needs: 1 },
  { opcode: 0x760, name: 'QUERY_ROCE_ADDRESS', needs: 0, v2: 0 },
  { opcode: 0x762, name: 'QUERY_HCA_VPORT_CONTEXT', needs: 0, v2: 0 },
  { opcode: 0x764, name: 'QUERY_HCA_VPORT_GID', needs: 1 },
  { opcode: 0x765, name: 'QUERY_HCA_VPORT_PKEY', needs: 1 },
  { opcode: 0x76f, name: 'QUERY_VNIC_ENV', needs: 1, v2: 1 },
  { opcode: 0x770, name: 'QUERY_VPORT_COUNTER', needs: 1, v2: 1 },
  { opcode: 0x773, name: 'QUERY_Q_COUNTER', needs: 1, v2: 1 },
  { opcode: 0x781, name: 'QUERY_RATE_LIMIT', needs: 1 },
  { opcode: 0x784, name: 'QUERY_SCHEDULING_ELEMENT', needs: 1, v2: 1 },
  { opcode: 0x805, name: 'ACCESS_REG', needs: 0, readNeeds: 1, v2: 1 },
  { opcode: 0x80b, name: 'QUERY_MAD_DEMUX', needs: 1, v2: 1 },
  { opcode: 0x80d, name: 'NOP', needs: 1 },
  { opcode: 0x813, name: 'QUERY_BURST_SIZE', needs: 1 },
  { opcode: 0x819, name: 'QUERY_DIAGNOSTIC_PARAMS', needs: 1, v2: 1 },
  { opcode: 0x820, name: 'SET_DIAGNOSTIC_PARAMS', needs: 2, v2: 1 },
  { opcode: 0x821, name: 'QUERY_DIAGNOSTIC_COUNTERS', needs: 1, v2: 1 },
  { opcode: 0x822, name: 'QUERY_CONG_STATUS', needs: 1, v2: 1 },
  { opcode: 0x823, name: 'MODIFY_CONG_STATUS', needs: 0, since: 'linux-7.3' },
  { opcode: 0x824, name: 'QUERY_CONG_PARAMS', needs: 1, v2: 1 },
  { opcode: 0x826, name: 'QUERY_CONG_STATISTICS', needs: 1, v2: 1 },
  { opcode: 0x82a, name: 'QUERY_L2_TABLE_ENTRY', needs: 1, v2: 1 },
  { opcode: 0x831, name: 'QUERY_WOL_ROL', needs: 1, v2: 1 },
  { opcode: 0x842, name: 'QUERY_LAG', needs: 1, v2: 1 },
  { opcode: 0x903, name: 'QUERY_TIR', needs: 1, v2: 1 },
  { opcode: 0x907, name: 'QUERY_SQ', needs: 1, v2: 1 },
  { opcode: 0x90b, name: 'QUERY_RQ', needs: 1, v2: 1 },
  { opcode: 0x90f, name: 'QUERY_RMP', needs: 1, v2: 1 },
  { opcode: 0x911, name: 'QUERY_DELAY_DROP_PARAMS', needs: 1 },
  { opcode: 0x915, name: 'QUERY_TIS', needs: 1, v2: 1 },
  { opcode: 0x919, name: 'QUERY_RQT', needs: 1, v2: 1 },
  { opcode: 0x932, name: 'QUERY_FLOW_TABLE', needs: 1, v2: 1 },
  { opcode: 0x935, name: 'QUERY_FLOW_GROUP', needs: 1, v2: 1 },
  { opcode: 0x937, name: 'QUERY_FLOW_TABLE_ENTRY', needs: 1, v2: 1 },
  { opcode: 0x93b, name: 'QUERY_FLOW_COUNTER', needs: 1, v2: 1 },
  { opcode: 0x93f, name: 'QUERY_PACKET_REFORMAT_CONTEXT', needs: 1, v2: 1 },
  { opcode: 0x942, name: 'QUERY_MODIFY_HEADER_CONTEXT', needs: 1, v2: 1 },
  { opcode: 0x962, name: 'FPGA_QUERY_QP', needs: 1 },
  { opcode: 0x964, name: 'FPGA_QUERY_QP_COUNTERS', needs: 1 },
  { opcode: 0x971, name: 'QUERY_AFU', needs: 1 },
  { opcode: 0x981, name: 'QUERY_CAPI_PEC', needs: 1 },
  { opcode: 0xa02, name: 'QUERY_GENERAL_OBJECT', needs: 1, v2: 1 },
  { opcode: 0xa05, name: 'QUERY_UCTX', needs: 1 },
  { opcode: 0xa09, name: 'QUERY_UMEM', needs: 1 },
  { opcode: 0xb02, name: 'QUERY_NVMF_CC_RESPONSE', needs: 1 },
  { opcode: 0xb03, name: 'QUERY_EMULATED_FUNCTIONS_INFO', needs: 1 },
  { opcode: 0xb05, name: 'QUERY_REGEXP_PARAMS', needs: 1 },
  { opcode: 0xb07, name: 'QUERY_REGEXP_REGISTER', needs: 1 },
  { opcode: 0xb08, name: 'USER_QUERY_XRQ_DC_PARAMS_ENTRY', needs: 1 },
  { opcode: 0xb0a, name: 'USER_QUERY_XRQ_ERROR_PARAMS', needs: 1 },
  { opcode: 0xb0c, name: 'ACCESS_REGISTER_USER', needs: 0, readNeeds: 1 },
  { opcode: 0xb0d, name: 'QUERY_VHCA_STATE', needs: 1 },
  { opcode: 0xb0f, name: 'QUERY_EMULATION_DEVICE_EQ_MSIX_MAPPING', needs: 1 },
  { opcode: 0xb13, name: 'QUERY_MATCH_SAMPLE_INFO', needs: 1 },
  { opcode: 0xb14, name: 'QUERY_CRYPTO_STATE', needs: 1 },
  { opcode: 0xb22, name: 'QUERY_VUID', needs: 0 },
  { opcode: 0xb28, name: 'QUERY_DPA_PARTITION', needs: 1 },
  { opcode: 0xb2a, name: 'QUERY_DPA_PARTITIONS', needs: 1 },
  { opcode: 0xb2e, name: 'POSTPONE_CONNECTED_QP_TIMEOUT', needs: 0, v2: 0 },
  { opcode: 0xb2f, name: 'QUERY_EMULATED_RESOURCES_INFO', needs: 1 },
  { opcode: 0x8000, name: 'QUERY_RSV_RESOURCES', needs: 1 },
  { opcode: 0x8001, name: 'QUERY_MTT', needs: 1 },
  { opcode: 0x8006, name: 'QUERY_SCHED_QUEUE', needs: 1 },
];
