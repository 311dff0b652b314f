/**
 * One run of a program against a machine of the oracle's: the devices by FUSE or CUSE, in a private view whose /dev,
 * /sys and taint are the machine's own, with the hook and the counters.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CuseDevice } from '../../src/transport/cuse.ts';
import { MountSession } from '../../src/transport/fuse/mount-session.ts';
import type { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import type { SessionEvents } from '../../src/transport/fuse/session.ts';
import { NATIVE_DIRECTORY, type Native, type NotifyNative } from '../../src/transport/native.ts';
import { NotifySession } from '../../src/transport/notify/notify-session.ts';
import type { OpenFilesEvents } from '../../src/transport/open-files.ts';
import { userNamespaceOf } from '../../src/transport/proc-caller.ts';
import { startView } from '../../src/view/view.ts';
import type { ViewDevice } from '../../src/view/view-device.ts';
import type { ServeNotify, ServeTree, View, ViewNodes } from '../../src/view/view-parts.ts';
import { repository } from '../repository.ts';
import type { BenchMachine, BenchNode } from './bench-machine.ts';
import { HIDDEN_COUNTERS, hideCounters, mountCounters } from './counters.ts';
import { serveHook } from './hook-server.ts';
import { byCuse, type OracleTransport } from './transport.ts';

/** What is run. */
export interface BenchProgram {
  readonly command: readonly [program: string, ...args: string[]];
  /** Names of the environment variables that say where the program of the hook is, and the counters' directory. */
  readonly hook: string;
  readonly counters: string;
  /** Further environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What it is served by. */
export interface Bench {
  readonly transport: OracleTransport;
  /** Of the nodes. */
  readonly major: number;
  readonly native: Native & NotifyNative;
  readonly buffers: FuseBuffers;
}

export interface BenchRun {
  /** Exit status of the program; 99: its own time limit. */
  readonly code: number | null;
  readonly stderr: string;
  /** What the transport complained of: bugs of ours, callers out of reach. */
  readonly complaints: readonly string[];
  /** Major number of the nodes. */
  readonly major: number;
}

/** Runs a program in the machine's view. */
export async function runInView(
  { transport, major, native, buffers }: Bench,
  machine: BenchMachine,
  program: BenchProgram,
): Promise<BenchRun> {
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-oracle-'));
  chmodSync(place, 0o755); // some cases run as another user
  const complaints: string[] = [];
  const complain = (error: unknown) => complaints.push(error instanceof Error ? String(error.stack) : String(error));
  const events: SessionEvents & OpenFilesEvents = { ended() {}, bug: complain, unreachable: complain };
  const closing: (() => void)[] = [];
  try {
    const hook = await serveHook(join(place, 'hook'), machine);
    closing.push(() => hook.close());
    const cuse = byCuse(transport) ? new CuseNodes(major, transport === 'retry', native, buffers, events) : undefined;
    const sessions: NotifySession[] = [];
    const settled = {
      counters() {
        sessions[0]?.settle(); // close(2) does not wait for the release
        return machine.counters();
      },
    };
    if (transport !== 'fuse') closing.push(mountCounters(join(place, 'counters'), settled, native, buffers));
    if (cuse) {
      for (const device of machine.devices) cuse.add(device);
      closing.push(() => cuse.close());
    }
    const view = await startView({
      native,
      viewExec: new URL('view-exec', NATIVE_DIRECTORY).pathname,
      devices: machine.devices.map((device) => viewDevice(device, major)),
      nodes: transport.startsWith('seccomp')
        ? notifyNodes(transport, native, buffers, events, closing, sessions)
        : {
            ...(cuse ? { kind: 'directory', path: '/dev/fwctl' } : { kind: 'fuse' }),
            serve: serveTree(native, buffers, events, closing, machine),
          },
      kmsg: machine.kmsg,
      command: program.command,
      variables: {
        ...program.env,
        FWX_HOOK_SOCKET: join(place, 'hook'),
        [program.hook]: join(repository, 'build/oracle/hook'),
        [program.counters]: transport === 'fuse' ? `/dev/fwctl/${HIDDEN_COUNTERS}` : join(place, 'counters'),
      },
      mapUser: 'root',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    closing.push(() => view.close());
    follow(machine, view, cuse, major);
    let stderr = '';
    view.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const { code } = await view.exited;
    for (const warning of view.warnings) complaints.push(`view: ${warning}`);
    return { code, stderr, complaints, major };
  } finally {
    for (const close of closing.reverse()) close();
    rmSync(place, { recursive: true, force: true });
  }
}

/** View and nodes follow plug and unplug; the taint follows the log, whose line comes after it. */
function follow(machine: BenchMachine, view: View, cuse: CuseNodes | undefined, major: number): void {
  machine.events = {
    plugged(device) {
      view.addDevice(viewDevice(device, major));
      cuse?.add(device);
    },
    unplugged(device) {
      cuse?.remove(device);
      view.removeDevice(viewDevice(device, major));
    },
  };
  machine.kmsg.listen(() => view.taint(machine.taint.value));
}

function serveTree(
  native: Native,
  buffers: FuseBuffers,
  events: SessionEvents & OpenFilesEvents,
  closing: (() => void)[],
  machine: BenchMachine,
): ServeTree {
  return (fd, root, pid) => {
    const devices = root.entries.get('fwctl');
    if (devices?.kind === 'directory') hideCounters(devices, machine);
    const session = new MountSession(fd, root, native, buffers, userNamespaceOf(pid) ?? '', events);
    closing.push(() => session.close());
  };
}

/** By notification; each descriptor is looked at, as the cases are quicker than any client. */
function notifyNodes(
  transport: OracleTransport,
  native: Native & NotifyNative,
  buffers: FuseBuffers,
  events: SessionEvents & OpenFilesEvents,
  closing: (() => void)[],
  sessions: NotifySession[],
): ViewNodes {
  const serve: ServeNotify = (listener, nodes, view, pid, owner) => {
    const userNamespace = userNamespaceOf(pid) ?? '';
    const options = { listener, nodes, view, owner, userNamespace, verify: true };
    const session = new NotifySession(options, native, buffers, events);
    sessions.push(session);
    closing.push(() => session.close());
  };
  const bare = { native, serve, always: transport === 'seccomp-paths', refused() {} };
  return { kind: 'notify', bare };
}

/** True character devices in the machine's /dev/fwctl, with the numbers that the kernel's own would have. */
class CuseNodes {
  private readonly nodes = new Map<BenchNode, CuseDevice>();
  private readonly make: (device: BenchNode) => CuseDevice;

  constructor(
    major: number,
    retryOnly: boolean,
    native: Native,
    buffers: FuseBuffers,
    events: SessionEvents & OpenFilesEvents,
  ) {
    const userNamespace = userNamespaceOf('self') ?? '';
    this.make = ({ node: { device, fileOps } }) =>
      new CuseDevice(
        {
          node: `fwctl/${device.name}`,
          major,
          minor: device.minor,
          mode: 0o600,
          uid: 0,
          gid: 0,
          fileOps,
          userNamespace,
          retryOnly,
        },
        native,
        buffers,
        events,
      );
  }

  add(device: BenchNode): void {
    this.nodes.set(device, this.make(device));
  }

  remove(device: BenchNode): void {
    this.nodes.get(device)?.retire();
    this.nodes.delete(device);
  }

  close(): void {
    for (const node of this.nodes.values()) node.close();
  }
}

function viewDevice({ node: { device, fileOps }, parents }: BenchNode, major: number): ViewDevice {
  const { name, minor } = device;
  return {
    name,
    nodes: [{ path: `fwctl/${name}`, name, class: 'fwctl', major, minor, mode: 0o600, uid: 0, gid: 0, fileOps }],
    parents,
  };
}
