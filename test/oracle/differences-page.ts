/** docs/vfs-differences.md, made of the rows: `node dist/test/oracle/differences-page.js >docs/vfs-differences.md`. */
import { fileURLToPath } from 'node:url';
import type { DifferenceRow } from './difference-row.ts';
import { DIFFERENCES } from './differences.ts';
import { rangeText } from './linux-range.ts';
import type { OracleTransport } from './transport.ts';

const HEAD = `# Where the emulator differs from the kernel

Everything that the real kernels answered to the oracle's calls (test/golden/fwctl: 4134 records of each of three kernels; test/golden/drivers:
6147 records of the drivers pds, bnxt and cxl, and bnxt's 65,536 request numbers in six scopes) is answered alike, but for this table: what the
kernel's own FUSE and CUSE leave no choice about. So is what 1,278 further calls of all kinds (test/oracle/calls) are answered, beside a device of the
running kernel that, like fwctl's, has open and ioctl alone (from Linux 6.1 on). The rows are those of test/oracle/differences.ts, which hold the exact records;
\`make oracle\` fails on anything else.

A device file is served in one of five ways: as a regular file of a **FUSE** mount (\`run\`, and \`serve\` without /dev/cuse), as a character device by
**CUSE** (\`serve\` with /dev/cuse, \`run --transport cuse\`), and, for a caller whose memory cannot be reached by thread id (another pid namespace,
Yama 3), by CUSE's ioctl **retry**; and, by seccomp user notification ([containers](containers.md)), as a descriptor that the emulator puts into the caller, in a view by mounts
(**seccomp-M**) or without any (**seccomp-P**). Over those two the 1,278 further calls have not been compared.

**Linux** is the kernel of the machine that emulates (uname -r): all, or the releases in which a row holds. It has been measured, over each of the
first three ways, on 5.10, 6.1, 6.12 and 7.2 (\`make oracle ORACLE="--on bullseye,uml,trixie,sid"\`, user-mode Linux), and over FUSE and seccomp on 6.18; on the kernel that it
runs on \`make oracle\` fails, too, on a row that says a difference where there is none.

| call | kernel | here | FUSE | CUSE | retry | seccomp-M | seccomp-P | Linux | why |
|---|---|---|---|---|---|---|---|---|---|
`;

const FOOT = `
Beyond what the oracle asks:

- A view shows the emulated kernel's log as /dev/kmsg: one record a read(2), O_NONBLOCK and signals as there, but no lseek(2), and writing is EINVAL.
- Sysfs of a device: \`uevent\` takes the kernel's actions and sends nothing; writing another attribute is EIO; the driver's \`bind\`, \`unbind\`, \`new_id\`
  do nothing: plug and unplug are the emulator's own verbs. mmap(MAP_PRIVATE) of an attribute maps it (sysfs: ENODEV; so does MAP_SHARED here): the
  kernel asks no FUSE server for leave (fuse_file_mmap() of fs/fuse/file.c).
- Where the machine has no /dev/fwctl, /dev of a view is a directory of the view's own. What is in the machine's at the start is there as it is, and
  directories in it (/dev/pts, /dev/shm, /dev/mqueue) are the machine's own. What comes into the machine's /dev later is a symbolic link to it
  (\`/dev/.host/NAME\`; a link is copied), not at the same moment but within about a millisecond; what goes there goes here. What the command makes in
  /dev itself stays in the view.
- A device's directories in sysfs are of FUSE's or tmpfs's type (\`statfs\`), which libudev and sd-device refuse unless SYSTEMD_DEVICE_VERIFY_SYSFS=0 is in
  the environment: \`run\` puts it there. A client whose environment was emptied (sudo, \`env -i\`) has to set it itself.
- What an mlx5 card has around it is in sysfs alone: no socket or netlink call knows its netdev, there is no /dev/infiniband for its RDMA device, no class
  knows a PTP clock, hwmon sensor or MAD device of it. Configuration space keeps what is written, and nothing follows from it but a function-level reset; a BAR cannot
  be mapped (mmap(MAP_SHARED) is ENODEV) and reads as EIO; \`rom\` has no image; SR-IOV switches nothing on. Of a real function's entries \`aer/\` (rate limits, since Linux 6.17),
  \`firmware_node\`, \`ptp\` and \`wakeup\` are missing. /proc/modules has the emulated kernel's modules where the machine has that file: where its kernel is built without
  modules a mount has nothing to lie on, and lsmod fails as before; /sys/module has them everywhere, and a view without mounts has both.
- A CXL memory device has its attributes, drivers, root port and endpoint in sysfs, but not the decoders, EDAC device and firmware loader
  of a real one (the root port of \`provider: cxl_test\` is root65536); every ioctl of /dev/cxl/memN is ENOTTY. /dev/cxl appears with the first such device of a view's start, into which no
  first one can be plugged later; \`serve\` by FUSE makes the nodes of those that it has from the start (by CUSE, and with --dev-dir, of
  all).
- inotify on /dev/fwctl and its nodes tells of plug and unplug what devtmpfs tells, a moment (0.2 ms) after they are seen; not in a view with
  \`--map-current-user\`, whose user owns no directory. Until then /proc/PID/fd of an open file does not say \`(deleted)\` after an unplug, and a file that was
  opened between the plug and that moment does say so (FUSE). Sysfs tells nothing, as there.
- arm64: a pointer with a tag in its top byte, of a program that has not asked for tagged addresses (prctl(PR_SET_TAGGED_ADDR_CTRL)), is EFAULT
  from the kernel; by thread id the call is served: process_vm_readv(2) and process_vm_writev(2) take the tag off. By retry it is EFAULT.
- 32-bit callers get ENOTTY for every ioctl, as from the kernel, which has no compat_ioctl here.
- A descriptor whose emulator has been killed answers ENOTCONN (ECONNABORTED to a call in flight): there is no such thing with a kernel.
`;

const WAYS: readonly OracleTransport[] = ['fuse', 'cuse', 'retry', 'seccomp', 'seccomp-paths'];

/** The page's text. */
export function differencesPage(rows: readonly DifferenceRow[]): string {
  const lines = rows.map(({ call, kernel, ours, transports, linux = {}, why }) => {
    const mark = (transport: OracleTransport) => (transports.includes(transport) ? 'x' : '');
    return `| ${[call, kernel, ours, ...WAYS.map(mark), rangeText(linux), why].join(' | ')} |`;
  });
  return `${HEAD}${lines.join('\n')}\n${FOOT}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(differencesPage(DIFFERENCES));
