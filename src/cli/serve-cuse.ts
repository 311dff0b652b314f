/** `serve` over CUSE: a true character device for each device of a host, those plugged later included. */
import type { HostDevice } from '../host/host-device.ts';
import { CuseDevice } from '../transport/cuse.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import type { HostPart, Log, TransportSession } from './parts.ts';
import { sessionEvents } from './session-events.ts';

/** Makes the nodes. Throws, leaving none, when one cannot be made. */
export function startCuse(host: HostPart, native: Native, log: Log): TransportSession {
  const buffers = new FuseBuffers(native);
  const userNamespace = userNamespaceOf('self') ?? '';
  const nodes = new Map<string, CuseDevice>();
  let end = (_: string) => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const plug = ({ name, spec, fileOps }: HostDevice) => {
    const { mode, uid, gid } = spec;
    const options = { node: `fwctl/${name}`, major: 0, minor: 0, mode, uid, gid, fileOps, userNamespace };
    nodes.set(name, new CuseDevice(options, native, buffers, sessionEvents(log, end)));
  };
  const unplug = (name: string) => {
    nodes.get(name)?.close();
    nodes.delete(name);
  };
  const closeAll = () => {
    for (const name of [...nodes.keys()]) unplug(name);
  };
  try {
    for (const device of host.devices()) plug(device);
  } catch (error) {
    closeAll();
    throw error;
  }
  const stopListening = host.onChange(({ kind, device }) => (kind === 'plug' ? plug(device) : unplug(device.name)));
  return {
    ended,
    close() {
      stopListening();
      closeAll();
    },
  };
}
