/**
 * Data table. The NVM directory of a NetXtreme: item types (enum bnxt_nvm_directory_type of bnxt_en's bnxt_nvm_defs.h,
 * and those of the bnxnvm_defs.h that Arm's trusted firmware has), and an entry as NVM_GET_DIR_ENTRIES gives it
 * (bnxnvm_directory_entry_t there): 24 bytes, little-endian.
 */

export const DIR_ENTRY = {
  type: 0,
  ordinal: 2,
  ext: 4,
  attr: 6,
  location: 8,
  itemLength: 12,
  dataLength: 16,
  checksum: 20,
  bytes: 24,
} as const;

export const DIR_TYPES = {
  PKG_LOG: 1,
  CHIMP_PATCH: 3,
  BOOTCODE: 4,
  VPD: 5,
  EXP_ROM_MBA: 6,
  AVS: 7,
  PCIE: 8,
  PORT_MACRO: 9,
  APE_FW: 10,
  APE_PATCH: 11,
  KONG_FW: 12,
  KONG_PATCH: 13,
  BONO_FW: 14,
  BONO_PATCH: 15,
  TANG_FW: 16,
  TANG_PATCH: 17,
  BOOTCODE_2: 18,
  CCM: 19,
  PCI_CFG: 20,
  TSCF_UCODE: 21,
  ISCSI_BOOT: 22,
  ISCSI_BOOT_IPV6: 24,
  ISCSI_BOOT_IPV4N6: 25,
  ISCSI_BOOT_CFG6: 26,
  EXT_PHY: 27,
  MODULES_PN: 28,
  SHARED_CFG: 40,
  PORT_CFG: 41,
  FUNC_CFG: 42,
  MGMT_CFG: 48,
  MGMT_DATA: 49,
  MGMT_WEB_DATA: 50,
  MGMT_WEB_META: 51,
  MGMT_EVENT_LOG: 52,
  MGMT_AUDIT_LOG: 53,
} as const;

/** An item may be kept without a checksum. */
export const DIR_ATTR_NO_CHKSUM = 1;
