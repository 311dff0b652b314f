/**
 * Data table. HWRM requests of the non-volatile memory:
 * structures of include/linux/bnxt/hsi.h.
 */
import type { LayoutTable } from '../layout.ts';

export const NVM_LAYOUTS: LayoutTable = {
  NVM_DEFRAG: ['flags:4 -4', '-7'],
  NVM_GET_VARIABLE: [
    '-8 data_len:2 option_num:2 dimensions:2 index_0:2 index_1:2 index_2:2 index_3:2 flags -1',
    'data_len:2 option_num:2 flags -2',
  ],
  NVM_SET_VARIABLE: ['-8 data_len:2 option_num:2 dimensions:2 index_0:2 index_1:2 index_2:2 index_3:2 flags -1', '-7'],
  NVM_MODIFY: ['-8 dir_idx:2 flags:2 offset:4 len:4 -4', '-7'],
  NVM_VERIFY_UPDATE: ['dir_type:2 dir_ordinal:2 dir_ext:2 -2', '-7'],
  NVM_GET_DEV_INFO: [
    'flags -7',
    `manufacturer_id:2 device_id:2 sector_size:4 nvram_size:4 reserved_size:4 available_size:4 nvm_cfg_ver_maj nvm_cfg_ver_min
     nvm_cfg_ver_upd flags pkg_name*16 hwrm_fw_major:2 hwrm_fw_minor:2 hwrm_fw_build:2 hwrm_fw_patch:2
     mgmt_fw_major:2 mgmt_fw_minor:2 mgmt_fw_build:2 mgmt_fw_patch:2 roce_fw_major:2 roce_fw_minor:2 roce_fw_build:2
     roce_fw_patch:2 netctrl_fw_major:2 netctrl_fw_minor:2 netctrl_fw_build:2 netctrl_fw_patch:2 srt2_fw_major:2
     srt2_fw_minor:2 srt2_fw_build:2 srt2_fw_patch:2 security_soc_fw_major security_soc_fw_minor
     security_soc_fw_build security_soc_fw_patch -3`,
  ],
  NVM_ERASE_DIR_ENTRY: ['dir_idx:2 -6', '-7'],
  NVM_MOD_DIR_ENTRY: ['enables:4 dir_idx:2 dir_ordinal:2 dir_ext:2 dir_attr:2 checksum:4', '-7'],
  NVM_FIND_DIR_ENTRY: [
    'enables:4 dir_idx:2 dir_type:2 dir_ordinal:2 dir_ext:2 opt_ordinal -3',
    'dir_item_length:4 dir_data_length:4 fw_ver:4 dir_ordinal:2 dir_idx:2 -7',
  ],
  NVM_GET_DIR_ENTRIES: ['-8', '-7'],
  NVM_GET_DIR_INFO: ['', 'entries:4 entry_length:4 -7'],
  NVM_RAW_DUMP: ['-8 offset:4 len:4 flags -7', '-7'],
  NVM_READ: ['-8 dir_idx:2 -2 offset:4 len:4 -4', '-7'],
  NVM_WRITE: [
    `-8 dir_type:2 dir_ordinal:2 dir_ext:2 dir_attr:2 dir_data_length:4 option:2 flags:2 dir_item_length:4 offset:4
     len:4 -4`,
    'dir_item_length:4 dir_idx:2 -1',
  ],
  NVM_RAW_WRITE_BLK: ['-8 dest_addr:4 len:4 flags -7', '-7'],
};
