/**
 * Data table. The requests that bnxtctl_validate_rpc() of drivers/fwctl/bnxt/main.c lets through, one row a request; a
 * request without a row is refused in every scope. Of Linux 7.3 and of 7.2, whose rules are 7.1's here; measured on
 * 7.3's driver, each of 65,536 numbers in every scope.
 */
import type { AbiName } from '../../abi/profiles.ts';

export interface ScopeRow {
  /** HWRM's req_type. */
  readonly type: number;
  /** Its HWRM_* name of include/linux/bnxt/hsi.h. */
  readonly name: string;
  /** The lowest scope that may send it. */
  readonly needs: 0 | 1 | 2 | 3;
  /** The first profile that has it; absent: every one that has the driver. */
  readonly since?: AbiName;
  /** bnxtctl_get_timeout(): how long the firmware may take, milliseconds; DEFAULT_TIMEOUT_MS unless told. */
  readonly timeoutMs?: number;
  /** The first profile that waits so long. */
  readonly timeoutSince?: AbiName;
}

export const DEFAULT_TIMEOUT_MS = 500;

export const SCOPE_TABLE: readonly ScopeRow[] = [
  { type: 0x0, name: 'VER_GET', needs: 1 },
  { type: 0xc, name: 'ERROR_RECOVERY_QCFG', needs: 1 },
  { type: 0x11, name: 'FUNC_RESET', needs: 0, timeoutMs: 2000 },
  { type: 0x15, name: 'FUNC_QCAPS', needs: 1 },
  { type: 0x16, name: 'FUNC_QCFG', needs: 1 },
  { type: 0x18, name: 'FUNC_QSTATS', needs: 1 },
  { type: 0x23, name: 'PORT_QSTATS', needs: 1, since: 'linux-7.3' },
  { type: 0x25, name: 'PORT_CLR_STATS', needs: 0 },
  { type: 0x27, name: 'PORT_PHY_QCFG', needs: 1 },
  { type: 0x28, name: 'PORT_MAC_QCFG', needs: 1 },
  { type: 0x2a, name: 'PORT_PHY_QCAPS', needs: 1 },
  { type: 0x2b, name: 'PORT_PHY_I2C_WRITE', needs: 2 },
  { type: 0x2c, name: 'PORT_PHY_I2C_READ', needs: 1 },
  { type: 0x37, name: 'QUEUE_PRI2COS_QCFG', needs: 1 },
  { type: 0x39, name: 'QUEUE_COS2BW_QCFG', needs: 1 },
  { type: 0x3c, name: 'QUEUE_DSCP2PRI_QCFG', needs: 1, since: 'linux-7.3' },
  { type: 0x47, name: 'VNIC_RSS_QCFG', needs: 1 },
  { type: 0x67, name: 'PORT_EVENTS_LOG', needs: 1, since: 'linux-7.3' },
  { type: 0x73, name: 'SCH_GRP_CFG', needs: 2, since: 'linux-7.3' },
  { type: 0x74, name: 'SCH_GRP_QCFG', needs: 1, since: 'linux-7.3' },
  { type: 0x87, name: 'QUEUE_GLOBAL_QCFG', needs: 1 },
  { type: 0x88, name: 'QUEUE_ADPTV_QOS_RX_FEATURE_QCFG', needs: 1 },
  { type: 0x8a, name: 'QUEUE_ADPTV_QOS_TX_FEATURE_QCFG', needs: 1 },
  { type: 0x8c, name: 'QUEUE_QCAPS', needs: 1 },
  { type: 0x8d, name: 'QUEUE_ADPTV_QOS_RX_TUNING_QCFG', needs: 1 },
  { type: 0x8f, name: 'QUEUE_ADPTV_QOS_TX_TUNING_QCFG', needs: 1 },
  { type: 0xa0, name: 'TUNNEL_DST_PORT_QUERY', needs: 1 },
  { type: 0xb4, name: 'PORT_QSTATS_EXT', needs: 1, since: 'linux-7.3' },
  { type: 0xb5, name: 'PORT_PHY_MDIO_WRITE', needs: 2 },
  { type: 0xb6, name: 'PORT_PHY_MDIO_READ', needs: 1 },
  { type: 0xba, name: 'PORT_QSTATS_EXT_PFC_ADV', needs: 1, since: 'linux-7.3' },
  { type: 0xbc, name: 'PORT_TX_FIR_QCFG', needs: 1 },
  { type: 0xbe, name: 'FW_LIVEPATCH_QUERY', needs: 1 },
  { type: 0xbf, name: 'FW_LIVEPATCH', needs: 3, since: 'linux-7.3' },
  { type: 0xc0, name: 'FW_RESET', needs: 0 },
  { type: 0xc1, name: 'FW_QSTATUS', needs: 1 },
  { type: 0xc2, name: 'FW_HEALTH_CHECK', needs: 1, timeoutMs: 60000, timeoutSince: 'linux-7.3' },
  { type: 0xc3, name: 'FW_SYNC', needs: 0, timeoutMs: 60000, timeoutSince: 'linux-7.3' },
  { type: 0xc8, name: 'FW_SET_TIME', needs: 0 },
  { type: 0xc9, name: 'FW_GET_TIME', needs: 1 },
  { type: 0xca, name: 'FW_SET_STRUCTURED_DATA', needs: 2, since: 'linux-7.3' },
  { type: 0xcb, name: 'FW_GET_STRUCTURED_DATA', needs: 1, since: 'linux-7.3' },
  { type: 0xd5, name: 'PORT_PRBS_TEST', needs: 1, since: 'linux-7.3' },
  { type: 0xd9, name: 'PORT_DSC_DUMP', needs: 1, since: 'linux-7.3' },
  { type: 0xda, name: 'PORT_EP_TX_QCFG', needs: 1 },
  { type: 0xdd, name: 'PORT_QCFG', needs: 1 },
  { type: 0xdf, name: 'PORT_MAC_QCAPS', needs: 1 },
  { type: 0xe0, name: 'TEMP_MONITOR_QUERY', needs: 1 },
  { type: 0xe1, name: 'REG_POWER_QUERY', needs: 1 },
  { type: 0xe2, name: 'CORE_FREQUENCY_QUERY', needs: 1 },
  { type: 0xe6, name: 'STAT_QUERY_ROCE_STATS', needs: 1, since: 'linux-7.3' },
  { type: 0xe7, name: 'STAT_QUERY_ROCE_STATS_EXT', needs: 1, since: 'linux-7.3' },
  { type: 0x112, name: 'CFA_REDIRECT_QUERY_TUNNEL_TYPE', needs: 1 },
  { type: 0x124, name: 'CFA_ADV_FLOW_MGNT_QCAPS', needs: 1 },
  { type: 0x190, name: 'FUNC_RESOURCE_QCAPS', needs: 1 },
  { type: 0x192, name: 'FUNC_BACKING_STORE_QCAPS', needs: 1 },
  { type: 0x194, name: 'FUNC_BACKING_STORE_QCFG', needs: 1 },
  { type: 0x198, name: 'FUNC_QSTATS_EXT', needs: 1 },
  { type: 0x19c, name: 'FUNC_PTP_PIN_QCFG', needs: 1 },
  { type: 0x1a1, name: 'FUNC_PTP_EXT_QCFG', needs: 1 },
  { type: 0x1a4, name: 'FUNC_BACKING_STORE_QCFG_V2', needs: 1 },
  { type: 0x1a8, name: 'FUNC_BACKING_STORE_QCAPS_V2', needs: 1 },
  { type: 0x1ac, name: 'FUNC_SYNCE_QCFG', needs: 1 },
  { type: 0x1c3, name: 'FUNC_TTX_PACING_RATE_PROF_QUERY', needs: 1 },
  { type: 0x200, name: 'SELFTEST_QLIST', needs: 1 },
  { type: 0x203, name: 'SELFTEST_RETRIEVE_SERDES_DATA', needs: 1, since: 'linux-7.3', timeoutMs: 60000 },
  { type: 0x204, name: 'PCIE_QSTATS', needs: 1, since: 'linux-7.3' },
  { type: 0x218, name: 'STAT_GENERIC_QSTATS', needs: 1, since: 'linux-7.3' },
  { type: 0x232, name: 'PORT_PHY_FDRSTAT', needs: 1 },
  { type: 0xff0e, name: 'DBG_SERDES_TEST', needs: 1, since: 'linux-7.3', timeoutMs: 60000 },
  { type: 0xff0f, name: 'DBG_LOG_BUFFER_FLUSH', needs: 0 },
  { type: 0xff10, name: 'DBG_READ_DIRECT', needs: 1, since: 'linux-7.3' },
  { type: 0xff11, name: 'DBG_READ_INDIRECT', needs: 1, since: 'linux-7.3' },
  { type: 0xff15, name: 'DBG_ERASE_NVM', needs: 0 },
  { type: 0xff16, name: 'DBG_CFG', needs: 0 },
  { type: 0xff17, name: 'DBG_COREDUMP_LIST', needs: 1, since: 'linux-7.3', timeoutMs: 60000 },
  { type: 0xff18, name: 'DBG_COREDUMP_INITIATE', needs: 1, since: 'linux-7.3', timeoutMs: 60000 },
  { type: 0xff19, name: 'DBG_COREDUMP_RETRIEVE', needs: 1, since: 'linux-7.3', timeoutMs: 60000 },
  { type: 0xff1c, name: 'DBG_RING_INFO_GET', needs: 1 },
  { type: 0xff20, name: 'DBG_QCAPS', needs: 1 },
  { type: 0xff21, name: 'DBG_QCFG', needs: 1 },
  { type: 0xff25, name: 'DBG_USEQ_FLUSH', needs: 1 },
  { type: 0xff26, name: 'DBG_USEQ_QCAPS', needs: 1 },
  { type: 0xff2d, name: 'DBG_PTRACE', needs: 2, since: 'linux-7.3' },
  { type: 0xff2e, name: 'DBG_SIM_CABLE_STATE', needs: 1 },
  { type: 0xff2f, name: 'DBG_TOKEN_QUERY_AUTH_IDS', needs: 1 },
  { type: 0xff30, name: 'DBG_TOKEN_CFG', needs: 3, since: 'linux-7.3' },
  { type: 0xffec, name: 'NVM_DEFRAG', needs: 0, timeoutMs: 60000 },
  { type: 0xffee, name: 'NVM_FACTORY_DEFAULTS', needs: 0, timeoutMs: 60000 },
  { type: 0xfff0, name: 'NVM_FLUSH', needs: 0, timeoutMs: 60000 },
  { type: 0xfff1, name: 'NVM_GET_VARIABLE', needs: 0, since: 'linux-7.3' },
  { type: 0xfff2, name: 'NVM_SET_VARIABLE', needs: 0, since: 'linux-7.3' },
  { type: 0xfff4, name: 'NVM_MODIFY', needs: 2, since: 'linux-7.3' },
  { type: 0xfff5, name: 'NVM_VERIFY_UPDATE', needs: 0, timeoutMs: 60000 },
  { type: 0xfff6, name: 'NVM_GET_DEV_INFO', needs: 1 },
  { type: 0xfff7, name: 'NVM_ERASE_DIR_ENTRY', needs: 0, timeoutMs: 60000 },
  { type: 0xfff8, name: 'NVM_MOD_DIR_ENTRY', needs: 0, timeoutMs: 60000 },
  { type: 0xfff9, name: 'NVM_FIND_DIR_ENTRY', needs: 0 },
  { type: 0xfffa, name: 'NVM_GET_DIR_ENTRIES', needs: 1, since: 'linux-7.3' },
  { type: 0xfffb, name: 'NVM_GET_DIR_INFO', needs: 1 },
  { type: 0xfffc, name: 'NVM_RAW_DUMP', needs: 1, since: 'linux-7.3' },
  { type: 0xfffd, name: 'NVM_READ', needs: 1, since: 'linux-7.3' },
  { type: 0xfffe, name: 'NVM_WRITE', needs: 2, since: 'linux-7.3', timeoutMs: 60000 },
  { type: 0xffff, name: 'NVM_RAW_WRITE_BLK', needs: 3, since: 'linux-7.3', timeoutMs: 60000 },
];
