/** `run --transport cuse`: true character devices for a private view. */
import { mkdirSync, rmdirSync } from 'node:fs';
import type { Log } from '../host/machine/log.ts';
import { CuseDevice } from '../transport/cuse.ts';
import type { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { fixedName, LIVE_DIRECTORY, type ViewDevice } from '../view/view-device.ts';
import { CuseNodes } from './cuse-nodes.ts';
import { sessionEvents } from './session-events.ts';

/** Real nodes in two directories of this run's own. */
export interface RunNodes {
  /** Those of /dev/fwctl, which follows plug and unplug. */
  readonly directory: string;
  /** All others, by `fixedName`. */
  readonly fixed: string;
  add(device: ViewDevice): void;
  remove(device: ViewDevice): void;
}

/** Makes the nodes. `closing` gets what undoes it. */
export function cuseNodes(
  devices: readonly ViewDevice[],
  native: Native,
  buffers: FuseBuffers,
  log: Log,
  closing: (() => void)[],
): RunNodes {
  const place = `fwctl-emu-${process.pid}`;
  const directory = `/dev/${place}`;
  const fixed = `${directory}.nodes`;
  // a view may have no node of the one kind or the other
  for (const path of [directory, fixed]) mkdirSync(path);
  const userNamespace = userNamespaceOf('self') ?? '';
  const nodes = new CuseNodes();
  const events = sessionEvents(log, () => {});
  closing.push(() => {
    nodes.close();
    for (const path of [directory, fixed]) {
      try {
        rmdirSync(path);
      } catch {
        // the kernel has removed it with the last node
      }
    }
  });
  const cuse: RunNodes = {
    directory,
    fixed,
    add(device) {
      for (const shown of device.nodes) {
        const { path, name, mode, uid, gid, fileOps } = shown;
        const live = path.startsWith(LIVE_DIRECTORY);
        // the kernel's own misc driver has major 10: a number is chosen for CUSE
        const { major, minor } = live ? shown : { major: 0, minor: 0 };
        const node = live ? `${place}/${name}` : `${place}.nodes/${fixedName(shown)}`;
        // the view has the directory mounted: it must outlive its last node
        const options = { node, major, minor, mode, uid, gid, fileOps, userNamespace, keepDirectory: true };
        nodes.add(path, new CuseDevice(options, native, buffers, events));
      }
    },
    remove(device) {
      for (const node of device.nodes) nodes.retire(node);
    },
  };
  for (const device of devices) cuse.add(device);
  return cuse;
}
