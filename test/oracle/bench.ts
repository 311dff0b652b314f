/**
 * One run of fwx against one emulated machine: the devices by FUSE or CUSE, in a private view whose /dev, /sys and
 * taint are the machine's own, with the hook and the counters.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AbiName } from '../../src/abi/profiles.ts';
import { CuseDevice } from '../../src/transport/cuse.ts';
import { MountSession } from '../../src/transport/fuse/mount-session.ts';
import type { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import type { SessionEvents } from '../../src/transport/fuse/session.ts';
import { NATIVE_DIRECTORY, type Native } from '../../src/transport/native.ts';
import type { OpenFilesEvents } from '../../src/transport/open-files.ts';
import { userNamespaceOf } from '../../src/transport/proc-caller.ts';
import { freeMajor, hostProcDevices } from '../../src/view/host-facts.ts';
import { type ServeTree, startView, type View } from '../../src/view/view.ts';
import type { ViewDevice } from '../../src/view/view-device.ts';
import { repository } from '../repository.ts';
import { HIDDEN_COUNTERS, hideCounters, mountCounters } from './counters.ts';
import { serveHook } from './hook-server.ts';
import { OracleMachine, type OracleNode } from './machine.ts';
import { LIMIT_SECONDS, type Section } from './sections.ts';

/** `retry` is CUSE with every caller served by ioctl retry, none by thread id. */
export type OracleTransport = 'fuse' | 'cuse' | 'retry';

export interface BenchRun {
  /** Exit status of fwx; 99: its own time limit. */
  readonly code: number | null;
  readonly stderr: string;
  /** What the transport complained of: bugs of ours, callers out of reach. */
  readonly complaints: readonly string[];
  /** Major number of the nodes. */
  readonly major: number;
}

/** Runs fwx for a section, its records going to `file`. */
export async function runFwx(
  transport: OracleTransport,
  abi: AbiName,
  { args, limitSeconds = LIMIT_SECONDS }: Section,
  file: string,
  native: Native,
  buffers: FuseBuffers,
): Promise<BenchRun> {
  const major = freeMajor(hostProcDevices());
  const machine = new OracleMachine(abi, major);
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-oracle-'));
  chmodSync(place, 0o755); // some cases run as another user
  const complaints: string[] = [];
  const complain = (error: unknown) => complaints.push(error instanceof Error ? String(error.stack) : String(error));
  const events: SessionEvents & OpenFilesEvents = { ended() {}, bug: complain, unreachable: complain };
  const closing: (() => void)[] = [];
  try {
    const hook = await serveHook(join(place, 'hook'), machine);
    closing.push(() => hook.close());
    const cuse =
      transport === 'fuse' ? undefined : new CuseNodes(major, transport === 'retry', native, buffers, events);
    if (cuse) {
      closing.push(mountCounters(join(place, 'counters'), machine, native, buffers));
      for (const device of machine.devices) cuse.add(device);
      closing.push(() => cuse.close());
    }
    const view = await startView({
      native,
      viewExec: new URL('view-exec', NATIVE_DIRECTORY).pathname,
      devices: machine.devices.map((device) => viewDevice(device, major)),
      nodes: {
        ...(cuse ? { kind: 'directory', path: '/dev/fwctl' } : { kind: 'fuse' }),
        serve: serveTree(native, buffers, events, closing, machine),
      },
      kmsg: machine.kmsg,
      command: [join(repository, 'build/oracle/fwx'), '-T', String(limitSeconds), '-o', file, ...args],
      env: {
        ...process.env,
        FWX_HOOK: join(repository, 'build/oracle/hook'),
        FWX_HOOK_SOCKET: join(place, 'hook'),
        FWX_COUNTERS: cuse ? join(place, 'counters') : `/dev/fwctl/${HIDDEN_COUNTERS}`,
      },
      mapUser: 'root',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    closing.push(() => view.close());
    follow(machine, view, cuse, major);
    let stderr = '';
    view.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
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
function follow(machine: OracleMachine, view: View, cuse: CuseNodes | undefined, major: number): void {
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
  machine: OracleMachine,
): ServeTree {
  return (fd, root, pid) => {
    const devices = root.entries.get('fwctl');
    if (devices?.kind === 'directory') hideCounters(devices, machine);
    const session = new MountSession(fd, root, native, buffers, userNamespaceOf(pid) ?? '', events);
    closing.push(() => session.close());
  };
}

/** True character devices in the machine's /dev/fwctl, with the numbers that the kernel's own would have. */
class CuseNodes {
  private readonly nodes = new Map<OracleNode, CuseDevice>();
  private readonly make: (device: OracleNode) => CuseDevice;

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

  add(device: OracleNode): void {
    this.nodes.set(device, this.make(device));
  }

  remove(device: OracleNode): void {
    this.nodes.get(device)?.retire();
    this.nodes.delete(device);
  }

  close(): void {
    for (const node of this.nodes.values()) node.close();
  }
}

/** The recorder's fake ConnectX-6 (101b), and its raw mocks as PCI functions. */
function viewDevice({ node: { device, fileOps }, pci, auxiliary }: OracleNode, major: number): ViewDevice {
  const mlx5 = auxiliary !== undefined;
  const { name, minor } = device;
  return {
    name,
    nodes: [{ path: `fwctl/${name}`, name, class: 'fwctl', major, minor, mode: 0o600, uid: 0, gid: 0, fileOps }],
    parents: [
      {
        bus: 'pci',
        name: pci,
        driver: mlx5 ? 'mlx5_core' : 'fwctl_emu_raw',
        holds: true,
        identity: {
          vendor: 0x15b3,
          device: 0x101b,
          subsystemVendor: 0x15b3,
          subsystemDevice: 8,
          revision: 0,
          classCode: 0x020000,
        },
      },
      ...(mlx5
        ? [
            {
              bus: 'auxiliary',
              name: `mlx5_core.fwctl.${auxiliary}`,
              driver: 'mlx5_fwctl.mlx5_fwctl',
              holds: false,
              modalias: 'auxiliary:mlx5_core.fwctl',
            } as const,
          ]
        : []),
    ],
  };
}
