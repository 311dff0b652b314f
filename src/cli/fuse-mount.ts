/** The FUSE mounts of `serve`: a directory of nodes, or a single node on a file of its own. */
import { closeSync, constants, openSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import type { HostNode, NodeFacts } from '../host/host-device.ts';
import { type DeviceNode, type DirectoryNode, directory } from '../transport/fuse/tree.ts';
import { MOUNT_SOURCE } from '../transport/mount-table.ts';
import type { Native } from '../transport/native.ts';
import { CliError } from './cli-error.ts';

/** sys/mount.h */
const MS_NOSUID = 2;
const MS_NODEV = 4;
export const MNT_DETACH = 2;

/** What a mount's root is, as the option `rootmode` names it: octal, without permission bits (S_IFMT). */
const ROOT_MODE = { directory: '40000', device: '100000' } as const;

/** Where a node stands in the mount of a directory: fwctl's in it, others below it as below /dev. */
export function placeOf({ class: kind, path, name }: NodeFacts, root: DirectoryNode): [DirectoryNode, string] {
  if (kind === 'fwctl') return [root, name];
  let place = root;
  const [last = name, ...parents] = path.split('/').reverse();
  for (const parent of parents.reverse()) {
    const next = place.entries.get(parent);
    const below = next?.kind === 'directory' ? next : directory();
    place.entries.set(parent, below);
    place = below;
  }
  return [place, last];
}

/** The connection's descriptor; the mount is made. Throws CliError. */
export function mountFuse(path: string, root: keyof typeof ROOT_MODE, native: Native): number {
  const fd = openFuse();
  const options = `fd=${fd},rootmode=${ROOT_MODE[root]},user_id=0,group_id=0,allow_other,default_permissions`;
  const mounted = native.mount(MOUNT_SOURCE, path, 'fuse', MS_NOSUID | MS_NODEV, options);
  if (mounted >= 0) return fd;
  closeSync(fd);
  const remedy =
    process.geteuid?.() === 0
      ? 'allow mounts to this container (--cap-add SYS_ADMIN)'
      : 'run it as root, or use "fwctl-emu run", which needs no root';
  throw new CliError(`serve: nothing can be mounted on ${path} (${errnoName(-mounted)}); ${remedy}`);
}

function openFuse(): number {
  try {
    return openSync('/dev/fuse', constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // with workers, each node has one of its own
    const remedy =
      code === 'EMFILE' ? '; raise the limit of open files (ulimit -n, LimitNOFILE=), or leave --workers out' : '';
    throw new CliError(`serve: /dev/fuse cannot be opened (${code})${remedy}`);
  }
}

/** As a mounted tree shows a device. */
export function deviceNode({ fileOps, mode, uid, gid }: HostNode): DeviceNode {
  return { kind: 'device', fileOps, mode, uid, gid };
}
