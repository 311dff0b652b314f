/**
 * The menu of RESOURCE_DUMP: the 45 records of a real ConnectX-6 Dx (README of mlx5ctl), in its order; behind them
 * BASIC_DEBUG, which newer firmware has and doca-sosreport asks for by name (its number is invented).
 * Data table.
 */

export interface MenuRecord {
  readonly segmentType: number;
  /** The record's first half word (mlx5_ifc.h: mlx5_ifc_resource_dump_menu_record_bits); `MENU` names its bits. */
  readonly flags: number;
  readonly name: string;
  readonly index1: string;
  readonly index2: string;
}

/** Bits of `flags`. */
export const MENU = {
  supportIndex1: 0x001,
  mustIndex1: 0x002,
  supportIndex2: 0x004,
  mustIndex2: 0x008,
  supportNum1: 0x010,
  mustNum1: 0x020,
  num1All: 0x040,
  num1Active: 0x080,
  supportNum2: 0x100,
  mustNum2: 0x200,
  num2All: 0x400,
  num2Active: 0x800,
} as const;

/** [segment type, flags, name, names of the indexes] */
const rows: readonly (readonly [number, number, string, string, string])[] = [
  [0x0002, 0x003, 'HW_CQPC', 'QPN', 'N/A'],
  [0x0003, 0x003, 'HW_SQPC', 'QPN', 'N/A'],
  [0x0004, 0x003, 'HW_RQPC', 'QPN', 'N/A'],
  [0x1100, 0x003, 'FULL_SRQC', 'SRQN', 'N/A'],
  [0x1200, 0x003, 'FULL_CQC', 'CQN', 'N/A'],
  [0x1300, 0x003, 'FULL_EQC', 'EQN', 'N/A'],
  [0x1000, 0x003, 'FULL_QPC', 'QPN', 'N/A'],
  [0x1001, 0x507, 'SND_BUFF', 'QPN', 'WQEBB'],
  [0x1002, 0x507, 'RCV_BUFF', 'QPN', 'DS'],
  [0x1101, 0x507, 'SRQ_BUFF', 'SRQN', 'DS'],
  [0x1201, 0x507, 'CQ_BUFF', 'CQN', 'CQE'],
  [0x1301, 0x507, 'EQ_BUFF', 'EQN', 'EQE'],
  [0x3000, 0x003, 'SX_SLICE', 'SLICE', 'N/A'],
  [0x3001, 0x000, 'SX_SLICE_ALL', 'N/A', 'N/A'],
  [0x2000, 0x003, 'RX_SLICE', 'SLICE', 'N/A'],
  [0x2001, 0x000, 'RX_SLICE_ALL', 'N/A', 'N/A'],
  [0x0021, 0x003, 'MKEY_CONTEXT', 'MKEY_IX', 'N/A'],
  [0x0005, 0x00f, 'RDB_CONTEXT', 'QPN', 'RDB_IX'],
  [0x1310, 0x113, 'STE_RANGE', 'STE_IX', 'N/A'],
  [0x1311, 0x000, 'STE_ALL', 'N/A', 'N/A'],
  [0x1010, 0x000, 'FUNC_SYND_REC', 'N/A', 'N/A'],
  [0x1312, 0x113, 'STE_GLOBAL_RNG', 'STE_IX', 'N/A'],
  [0x1313, 0x003, 'STE_ROOT', 'ROOT_IX', 'N/A'],
  [0x2020, 0x031, 'ICMC_INFO', 'SET', 'N/A'],
  [0x4000, 0x003, 'PRM_QUERY_QP', 'QPN', 'N/A'],
  [0x4020, 0x003, 'PRM_QUERY_CQ', 'CQN', 'N/A'],
  [0x4030, 0x003, 'PRM_QUERY_MKEY', 'MKEY_IDX', 'N/A'],
  [0x4008, 0x000, 'QUERY_VNIC_ENV', 'N/A', 'N/A'],
  [0x1020, 0x113, 'MDFY_HDR_RNG', 'MDFY_IX', 'N/A'],
  [0x1021, 0x000, 'MDFY_HDR_ALL', 'N/A', 'N/A'],
  [0x4010, 0x003, 'QUERY_FT', 'TABLE_ID', 'N/A'],
  [0x4011, 0x000, 'QUERY_FT_ALL', 'N/A', 'N/A'],
  [0x4012, 0x00f, 'QUERY_FG', 'TABLE_ID', 'GROUP_ID'],
  [0x4013, 0x003, 'QUERY_FG_ALL', 'TABLE_ID', 'N/A'],
  [0x4014, 0x00f, 'QUERY_FTE', 'TABLE_ID', 'FLOW_IX'],
  [0x4015, 0x003, 'QUERY_FTE_ALL', 'TABLE_ID', 'N/A'],
  [0x1318, 0x003, 'FLOW_COUNTER', 'CNTR ID', 'N/A'],
  [0x1320, 0x003, 'PKT_REFORMAT', 'CTX ID', 'N/A'],
  [0x1030, 0x000, 'SHARED_BUFFER', 'N/A', 'N/A'],
  [0x103c, 0x000, 'PAGE_HISTOGRAM', 'N/A', 'N/A'],
  [0x1040, 0x091, 'SCHEDQ_INFO', 'SCHEDQ_IX', 'N/A'],
  [0x104b, 0x001, 'VQOS_TREE', 'SKIP_LOCK', 'N/A'],
  [0x1050, 0x000, 'VQOS_DISTLIST', 'N/A', 'N/A'],
  [0x1048, 0x000, 'VLQ_GVMI_VLQ_SQ', 'N/A', 'N/A'],
  [0x1053, 0x091, 'PACKET_PACING', 'PP_IX', 'N/A'],
  [0x5000, 0x000, 'BASIC_DEBUG', 'N/A', 'N/A'],
];

export const RESOURCE_MENU: readonly MenuRecord[] = rows.map(([segmentType, flags, name, index1, index2]) => ({
  segmentType,
  flags,
  name,
  index1,
  index2,
}));

const byType = new Map(RESOURCE_MENU.map((record) => [record.segmentType, record]));

export function menuRecord(segmentType: number): MenuRecord | undefined {
  return byType.get(segmentType);
}
