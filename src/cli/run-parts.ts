/** What `run` works with: a host's devices, shown in a private view and served over FUSE or CUSE. */

import { CliError } from '../host/config/cli-error.ts';
import type { Host } from '../host/machine/host.ts';
import type { HostDevice, HostNode } from '../host/machine/host-device.ts';
import type { Log } from '../host/machine/log.ts';
import { openRefusal, refuseWithoutMemory } from '../serve/serve-parts.ts';
import { sessionEvents } from '../serve/session-events.ts';
import { MountSession } from '../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import { loadNative, type Native } from '../transport/native.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { freeMajor, hostProcDevices, hostProcMisc, miscMinor } from '../view/host-facts.ts';
import { type View as MadeView, type ServeTree, startView } from '../view/view.ts';
import type { ViewDevice } from '../view/view-device.ts';
import { VIEW_EXEC } from './native-files.ts';
import type { RunParts, View, ViewRequest } from './parts.ts';
import { hasControllingTerminal } from './run.ts';

/** include/uapi/linux/major.h */
const MISC_MAJOR = 10;

export function runParts(host: Host, log: Log): RunParts {
  return { startView: (request) => start(host, request, log), hasTerminal: hasControllingTerminal, log };
}

async function start(host: Host, request: ViewRequest, log: Log): Promise<View> {
  const native = loadNative();
  const buffers = new FuseBuffers(native);
  // a client that takes its memory away meanwhile is the command's own, and ends by the watcher (native/watcher.c)
  native.setTrusting(1);
  const fwctl = freeMajor(hostProcDevices());
  const majors = { fwctl, cxl: freeMajor(hostProcDevices(), fwctl), misc: MISC_MAJOR };
  const devices = host.devices().map((device) => viewDevice(device, majors));
  const closing: (() => void)[] = [];
  const closeAll = () => {
    for (const close of closing.splice(0).reverse()) close();
  };
  const cuse = chooseCuse(request)
    ? (await import('../serve/run-cuse.ts')).cuseNodes(devices, native, buffers, log, closing)
    : undefined;
  if (cuse === undefined) refuseWithoutMemory('run', native);
  const serve = serveTree(native, buffers, log, closing);
  let view: MadeView;
  try {
    view = await startView({
      native,
      viewExec: VIEW_EXEC,
      devices,
      nodes:
        cuse === undefined
          ? { kind: 'fuse', serve }
          : { kind: 'directory', path: cuse.directory, fixed: cuse.fixed, serve },
      kmsg: host.kmsg,
      lockdown: host.lockdown,
      command: request.command as [string, ...string[]],
      variables: request.variables ?? {},
      waiting: request.waiting,
      another: request.another,
      mapUser: request.mapCurrentUser ? 'current' : 'root',
    });
  } catch (error) {
    closeAll();
    throw error;
  }
  for (const warning of view.warnings) log.warn(warning);
  const listening = [
    host.taint.listen(() => view.taint(host.taint.value)),
    host.onChange(({ kind, device }) => {
      const shown = viewDevice(device, majors);
      if (kind === 'plug') {
        view.addDevice(shown);
        cuse?.add(shown);
      } else {
        cuse?.remove(shown);
        view.removeDevice(shown);
      }
    }),
  ];
  return {
    exited: view.exited,
    signal: (name) => void view.signal(name),
    close() {
      for (const stop of listening) stop();
      view.close();
      closeAll();
    },
  };
}

/** `auto` is FUSE: a CUSE node would show outside the view, in the machine's /dev and /sys, while the command runs. */
function chooseCuse({ transport }: ViewRequest): boolean {
  if (transport !== 'cuse') return false;
  const refusal = openRefusal('/dev/cuse');
  if (refusal === undefined) return true;
  const remedy = 'load it with "modprobe cuse" as root, or leave --transport out';
  throw new CliError(`run: CUSE cannot be used (${refusal}); ${remedy}`);
}

function serveTree(native: Native, buffers: FuseBuffers, log: Log, closing: (() => void)[]): ServeTree {
  return (fd, root, pid) => {
    // The view's own user namespace plays the initial one.
    const userNamespace = userNamespaceOf(pid) ?? '';
    const events = sessionEvents(log, (reason, meant) => {
      if (meant) log.debug('the FUSE connection ended', { reason });
      else log.error('the devices of this run are gone', { reason });
    });
    const session = new MountSession(fd, root, native, buffers, userNamespace, events);
    closing.push(() => session.close());
  };
}

function viewDevice(
  { name, parents, nodes }: HostDevice,
  majors: Readonly<Record<HostNode['class'], number>>,
): ViewDevice {
  const numbered = nodes.map((node) => {
    const minor = node.class === 'misc' ? miscMinor(hostProcMisc(), node) : node.minor;
    return { ...node, major: majors[node.class], minor };
  });
  return { name, nodes: numbered, parents };
}
