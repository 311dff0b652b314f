/** The control socket of `run` and `serve`: where it is, and what stands behind it. */
import type { Socket } from 'node:net';
import type { ControlContext } from '../control/context.ts';
import { type ConnectionTaker, type Listening, listenControl, SocketTaken } from '../control/listen.ts';
import { DEFAULT_SOCKET } from '../control/protocol.ts';
import type { Machine } from '../emulator/machine.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import type { Log } from '../host/machine/log.ts';
import { loadNative } from '../transport/native.ts';
import { privateBase } from '../view/host-facts.ts';
import type { ServeVerbOptions } from './command.ts';
import { LONGEST_BASE, listenPrivately, removeDeadSockets } from './run-socket.ts';

/** What stays of the command line; mode: octal digits, owner and group: names or numbers. */
type ControlOptions = Pick<
  ServeVerbOptions,
  'control' | 'controlSocket' | 'controlMode' | 'controlOwner' | 'controlGroup'
>;

/** The first descriptor of socket activation: sd_listen_fds(3). */
const LISTEN_FDS_START = 3;
const SERVE_MODE = 0o660;

export interface ControlParts {
  readonly machine: Machine;
  readonly configured: readonly DeviceSpec[];
  readonly version: string;
  readonly log: Log;
  /** Made with the first connection, for the socket and the inspector together. */
  context?: Promise<ControlContext>;
}

/** For `run`: in a directory that only this user may enter, reachable in the view. Undefined: --no-control. */
export async function openRunControl(options: ControlOptions, parts: ControlParts): Promise<Listening | undefined> {
  if (!options.control) return undefined;
  const { lockFile } = loadNative();
  let base: string;
  try {
    base = privateBase(process.env.XDG_RUNTIME_DIR, LONGEST_BASE);
  } catch (error) {
    parts.log.warn(`there is no control socket: ${(error as Error).message}, or give --no-control`);
    return undefined;
  }
  // Beside the start, which does not wait for it; the end does.
  const removing = removeDeadSockets(base, lockFile);
  const made = await listenPrivately(base, lockFile, (at) =>
    listenControl(
      { at, mode: 0o600 },
      orSay(parts.log, () => taker('run', parts)),
    ),
  );
  const finish = async () => {
    await removing;
    await made.finish();
  };
  return { ...made, finish };
}

/** For `serve`: systemd's socket where there is one, else the path asked for, else the default one if it can be had. */
export async function openServeControl(options: ControlOptions, parts: ControlParts): Promise<Listening | undefined> {
  if (!options.control) return undefined;
  const { log } = parts;
  const load = orSay(log, () => taker('serve', parts));
  if (options.controlSocket === undefined && isActivated(process.env, process.pid)) {
    return listenControl({ at: { fd: LISTEN_FDS_START }, mode: 0 }, load);
  }
  const place = { at: options.controlSocket ?? DEFAULT_SOCKET, ...(await accessOf(options)) };
  try {
    return await listenControl(place, load);
  } catch (error) {
    const taken = error instanceof SocketTaken;
    const { message } = error as Error;
    if (options.controlSocket !== undefined) {
      const remedy = taken ? '; it is left as it is: take it away, or give another --control-socket PATH' : '';
      throw new CliError(`serve: ${message}${remedy}`);
    }
    const remedy = taken ? 'give this one --control-socket PATH' : 'run as root, or give --control-socket PATH';
    log.warn(`there is no control socket: ${message}; ${remedy}`);
    return undefined;
  }
}

/** Says, once, that what answers could not be loaded: a damaged installation. */
export function orSay(log: Log, load: () => Promise<ConnectionTaker>): () => Promise<ConnectionTaker> {
  return () =>
    load().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.error(`the control socket answers every request 500: its modules cannot be loaded: ${reason}; install again`);
      throw error;
    });
}

/** systemd has given this very process a socket: LISTEN_PID and LISTEN_FDS of sd_listen_fds(3). */
export function isActivated(env: Readonly<Record<string, string | undefined>>, pid: number): boolean {
  return env.LISTEN_PID === String(pid) && Number(env.LISTEN_FDS) >= 1;
}

async function accessOf({ controlMode, controlOwner, controlGroup }: ControlOptions) {
  const mode = controlMode === undefined ? SERVE_MODE : Number.parseInt(controlMode, 8);
  if (controlOwner === undefined && controlGroup === undefined) return { mode };
  const { systemAccounts } = await import('../host/config/accounts.ts');
  const accounts = systemAccounts();
  const idOf = (text: string | undefined, flag: string, find: (name: string) => number | undefined) => {
    if (text === undefined) return undefined;
    const id = /^\d+$/.test(text) ? Number(text) : find(text);
    if (id !== undefined && id < 0xffff_ffff) return id;
    throw new CliError(`serve: ${flag}: there is no ${text} on this machine`, EXIT.usage);
  };
  return {
    mode,
    uid: idOf(controlOwner, '--control-owner', (name) => accounts.user(name)),
    gid: idOf(controlGroup, '--control-group', (name) => accounts.group(name)),
  };
}

/** Node has no public name for it; a connection that has ended has none. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } | null })._handle?.fd ?? -1;
}

async function taker(verb: 'run' | 'serve', parts: ControlParts): Promise<ConnectionTaker> {
  const [{ ControlServer }, { METHODS }, context] = await Promise.all([
    import('../control/server.ts'),
    import('../control/methods.ts'),
    controlContext(verb, parts),
  ]);
  return new ControlServer(METHODS, context, bugOf(parts.log));
}

/** What the methods of one emulator work on, whichever way they are asked. */
export function controlContext(verb: 'run' | 'serve', parts: ControlParts): Promise<ControlContext> {
  parts.context ??= makeContext(verb, parts);
  return parts.context;
}

async function makeContext(
  verb: 'run' | 'serve',
  { machine, configured, version }: ControlParts,
): Promise<ControlContext> {
  const [{ specReader }, { Turns }, { ChangedValues }] = await Promise.all([
    import('../control/spec-reader.ts'),
    import('../control/turns.ts'),
    import('../control/changed-values.ts'),
  ]);
  return {
    ...machine,
    peerUid: (socket) => loadNative().peerUid(descriptorOf(socket)),
    version,
    verb,
    configured,
    specs: specReader(machine.drivers, machine.host.abi.maxDevices),
    changed: new ChangedValues(),
    turns: new Turns(),
    onReset: [machine.faults.snapshot()],
  };
}

/** What nobody foresaw. */
export function bugOf(log: Log): (error: unknown) => void {
  return (error) => {
    const stack = error instanceof Error ? error.stack : String(error);
    log.error('a bug of fwctl-emu: a control request was answered 500; please report it', { stack });
  };
}
