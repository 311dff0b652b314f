/**
 * An example of a DSC: none of its operations is public, so that these are invented, all of them, in a shape in which a
 * client can be tried: a version to read, a setting to write and to read back, one operation of each attribute, and
 * one that fails in each of the two ways. The sizes are the recorder's (test/golden/drivers); pci.ids: DSC Management
 * Controller, 1dd8:100c.
 */
import type { PdsDeviceProfile, PdsOperationProfile, PdsReply } from '../../abi/pds/device-profile.ts';

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
  identity: { pci_device_id: 0x100c, pci_subsystem_id: 0x0008, max_req_sz: 8192, max_resp_sz: 4096 },
  endpoints: [
    {
      id: 1,
      operations: [
        operation(0x00010001, READ, { kind: 'bytes', bytes: new TextEncoder().encode('pds-example 1.0') }),
        operation(0x00010002, WRITE, { kind: 'none' }),
        operation(0x00010003, READ, { kind: 'last', of: 0x0002 }),
        operation(0x00020004, READ, { kind: 'echo' }),
        operation(0x00010005, SYNC, { kind: 'none' }),
      ],
    },
    {
      id: 2,
      operations: [
        operation(0x00010010, DEBUG_READ, { kind: 'echo' }),
        operation(0x00010011, DEBUG_WRITE, { kind: 'echo' }),
        operation(0x00010012, OTHER, { kind: 'echo' }),
        { ...operation(0x00010013, READ, { kind: 'none' }), status: 12 },
        { ...operation(0x00010014, READ, { kind: 'none' }), retval: 5 },
      ],
    },
  ],
};

function operation(id: number, attribute: number, reply: PdsReply): PdsOperationProfile {
  return { id, attribute, reply, status: 0, retval: 0 };
}
