/** What `serve` works with: /dev/cuse and /dev/fuse of the machine, a host's devices behind them. */
import { closeSync, constants, openSync } from 'node:fs';
import type { HostNode } from '../host/host-device.ts';
import { MountSession } from '../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import { type DeviceNode, type DirectoryNode, directory } from '../transport/fuse/tree.ts';
import { readMountTable } from '../transport/mount-table.ts';
import { loadNative, type Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { askMount } from './ask-mount.ts';
import { CliError } from './cli-error.ts';
import { deviceNode, MNT_DETACH, mountFuse, placeOf } from './fuse-mount.ts';
import { takeNodeFile } from './node-file.ts';
import type { DirectorySystem, HostPart, Log, ServeParts, TransportSession } from './parts.ts';
import { serviceEnd, sessionEvents } from './session-events.ts';

export function serveParts(host: HostPart, log: Log): ServeParts {
  const native = loadNative();
  const system = directorySystem(native);
  return {
    devices: { configure: (spec) => void host.plug(spec), devices: () => host.devices() },
    system,
    cuseRefusal: () => openRefusal('/dev/cuse'),
    // Few machines have /dev/cuse: loaded where it is used.
    startCuse: async () => (await import('./serve-cuse.ts')).startCuse(host, native, log),
    startFuse: async (path, apart) => startFuse(host, path, apart, system, native, log),
    notify: (text) => native.notify(text),
    say: (line) => void process.stdout.write(`${line}\n`),
    log,
  };
}

export function directorySystem(native: Native): DirectorySystem {
  return {
    mountTable: () => readMountTable(),
    askMount: (path) => askMount(path),
    unmountLazily: (path) => native.umount(path, MNT_DETACH),
  };
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

/** Why nothing can be served over FUSE; undefined: it can. */
export function fuseRefusal(): CliError | undefined {
  const refusal = openRefusal('/dev/fuse');
  if (refusal === undefined) return undefined;
  return new CliError(`serve: FUSE cannot be used (${refusal}); "fwctl-emu doctor" says what to do`);
}

/**
 * One mount for /dev/fwctl, and one for each node elsewhere, on a file of its own. In another directory (`apart`) all nodes are in the
 * one mount, those from elsewhere by their path below /dev.
 */
async function startFuse(
  host: HostPart,
  path: string,
  apart: boolean,
  system: DirectorySystem,
  native: Native,
  log: Log,
): Promise<TransportSession> {
  const refusal = fuseRefusal();
  if (refusal !== undefined) throw refusal;
  const { ended, end } = serviceEnd();
  const buffers = new FuseBuffers(native);
  const userNamespace = userNamespaceOf('self') ?? '';
  const closing: (() => void)[] = [];
  const close = () => {
    for (const undo of closing.splice(0).reverse()) undo();
  };
  const serve = (at: string, root: DirectoryNode | DeviceNode) => {
    const fd = mountFuse(at, root.kind, native);
    const session = new MountSession(fd, root, native, buffers, userNamespace, sessionEvents(log, end));
    closing.push(() => {
      native.umount(at, MNT_DETACH);
      session.close();
    });
  };
  const root = directory();
  const show = (node: HostNode) => {
    const [place, name] = placeOf(node, root);
    place.entries.set(name, deviceNode(node));
  };
  try {
    serve(path, root);
    for (const node of host.devices().flatMap(({ nodes }) => nodes)) {
      if (node.class === 'fwctl' || apart) {
        show(node);
        continue;
      }
      const file = await takeNodeFile(`/dev/${node.path}`, system, log);
      closing.push(() => file.release());
      serve(file.path, deviceNode(node));
    }
  } catch (error) {
    close();
    throw error;
  }
  closing.push(
    host.onChange(({ kind, device }) => {
      for (const node of device.nodes) {
        if (kind === 'unplug') root.entries.delete(node.name);
        else if (node.class === 'fwctl') show(node);
        else throw new Error(`/dev/${node.path} cannot appear while serving; give it at the start`);
      }
    }),
  );
  return { ended, close };
}
