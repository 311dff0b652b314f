/**
 * Serves /dev/iommu and /dev/vfio/vfio as one recorded kernel has them, over a FUSE mount or CUSE, until `close`.
 * `there`: somebody else does, as `fwctl-emu run --device iommufd` for its command.
 */
import { appendFileSync, closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { iommufdAbi } from '../../src/abi/iommufd-profiles.ts';
import { iommufdFileOps } from '../../src/iommufd/fops.ts';
import { CuseDevice } from '../../src/transport/cuse.ts';
import { MountSession } from '../../src/transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { directory } from '../../src/transport/fuse/tree.ts';
import { loadNative } from '../../src/transport/native.ts';
import { userNamespaceOf } from '../../src/transport/proc-caller.ts';
import type { RecordedKernel } from '../conformance/iommufd/golden.ts';
import { mockRows } from './mock.ts';

export const TRANSPORTS = ['fuse', 'cuse', 'cuse-retry', 'there'] as const;

export type Transport = (typeof TRANSPORTS)[number];

export interface Served {
  /** What iox is to be told: IOX_DEV, IOX_VFIO, IOX_LOG. */
  readonly environment: Readonly<Record<string, string>>;
  /** Exceptions that are no Errno, and callers out of reach. */
  readonly bugs: unknown[];
  close(): void;
}

/** Where a kernel has them. */
const NODES = { IOX_DEV: '/dev/iommu', IOX_VFIO: '/dev/vfio/vfio' } as const;

const MS_NOSUID = 2;
const MS_NODEV = 4;
const MNT_DETACH = 2;
const DEVICE = { kind: 'device', uid: 0, gid: 0 } as const;

/** `scratch` is an empty directory for the mount point and the mock's log. Throws where the transport cannot be had. */
export function serve(kernel: RecordedKernel, transport: Transport, scratch: string): Served {
  const abi = iommufdAbi(kernel.abi);
  if (abi === undefined) throw new Error(`no profile ${kernel.abi}`);
  const log = join(scratch, 'mock.log');
  writeFileSync(log, '');
  if (transport === 'there') {
    return { environment: { ...NODES, IOX_LOG: log }, bugs: [], close: () => {} };
  }
  const further = abi.ioas ? [] : mockRows((line) => appendFileSync(log, line), Number(process.env.IOX_PACE ?? 1));
  const options = { abi, thp: kernel.thp, further };
  const iommu = iommufdFileOps(options);
  const vfio = iommufdFileOps({ ...options, vfioNode: true });
  const native = loadNative();
  const bugs: unknown[] = [];
  const events = {
    ended: () => {},
    bug: (error: unknown) => bugs.push(error),
    unreachable: (error: unknown) => bugs.push(error),
  };
  const userNamespace = userNamespaceOf('self') ?? '';
  const buffers = new FuseBuffers(native);

  if (transport !== 'fuse') {
    const retryOnly = transport === 'cuse-retry';
    const node = { major: 0, minor: 0, uid: 0, gid: 0, userNamespace, retryOnly };
    const devices = [
      new CuseDevice({ ...node, node: 'iommu', mode: 0o660, fileOps: iommu }, native, buffers, events),
      new CuseDevice({ ...node, node: 'vfio/vfio', mode: 0o666, fileOps: vfio }, native, buffers, events),
    ];
    return {
      environment: { ...NODES, IOX_LOG: log },
      bugs,
      close: () => {
        for (const device of devices) device.close();
      },
    };
  }

  const point = join(scratch, 'dev');
  mkdirSync(point);
  const fd = openSync('/dev/fuse', constants.O_RDWR | constants.O_NONBLOCK);
  const data = `fd=${fd},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions`;
  const mounted = native.mount('fwctl-emu', point, 'fuse', MS_NOSUID | MS_NODEV, data);
  if (mounted < 0) {
    closeSync(fd);
    throw new Error(`nothing can be mounted on ${point}: errno ${-mounted}`);
  }
  const tree = directory([
    ['iommu', { ...DEVICE, fileOps: iommu, mode: 0o660 }],
    ['vfio', directory([['vfio', { ...DEVICE, fileOps: vfio, mode: 0o666 }]])],
  ]);
  const session = new MountSession(fd, tree, native, buffers, userNamespace, events);
  return {
    environment: { IOX_DEV: join(point, 'iommu'), IOX_VFIO: join(point, 'vfio/vfio'), IOX_LOG: log },
    bugs,
    close: () => {
      native.umount(point, MNT_DETACH);
      session.close();
      rmSync(point, { recursive: true, force: true });
    },
  };
}
