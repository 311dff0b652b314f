/**
 * Data table. HWRM requests of the firmware, its debugging, statistics and self tests:
 * structures of include/linux/bnxt/hsi.h.
 */
import type { LayoutTable } from '../layout.ts';

export const OTHER_LAYOUTS: LayoutTable = {
  FW_LIVEPATCH_QUERY: ['fw_target -7', 'install_ver*32 active_ver*32 status_flags:2 -5'],
  FW_LIVEPATCH: ['opcode fw_target loadtype flags patch_len:4 -8', '-7'],
  FW_RESET: ['embedded_proc_type selfrst_status host_idx flags -4', 'selfrst_status -6'],
  FW_QSTATUS: ['embedded_proc_type -7', 'selfrst_status nvm_option_action_status -5'],
  FW_SET_TIME: ['year:2 month day hour minute second -1 millisecond:2 zone:2 -4', '-7'],
  FW_SET_STRUCTURED_DATA: ['-8 data_len:2 hdr_cnt -5', '-7'],
  FW_GET_STRUCTURED_DATA: ['-8 data_len:2 structure_id:2 subtype:2 count -1', 'hdr_cnt -6'],
  TEMP_MONITOR_QUERY: [
    '',
    `temp phy_temp om_temp flags temp2 phy_temp2 om_temp2 warn_threshold critical_threshold fatal_threshold
     shutdown_threshold -4`,
  ],
  STAT_QUERY_ROCE_STATS: ['roce_stat_size:2 flags port_id -12', 'roce_stat_size:2 -5'],
  STAT_QUERY_ROCE_STATS_EXT: ['roce_stat_size:2 flags port_id -12', 'roce_stat_size:2 -5'],
  SELFTEST_QLIST: [
    '',
    `num_tests available_tests offline_tests -1 test_timeout:2 -2 test0_name*32 test1_name*32 test2_name*32
     test3_name*32 test4_name*32 test5_name*32 test6_name*32 test7_name*32 eyescope_target_BER_support -6`,
  ],
  SELFTEST_RETRIEVE_SERDES_DATA: [
    '-8 resp_data_offset:4 data_len:2 flags options targetBER action -6',
    'total_data_len:2 copied_data_len:2 progress_percent:2 timeout:2 flags -1 hdr_size:2 -3',
  ],
  PCIE_QSTATS: ['pcie_stat_size:2 -14', 'pcie_stat_size:2 -5'],
  STAT_GENERIC_QSTATS: ['generic_stat_size:2 flags -13', 'generic_stat_size:2 -5'],
  DBG_SERDES_TEST: [
    '-8 resp_data_offset:4 data_len:2 flags options targetBER action -6',
    'total_data_len:2 copied_data_len:2 progress_percent:2 timeout:2 flags -1 hdr_size:2 -3',
  ],
  DBG_LOG_BUFFER_FLUSH: ['type:2 -2 flags:4', 'current_buffer_offset:4 -3'],
  DBG_READ_DIRECT: ['-8 read_addr:4 read_len32:4', 'crc32:4 -3'],
  DBG_READ_INDIRECT: [
    '-8 host_dest_addr_len:4 indirect_access_type -3 start_index:4 num_of_entries:4 opaque:4*10',
    '-7',
  ],
  DBG_COREDUMP_LIST: ['-8 host_buf_len:4 seq_no:2 flags -1', 'flags -1 total_segments:2 data_len:2 -1'],
  DBG_COREDUMP_INITIATE: ['component_id:2 segment_id:2 instance:2 -2 seg_flags -7', '-7'],
  DBG_COREDUMP_RETRIEVE: [
    '-8 host_buf_len:4 -4 component_id:2 segment_id:2 instance:2 -2 seg_flags -7 seq_no:4 -4',
    'flags -1 data_len:2 -3',
  ],
  DBG_RING_INFO_GET: ['ring_type -3 fw_ring_id:4', 'producer_index:4 consumer_index:4 cag_vector_ctrl:4 st_tag:2 -1'],
  DBG_QCAPS: ['fid:2 -6', 'fid:2 -2 coredump_component_disable_caps:4 flags:4 -3'],
  DBG_QCFG: [
    'fid:2 flags:2 coredump_component_disable_flags:4',
    'fid:2 -2 coredump_size:4 flags:4 async_cmpl_ring:2 -2 crashdump_size:4 -3',
  ],
  DBG_PTRACE: ['-16 pdi_req_buf_len:4 seq_no:2 flags:2', '-7'],
  DBG_TOKEN_CFG: ['flags -3 dbg_token_len:4 -8', '-7'],
};
