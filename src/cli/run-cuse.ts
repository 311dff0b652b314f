/** `run --transport cuse`: true character devices for a private view. */
import { CuseDevice } from '../transport/cuse.ts';
import type { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import type { ViewNodes } from '../view/view.ts';
import type { ViewDevice } from '../view/view-device.ts';
import type { Log } from './parts.ts';
import { sessionEvents } from './session-events.ts';

/** Real nodes in a directory of this run's own; the kernel makes and removes it with them. `closing` gets what undoes it. */
export function cuseNodes(
  devices: readonly ViewDevice[],
  native: Native,
  buffers: FuseBuffers,
  log: Log,
  closing: (() => void)[],
): ViewNodes {
  const place = `fwctl-emu-${process.pid}`;
  const userNamespace = userNamespaceOf('self') ?? '';
  for (const { name, minor, major, spec, fileOps } of devices) {
    const { mode, uid, gid } = spec;
    const options = { node: `${place}/${name}`, major, minor, mode, uid, gid, fileOps, userNamespace };
    const node = new CuseDevice(
      options,
      native,
      buffers,
      sessionEvents(log, () => {}),
    );
    closing.push(() => node.close());
  }
  return { kind: 'directory', path: `/dev/${place}` };
}
