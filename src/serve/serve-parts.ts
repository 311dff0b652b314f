/** What `serve` works with: /dev/cuse and /dev/fuse of the machine, a host's devices behind them. */
import { closeSync, constants, openSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import { CliError } from '../host/config/cli-error.ts';
import type { HostNode } from '../host/machine/host-device.ts';
import type { Log } from '../host/machine/log.ts';
import { MountSession } from '../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import { directory, type MapDirectory, type TreeNode } from '../transport/fuse/tree.ts';
import { MOUNT_SOURCE, readMountTable } from '../transport/mount-table.ts';
import { loadNative, type Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { nameEvents } from '../view/name-events.ts';
import { askMount } from './ask-mount.ts';
import { takeNodeFile } from './node-file.ts';
import type { DirectorySystem, HostPart, ServeParts, TransportSession } from './parts.ts';
import { serviceEnd, sessionEvents } from './session-events.ts';

/** sys/mount.h */
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MNT_DETACH = 2;

export function serveParts(host: HostPart, log: Log): ServeParts {
  const native = loadNative();
  const system = directorySystem(native);
  return {
    host,
    system,
    cuseRefusal: () => openRefusal('/dev/cuse'),
    // Few machines have /dev/cuse: loaded where it is used.
    startCuse: async (plugged) => (await import('./serve-cuse.ts')).startCuse(plugged, native, log),
    startFuse: async (plugged, path, apart) => startFuse(plugged, path, apart, system, native, log),
    notify: (text) => native.notify(text),
    say: (line) => void process.stdout.write(`${line}\n`),
    log,
  };
}

function directorySystem(native: Native): DirectorySystem {
  return {
    mountTable: () => readMountTable(),
    askMount: (path) => askMount(path),
    unmountLazily: (path) => native.umount(path, MNT_DETACH),
  };
}

/** Over FUSE a caller's memory is read by process_vm_readv(2) alone. Throws CliError where nobody's can be. */
export function refuseWithoutMemory(verb: string, native: Native): void {
  const error = native.processVmProbe(process.pid);
  if (error === 0) return;
  const why = `process_vm_readv(2) is refused here (${errnoName(-error)}), by a seccomp profile or a sandbox`;
  const remedy = 'allow it and process_vm_writev, or serve over CUSE';
  throw new CliError(`${verb}: FUSE cannot be used: ${why}, so that no caller's memory can be read; ${remedy}`);
}

/** Why a device file cannot be opened for reading and writing, `/dev/cuse: ENOENT`; undefined: it can. */
export function openRefusal(path: string): string | undefined {
  try {
    closeSync(openSync(path, constants.O_RDWR));
    return undefined;
  } catch (error) {
    return `${path}: ${(error as NodeJS.ErrnoException).code}`;
  }
}

/**
 * One mount for /dev/fwctl, and one for each node elsewhere, on a file of its own. In another directory (`apart`) all
 * nodes are in the one mount, those from elsewhere by their path below /dev.
 */
async function startFuse(
  host: HostPart,
  path: string,
  apart: boolean,
  system: DirectorySystem,
  native: Native,
  log: Log,
): Promise<TransportSession> {
  const refusal = openRefusal('/dev/fuse');
  if (refusal !== undefined)
    throw new CliError(`serve: FUSE cannot be used (${refusal}); "fwctl-emu doctor" says what to do`);
  refuseWithoutMemory('serve', native);
  const { ended, end } = serviceEnd();
  const buffers = new FuseBuffers(native);
  const userNamespace = userNamespaceOf('self') ?? '';
  const closing: (() => void)[] = [];
  const close = () => {
    for (const undo of closing.splice(0).reverse()) undo();
  };
  const serve = (at: string, root: TreeNode) => {
    const fd = mountFuse(at, root.kind === 'directory' ? '40000' : '100000', native);
    const session = new MountSession(fd, root, native, buffers, userNamespace, sessionEvents(log, end));
    const undo = () => {
      native.umount(at, MNT_DETACH);
      session.close();
    };
    closing.push(undo);
    return undo;
  };
  /** Nodes with a mount of their own, by path: what takes them away. */
  const alone = new Map<string, () => void>();
  const root = directory();
  const events = nameEvents(() => ({ path }));
  closing.push(() => events.close());
  try {
    serve(path, root);
    for (const node of host.devices().flatMap(({ nodes }) => nodes)) {
      if (node.class === 'fwctl' || apart) {
        const [place, name] = placeOf(node, root);
        place.entries.set(name, deviceNode(node));
        continue;
      }
      const file = await takeNodeFile(`/dev/${node.path}`, system, log);
      closing.push(() => file.release());
      const undo = serve(file.path, deviceNode(node));
      alone.set(node.path, () => {
        undo();
        file.remove();
      });
    }
  } catch (error) {
    close();
    throw error;
  }
  closing.push(
    host.onChange(({ kind, device }) => {
      for (const node of device.nodes) {
        if (node.class === 'fwctl' || apart) {
          const [place, name] = placeOf(node, root);
          const inMount = place === root ? name : node.path;
          if (kind === 'unplug') events.take(place, inMount);
          else events.put(place, inMount, deviceNode(node));
        } else if (kind === 'unplug') alone.get(node.path)?.();
        else if (node.class === 'cxl') log.warn('the node does not appear while serving by FUSE', { path: node.path });
        else throw new Error(`/dev/${node.path} cannot appear while serving; give it at the start`);
      }
    }),
  );
  return { ended, close };
}

/** Where a node stands in the mount of a directory: fwctl's in it, others below it as below /dev. */
function placeOf({ class: kind, path, name }: HostNode, root: MapDirectory): [MapDirectory, string] {
  if (kind === 'fwctl') return [root, name];
  let place = root;
  const [last = name, ...parents] = path.split('/').reverse();
  for (const parent of parents.reverse()) {
    const next = place.entries.get(parent);
    const below = next?.kind === 'directory' ? (next as MapDirectory) : directory();
    place.entries.set(parent, below);
    place = below;
  }
  return [place, last];
}

/** The connection's descriptor; the mount is made. Throws CliError. */
function mountFuse(path: string, rootMode: string, native: Native): number {
  const fd = openSync('/dev/fuse', constants.O_RDWR | constants.O_NONBLOCK);
  const options = `fd=${fd},rootmode=${rootMode},user_id=0,group_id=0,allow_other,default_permissions`;
  const mounted = native.mount(MOUNT_SOURCE, path, 'fuse', MS_NOSUID | MS_NODEV, options);
  if (mounted >= 0) return fd;
  closeSync(fd);
  const remedy =
    process.geteuid?.() === 0
      ? 'allow mounts to this container (--cap-add SYS_ADMIN)'
      : 'run it as root, or use "fwctl-emu run", which needs no root';
  throw new CliError(`serve: nothing can be mounted on ${path} (${errnoName(-mounted)}); ${remedy}`);
}

/** As a mounted tree shows a device. */
function deviceNode({ fileOps, mode, uid, gid }: HostNode): TreeNode {
  return { kind: 'device', fileOps, mode, uid, gid };
}
