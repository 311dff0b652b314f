/**
 * The directory of the nodes for `serve --workers` over FUSE: the main thread's own mount, with a place for each node on which its worker
 * mounts it. Whoever opens a place before that waits, and is then sent through the mount.
 */
import { lstat } from 'node:fs';
import { join } from 'node:path';
import { Held } from '../../abi/held.ts';
import type { NodeFacts } from '../../host/host-device.ts';
import { Errno } from '../../kernel/errno.ts';
import type { OpenFile } from '../../kernel/file-ops.ts';
import { MountSession } from '../../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../transport/fuse/reply.ts';
import { type DeviceNode, directory } from '../../transport/fuse/tree.ts';
import type { Native } from '../../transport/native.ts';
import { MNT_DETACH, mountFuse, placeOf } from '../fuse-mount.ts';
import { type NodeFile, takeNodeFile } from '../node-file.ts';
import type { DirectorySystem, Log } from '../parts.ts';
import { serviceEnd, sessionEvents } from '../session-events.ts';

/** open(2) looks the path up once more, as of a file on a server that forgot it: do_filp_open() of fs/namei.c. */
const LOOK_AGAIN = new Errno('ESTALE', 'the node is being mounted', 'open it again');
/** As fwctl's own open says of a device that goes between the look-up and the open; the caller may look again only once. */
const GONE = new Errno('ENXIO', 'the device has been unplugged', 'open the node of a plugged device');

interface Place {
  /** Opens until there is an answer. */
  readonly waiting: Held<OpenFile>[];
  /** To an open of the place itself. Undefined: the worker has not mounted the node yet. */
  answer: Errno | undefined;
}

export interface NodeDirectory {
  /** Resolves with the reason when it is not served any more. */
  readonly ended: Promise<string>;
  /** The file for a worker to mount the node on. Rejects where there can be none. */
  show(node: NodeFacts): Promise<string>;
  /** The worker has mounted what `show` gave. */
  mounted(path: string): void;
  /** Nobody finds it any more, and what is mounted on it goes with its last open file. */
  hide(node: NodeFacts): void;
  /** Takes the mount away with all that are on it. */
  close(): void;
}

/** `apart`: all nodes are below the directory, those from elsewhere in /dev too. Throws CliError. */
export function serveDirectory(
  path: string,
  apart: boolean,
  system: DirectorySystem,
  native: Native,
  log: Log,
): NodeDirectory {
  const { ended, end } = serviceEnd();
  const root = directory();
  const fd = mountFuse(path, 'directory', native);
  const session = new MountSession(fd, root, native, new FuseBuffers(native), '', sessionEvents(log, end));
  const places = new Map<string, Place>();
  /** Files elsewhere in /dev. */
  const files: NodeFile[] = [];
  const pathOf = (node: NodeFacts) => join(path, node.class === 'fwctl' ? node.name : node.path);
  const answer = (place: Place, errno: Errno) => {
    place.answer = errno;
    for (const held of place.waiting.splice(0)) held.release(() => refuse(errno));
  };
  let closed = false;
  /** For a worker that is still plugging when another has failed. */
  const refuseClosed = () => {
    if (closed) throw new Error(`${path} is not served any more`);
  };
  return {
    ended,
    async show(node) {
      refuseClosed();
      if (node.class !== 'fwctl' && !apart) {
        const file = await takeNodeFile(`/dev/${node.path}`, system, log);
        if (closed) file.release();
        refuseClosed();
        files.push(file);
        return file.path;
      }
      const place: Place = { waiting: [], answer: undefined };
      places.set(node.path, place);
      const [above, name] = placeOf(node, root);
      above.entries.set(name, placeNode(node, place));
      return pathOf(node);
    },
    mounted(nodePath) {
      const place = places.get(nodePath);
      if (place !== undefined) answer(place, LOOK_AGAIN);
    },
    hide(node) {
      const place = places.get(node.path);
      if (place === undefined) return;
      places.delete(node.path);
      const [above, name] = placeOf(node, root);
      above.entries.delete(name);
      // whoever has looked it up may open it still
      answer(place, GONE);
      // The kernel lets go of a mount whose place has gone when somebody looks for it: d_invalidate() of fs/dcache.c.
      lstat(pathOf(node), () => {});
    },
    close() {
      closed = true;
      native.umount(path, MNT_DETACH);
      session.close();
      for (const file of files.splice(0)) {
        native.umount(file.path, MNT_DETACH);
        file.release();
      }
    },
  };
}

function refuse(errno: Errno): never {
  throw errno;
}

function placeNode({ mode, uid, gid }: NodeFacts, place: Place): DeviceNode {
  const open = () => {
    if (place.answer !== undefined) throw place.answer;
    const held = new Held<OpenFile>();
    place.waiting.push(held);
    return held;
  };
  return { kind: 'device', fileOps: { open }, mode, uid, gid };
}
