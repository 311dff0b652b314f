/** `run --transport cuse`: true character devices for a private view. */
import { mkdirSync, rmdirSync } from 'node:fs';
import type { Log } from '../host/machine/log.ts';
import { CuseDevice } from '../transport/cuse.ts';
import type { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { fixedName, LIVE_DIRECTORIES, liveDirectory, type ViewDevice } from '../view/view-device.ts';
import { CuseNodes } from './cuse-nodes.ts';
import { sessionEvents } from './session-events.ts';

/** Real nodes in directories of this run's own. */
export interface RunNodes {
  /** Those of /dev/fwctl, which follows plug and unplug; those of other live directories in `DIRECTORY.NAME`. */
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
  const placeOf = (live: string) => (live === 'fwctl' ? place : `${place}.${live}`);
  const directory = `/dev/${place}`;
  const fixed = `${directory}.nodes`;
  // a view may have no node of the one kind or the other
  const all = [fixed, ...LIVE_DIRECTORIES.map((name) => `/dev/${placeOf(name)}`)];
  for (const path of all) mkdirSync(path);
  const userNamespace = userNamespaceOf('self') ?? '';
  const nodes = new CuseNodes();
  const events = sessionEvents(log, () => {});
  closing.push(() => {
    nodes.close();
    for (const path of all) {
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
        const live = liveDirectory(shown);
        // the kernel's own misc driver has major 10: a number is chosen for CUSE
        const { major, minor } = live === undefined ? { major: 0, minor: 0 } : shown;
        const node = live === undefined ? `${place}.nodes/${fixedName(shown)}` : `${placeOf(live)}/${name}`;
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
