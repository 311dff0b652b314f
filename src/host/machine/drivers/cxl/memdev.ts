/** The memory device of a CXL function: drivers/cxl/core/memdev.c, its node and its files in sysfs. */
import type { LoopbackModel } from '../../../../firmware/cxl/loopback-models.ts';
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

/**
 * cxl_memdev_attribute_groups, as a type 3 device of QEMU has them; firmware upload and EDAC are not there. Values but
 * payload_max are invented. `model`: undefined where nobody knows the device.
 */
export function memdevAttributes(model: LoopbackModel | undefined, number: number): SysfsAttribute[] {
  return [
    { path: 'firmware_version', mode: 0o444, content: 'fwctl-emu\n' },
    { path: 'label_storage_size', mode: 0o444, content: '0\n' },
    { path: 'numa_node', mode: 0o444, content: '-1\n' },
    { path: 'payload_max', mode: 0o444, content: `${model?.payloadSize ?? 0}\n` },
    { path: 'pmem/size', mode: 0o444, content: '0x0\n' },
    { path: 'ram/size', mode: 0o444, content: '0x10000000\n' },
    { path: 'security/sanitize', mode: 0o200, content: '' },
    { path: 'security/state', mode: 0o444, content: 'disabled\n' },
    { path: 'serial', mode: 0o444, content: `0x${(number + 1).toString(16)}\n` },
    { path: 'trigger_poison_list', mode: 0o200, content: '' },
  ];
}
