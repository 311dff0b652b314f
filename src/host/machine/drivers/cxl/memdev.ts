/** The memory device of a CXL function: drivers/cxl/core/memdev.c, its node and its files in sysfs. */
import type { CxlValues } from '../../../../abi/cxl/device-profile.ts';
import type { Call } from '../../../../kernel/call.ts';
import { Errno } from '../../../../kernel/errno.ts';
import type { FileOps } from '../../../../kernel/file-ops.ts';
import type { HostNode, SysfsAttribute } from '../../host-device.ts';

const NO_IOCTL = new Errno(
  'ENOTTY',
  'the mailbox commands of /dev/cxl (CXL_MEM_*) are not emulated',
  "use the memory device's fwctl node",
);

/** cxl_memdev_fops, without its commands. */
const FILE_OPS: FileOps = {
  open: () => ({
    ioctl(_call: Call): never {
      throw NO_IOCTL;
    },
    release() {},
  }),
};

/** cxl_memdev_devnode(); the mode is what devtmpfs makes of none. */
export function memdevNode(number: number): HostNode {
  const name = `mem${number}`;
  return { path: `cxl/${name}`, name, class: 'cxl', minor: number, mode: 0o600, uid: 0, gid: 0, fileOps: FILE_OPS };
}

/** What of a device's values its files show. */
export type MemdevFacts = Pick<
  CxlValues,
  'serial' | 'firmware_version' | 'ram_size' | 'pmem_size' | 'label_storage_size' | 'payload_size'
>;

/** cxl_memdev_attribute_groups, as a type 3 device of QEMU has them; firmware upload and EDAC are not there. */
export function memdevAttributes(facts: MemdevFacts): SysfsAttribute[] {
  return [
    { path: 'firmware_version', mode: 0o444, content: `${facts.firmware_version}\n` },
    { path: 'label_storage_size', mode: 0o444, content: `${facts.label_storage_size}\n` },
    { path: 'numa_node', mode: 0o444, content: '-1\n' },
    { path: 'payload_max', mode: 0o444, content: `${facts.payload_size}\n` },
    { path: 'pmem/size', mode: 0o444, content: `0x${facts.pmem_size.toString(16)}\n` },
    { path: 'ram/size', mode: 0o444, content: `0x${facts.ram_size.toString(16)}\n` },
    { path: 'security/sanitize', mode: 0o200, content: '' },
    { path: 'security/state', mode: 0o444, content: 'disabled\n' },
    { path: 'serial', mode: 0o444, content: `0x${facts.serial.toString(16)}\n` },
    { path: 'trigger_poison_list', mode: 0o200, content: '' },
  ];
}
