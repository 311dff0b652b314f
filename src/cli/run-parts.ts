/** What `run` works with: a host's devices, shown in a private view and served over FUSE or CUSE. */

import { errnoName } from '../abi/errno.ts';
import { CliError } from '../host/config/cli-error.ts';
import type { Host } from '../host/machine/host.ts';
import type { HostDevice, HostNode } from '../host/machine/host-device.ts';
import type { Log } from '../host/machine/log.ts';
import { openRefusal, refuseWithoutMemory } from '../serve/serve-parts.ts';
import { sessionEvents } from '../serve/session-events.ts';
import { MountSession } from '../transport/fuse/mount-session.ts';
import { FuseBuffers } from '../transport/fuse/reply.ts';
import { loadNative, type Native, type NotifyNative } from '../transport/native.ts';
import { NotifySession } from '../transport/notify/notify-session.ts';
import { userNamespaceOf } from '../transport/proc-caller.ts';
import { freeMajor, hostProcDevices, hostProcMisc, miscMinor } from '../view/host-facts.ts';
import { startView } from '../view/view.ts';
import type { ViewDevice } from '../view/view-device.ts';
import type { BareNodes, View as MadeView, ServeTree } from '../view/view-parts.ts';
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
  const way = chooseWay(request, native);
  const cuse = way.cuse
    ? (await import('../serve/run-cuse.ts')).cuseNodes(devices, native, buffers, log, closing)
    : undefined;
  if (cuse === undefined) refuseWithoutMemory('run', native);
  const serve = serveTree(native, buffers, log, closing);
  const bare = notifyNodes(request, native, buffers, log, closing);
  let view: MadeView;
  try {
    view = await startView({
      native,
      viewExec: VIEW_EXEC,
      devices,
      nodes:
        cuse !== undefined
          ? { kind: 'directory', path: cuse.directory, fixed: cuse.fixed, serve }
          : way.notify !== undefined
            ? { kind: 'notify', bare }
            : { kind: 'fuse', serve, ...(request.transport === 'auto' && { bare }) },
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
  tellWay(view.bare, way.notify, log);
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

interface Way {
  readonly cuse: boolean;
  /** Why it is seccomp, one clause; undefined: it is not. */
  readonly notify: string | undefined;
}

/**
 * `auto` is FUSE, and seccomp user notification where there is no /dev/fuse. Never CUSE: its nodes would show outside
 * the view, in the machine's /dev and /sys, while the command runs.
 */
function chooseWay({ transport }: ViewRequest, native: NotifyNative): Way {
  if (transport === 'cuse') {
    const refusal = openRefusal('/dev/cuse');
    const remedy = 'load it with "modprobe cuse" as root, or leave --transport out';
    if (refusal !== undefined) throw new CliError(`run: CUSE cannot be used (${refusal}); ${remedy}`);
    return { cuse: true, notify: undefined };
  }
  const refusal = transport === 'seccomp' ? 'it was asked for' : transport === 'auto' && openRefusal('/dev/fuse');
  if (!refusal) return { cuse: false, notify: undefined };
  const missing = native.probeFilter();
  // where both are missing, the view says what FUSE lacks
  if (missing === 0) return { cuse: false, notify: refusal };
  if (transport === 'auto') return { cuse: false, notify: undefined };
  const why = `seccomp: ${errnoName(-missing)}`;
  throw new CliError(`run: seccomp user notification cannot be used (${why}); it needs Linux 5.19, and no sandbox`);
}

/** Somebody at a terminal is told where the command runs by another way than the usual one. */
function tellWay(bare: string | undefined, notify: string | undefined, log: Log): void {
  if (bare === undefined && notify === undefined) return;
  const why = [notify, bare].filter((reason) => reason !== undefined).join('; ');
  const how = bare === undefined ? 'with mounts' : 'by path calls, which are slower';
  if (process.stderr.isTTY && notify !== 'it was asked for')
    process.stderr.write(`fwctl-emu: devices by seccomp user notification, ${how} (${why})\n`);
  log.info('devices by seccomp user notification', { mounts: bare === undefined, why });
}

/** What traps the command's calls, with mounts or without. */
function notifyNodes(
  { verifyDescriptors = false }: ViewRequest,
  native: Native & NotifyNative,
  buffers: FuseBuffers,
  log: Log,
  closing: (() => void)[],
): BareNodes {
  return {
    native,
    always: process.env.FWCTL_EMU_NO_MOUNTS === '1',
    refused: (what) => log.warn('not done without mounts', { what }),
    serve(listener, nodes, view, pid, owner) {
      const userNamespace = userNamespaceOf(pid) ?? '';
      const events = sessionEvents(log, (reason) => log.debug('the seccomp connection ended', { reason }));
      const options = { listener, nodes, userNamespace, owner, verify: verifyDescriptors, view };
      const session = new NotifySession(options, native, buffers, events);
      closing.push(() => {
        const { interrupted } = session;
        if (interrupted > 0)
          log.info('a signal interrupted calls before they were received: EINTR without SA_RESTART', {
            calls: interrupted,
          });
        session.close();
      });
    },
  };
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
