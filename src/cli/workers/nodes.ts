/**
 * A worker's nodes over FUSE: a connection for each, mounted on a file that the main thread shows. A connection lives until the last file
 * that was opened through it is closed, though its device may be unplugged before.
 */
import type { HostNode } from '../../host/host-device.ts';
import { MountSession } from '../../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../transport/fuse/reply.ts';
import type { Native } from '../../transport/native.ts';
import { userNamespaceOf } from '../../transport/proc-caller.ts';
import { deviceNode, mountFuse } from '../fuse-mount.ts';
import type { HostPart, Log, TransportSession } from '../parts.ts';
import { serviceEnd, sessionEvents } from '../session-events.ts';

/** The main thread's part. */
export interface Places {
  /** Gives the file to mount the node on, or throws why there is none. */
  show(node: HostNode): string;
  /** It is mounted. */
  mounted(node: HostNode): void;
  /** Nobody finds it any more. */
  hide(node: HostNode): void;
}

export function startNodes(host: HostPart, places: Places, native: Native, log: Log): TransportSession {
  const { ended, end } = serviceEnd();
  const buffers = new FuseBuffers(native);
  const userNamespace = userNamespaceOf('self') ?? '';
  /** Those of plugged devices by node, and all that are open. */
  const plugged = new Map<HostNode, MountSession>();
  const open = new Set<MountSession>();
  const mountShown = (node: HostNode) => {
    const path = places.show(node);
    try {
      return mountFuse(path, 'device', native);
    } catch (error) {
      places.hide(node);
      throw error;
    }
  };
  const mount = (node: HostNode) => {
    const fd = mountShown(node);
    const gone = (reason: string) => {
      open.delete(session);
      if (plugged.delete(node)) end(reason);
    };
    const session = new MountSession(fd, deviceNode(node), native, buffers, userNamespace, sessionEvents(log, gone));
    open.add(session);
    plugged.set(node, session);
    places.mounted(node);
  };
  const stopListening = host.onChange(({ kind, device }) => {
    for (const node of device.nodes) {
      if (kind === 'plug') {
        mount(node);
      } else if (plugged.delete(node)) {
        places.hide(node);
      }
    }
  });
  return {
    ended,
    close() {
      stopListening();
      plugged.clear();
      for (const session of open) session.close();
      open.clear();
    },
  };
}
