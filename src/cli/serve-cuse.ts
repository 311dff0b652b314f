/** `serve` over CUSE: a true character device for each device of a host, those plugged later included. */
import type { HostDevice } from '../host/host-device.ts';
import { CuseDevice } from '../transport/cuse.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { freeMajor, hostProcDevices } from '../view/host-facts.ts';
import type { HostPart, Log, TransportSession } from './parts.ts';
import { sessionEvents } from './session-events.ts';

/** Makes the nodes. Throws, leaving none, when one cannot be made. */
export function startCuse(host: HostPart, native: Native, log: Log): TransportSession {
  const buffers = new FuseBuffers(native);
  const userNamespace = userNamespaceOf('self') ?? '';
  const nodes = new Map<string, CuseDevice>();
  /** Unplugged, and still open somewhere. */
  const orphans = new Set<CuseDevice>();
  let end = (_: string) => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  // one major number for all, the device's number as the minor, as fwctl's own nodes have
  const major = freeMajor(hostProcDevices());
  const plug = ({ name, minor, spec, fileOps }: HostDevice) => {
    const { mode, uid, gid } = spec;
    const options = { node: `fwctl/${name}`, major, minor, mode, uid, gid, fileOps, userNamespace };
    nodes.set(name, new CuseDevice(options, native, buffers, sessionEvents(log, end)));
  };
  const unplug = (name: string) => {
    const node = nodes.get(name);
    nodes.delete(name);
    if (node === undefined) return;
    node.retire(() => orphans.delete(node));
    if (!node.closed) orphans.add(node);
  };
  const closeAll = () => {
    for (const node of [...nodes.values(), ...orphans]) node.close();
    nodes.clear();
    orphans.clear();
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
