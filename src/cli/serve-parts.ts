/** What `serve` works with: /dev/cuse and /dev/fuse of the machine, a host's devices behind them. */
import { closeSync, constants, openSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import type { HostDevice } from '../host/host-device.ts';
import { MountSession } from '../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import { directory, type TreeNode } from '../transport/fuse/tree.ts';
import { MOUNT_SOURCE, readMountTable } from '../transport/mount-table.ts';
import { loadNative, type Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { askMount } from './ask-mount.ts';
import { CliError } from './cli-error.ts';
import type { DirectorySystem, HostPart, Log, ServeParts, TransportSession } from './parts.ts';
import { sessionEvents } from './session-events.ts';

/** sys/mount.h */
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MNT_DETACH = 2;

export function serveParts(host: HostPart, log: Log): ServeParts {
  const native = loadNative();
  return {
    host,
    system: directorySystem(native),
    cuseRefusal: () => openRefusal('/dev/cuse'),
    // Few machines have /dev/cuse: loaded where it is used.
    startCuse: async (plugged) => (await import('./serve-cuse.ts')).startCuse(plugged, native, log),
    startFuse: async (plugged, path) => startFuse(plugged, path, native, log),
    notify: (text) => native.notify(text),
    say: (line) => void process.stdout.write(`${line}\n`),
    log,
  };
}

function directorySystem(native: Native): DirectorySystem {
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

function startFuse(host: HostPart, path: string, native: Native, log: Log): TransportSession {
  const refusal = openRefusal('/dev/fuse');
  if (refusal !== undefined)
    throw new CliError(`serve: FUSE cannot be used (${refusal}); "fwctl-emu doctor" says what to do`);
  const fd = openSync('/dev/fuse', constants.O_RDWR | constants.O_NONBLOCK);
  const options = `fd=${fd},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions`;
  const mounted = native.mount(MOUNT_SOURCE, path, 'fuse', MS_NOSUID | MS_NODEV, options);
  if (mounted < 0) {
    closeSync(fd);
    const remedy =
      process.geteuid?.() === 0
        ? 'allow mounts to this container (--cap-add SYS_ADMIN)'
        : 'run it as root, or use "fwctl-emu run", which needs no root';
    throw new CliError(`serve: nothing can be mounted on ${path} (${errnoName(-mounted)}); ${remedy}`);
  }
  let end = (_: string) => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const root = directory(host.devices().map((device) => [device.name, deviceNode(device)]));
  const stopListening = host.onChange(({ kind, device }) => {
    if (kind === 'plug') root.entries.set(device.name, deviceNode(device));
    else root.entries.delete(device.name);
  });
  const userNamespace = userNamespaceOf('self') ?? '';
  const session = new MountSession(fd, root, native, new FuseBuffers(native), userNamespace, sessionEvents(log, end));
  let open = true;
  return {
    ended,
    close() {
      if (!open) return;
      open = false;
      stopListening();
      native.umount(path, MNT_DETACH);
      session.close();
    },
  };
}

/** As a mounted tree shows a device. */
function deviceNode({ fileOps, spec }: HostDevice): TreeNode {
  return { kind: 'device', fileOps, mode: spec.mode, uid: spec.uid, gid: spec.gid };
}
