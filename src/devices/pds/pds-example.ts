/**
 * An example of a DSC: none of its operations is public, so that these are invented, all of them, in a shape in which a
 * client can be tried: a version to read, a setting to write and to read back, one operation of each attribute, and
 * one that fails in each of the two ways. The sizes are the recorder's (test/golden/drivers); pci.ids: DSC Management
 * Controller, 1dd8:100c.
 */
import type { PdsDeviceProfile, PdsOperationValues } from '../../abi/pds/device-profile.ts';

const READ = 0x00;
const DEBUG_READ = 0x02;
const WRITE = 0x04;
const DEBUG_WRITE = 0x08;
const SYNC = 0x10;
/** No single bit of PDSFC_FW_CMD_ATTR_*: the kernel wants the last scope for it. */
const OTHER = 0x20;

export const PDS_EXAMPLE: PdsDeviceProfile = {
  name: 'pds-example',
  title: 'AMD Pensando DSC: an example, whose endpoints and operations are invented',
  values: {
    pci_device_id: 0x100c,
    pci_subsystem_id: 0x0008,
    max_req_sz: 8192,
    max_resp_sz: 4096,
    endpoints: {
      '0x1': {
        operations: {
          '0x10001': operation(READ, 'text:pds-example 1.0'),
          '0x10002': operation(WRITE, 'none'),
          '0x10003': operation(READ, 'last:0x0002'),
          '0x20004': operation(READ, 'echo'),
          '0x10005': operation(SYNC, 'none'),
        },
      },
      '0x2': {
        operations: {
          '0x10010': operation(DEBUG_READ, 'echo'),
          '0x10011': operation(DEBUG_WRITE, 'echo'),
          '0x10012': operation(OTHER, 'echo'),
          '0x10013': { ...operation(READ, 'none'), status: 12 },
          '0x10014': { ...operation(READ, 'none'), retval: 5 },
        },
      },
    },
  },
};

function operation(attribute: number, reply: string): PdsOperationValues {
  return { attribute, reply, status: 0, retval: 0 };
}
