/** `run --transport cuse`: true character devices for a private view. */
import { rmdirSync } from 'node:fs';
import { CuseDevice } from '../transport/cuse.ts';
import type { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import type { ViewDevice } from '../view/view-device.ts';
import type { Log } from './parts.ts';
import { sessionEvents } from './session-events.ts';

/** Real nodes in a directory of this run's own, which follows plug and unplug. */
export interface CuseNodes {
  readonly directory: string;
  add(device: ViewDevice): void;
  remove(name: string): void;
}

/** Makes the nodes. `closing` gets what undoes it. */
export function cuseNodes(
  devices: readonly ViewDevice[],
  native: Native,
  buffers: FuseBuffers,
  log: Log,
  closing: (() => void)[],
): CuseNodes {
  const place = `fwctl-emu-${process.pid}`;
  const directory = `/dev/${place}`;
  const userNamespace = userNamespaceOf('self') ?? '';
  const nodes = new Map<string, CuseDevice>();
  /** Unplugged, and still open somewhere. */
  const orphans = new Set<CuseDevice>();
  const events = sessionEvents(log, () => {});
  closing.push(() => {
    for (const node of [...nodes.values(), ...orphans]) node.close();
    try {
      rmdirSync(directory);
    } catch {
      // the kernel has removed it with the last node
    }
  });
  const cuse: CuseNodes = {
    directory,
    add({ name, minor, major, spec, fileOps }) {
      const { mode, uid, gid } = spec;
      // the view has this directory mounted: it must outlive its last node
      const options = {
        node: `${place}/${name}`,
        major,
        minor,
        mode,
        uid,
        gid,
        fileOps,
        userNamespace,
        keepDirectory: true,
      };
      nodes.set(name, new CuseDevice(options, native, buffers, events));
    },
    remove(name) {
      const node = nodes.get(name);
      nodes.delete(name);
      if (node === undefined) return;
      node.retire(() => orphans.delete(node));
      if (!node.closed) orphans.add(node);
    },
  };
  for (const device of devices) cuse.add(device);
  return cuse;
}
