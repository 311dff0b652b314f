/** `serve` over CUSE: a true character device for each device of a host, those plugged later included. */
import { existsSync } from 'node:fs';
import type { HostDevice } from '../host/machine/host-device.ts';
import type { Log } from '../host/machine/log.ts';
import { CuseDevice } from '../transport/cuse.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import type { Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { freeMajor, hostProcDevices } from '../view/host-facts.ts';
import { CuseNodes } from './cuse-nodes.ts';
import { nodeIsThere } from './node-file.ts';
import type { HostPart, TransportSession } from './parts.ts';
import { serviceEnd, sessionEvents } from './session-events.ts';

/** Makes the nodes. Throws, leaving none, when one cannot be made. */
export function startCuse(host: HostPart, native: Native, log: Log): TransportSession {
  const buffers = new FuseBuffers(native);
  const userNamespace = userNamespaceOf('self') ?? '';
  const nodes = new CuseNodes();
  const { ended, end } = serviceEnd();
  // one major number for all, the device's number as the minor, as fwctl's own nodes have
  const major = freeMajor(hostProcDevices());
  const plug = (device: HostDevice) => {
    for (const { path, class: kind, minor, mode, uid, gid, fileOps } of device.nodes) {
      // the kernel's own misc driver has major 10: a number is chosen for CUSE
      const number = kind === 'fwctl' ? { major, minor } : { major: 0, minor: 0 };
      if (existsSync(`/dev/${path}`)) throw nodeIsThere(`/dev/${path}`);
      const options = { node: path, ...number, mode, uid, gid, fileOps, userNamespace };
      nodes.add(path, new CuseDevice(options, native, buffers, sessionEvents(log, end)));
    }
  };
  const unplug = (device: HostDevice) => {
    for (const node of device.nodes) nodes.retire(node);
  };
  try {
    for (const device of host.devices()) plug(device);
  } catch (error) {
    nodes.close();
    throw error;
  }
  const stopListening = host.onChange(({ kind, device }) => (kind === 'plug' ? plug(device) : unplug(device)));
  return {
    ended,
    close() {
      stopListening();
      nodes.close();
    },
  };
}
