/**
 * Attributes of an operation as the device lists it: PDSFC_FW_CMD_ATTR_* of include/linux/pds/pds_adminq.h, and the
 * fwctl scope that pdsfc_get_operations() of drivers/fwctl/pds/main.c makes of each. Every other value, two bits at
 * once among them, is FWCTL_RPC_DEBUG_WRITE_FULL.
 */
export const ATTRIBUTES = [
  { value: 0x00, name: 'READ', needs: 0 },
  { value: 0x04, name: 'WRITE', needs: 0 },
  { value: 0x10, name: 'SYNC', needs: 0 },
  { value: 0x02, name: 'DEBUG_READ', needs: 1 },
  { value: 0x08, name: 'DEBUG_WRITE', needs: 2 },
] as const;

export const OTHER_NEEDS = 3;
