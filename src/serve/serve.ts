/**
 * `fwctl-emu serve`: the devices for the whole machine, in the foreground, until a signal. Chooses the transport, takes
 * the directory, says what is served, and leaves nothing behind.
 */

import { CliError, EXIT } from '../host/config/cli-error.ts';
import { DEFAULT_DEV_DIR } from '../host/config/defaults.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import type { HostDevice } from '../host/machine/host-device.ts';
import { clearDirectory, type DevDirectory, takeDirectory } from './dev-directory.ts';
import type { ServeParts, ServeTransport, TransportSession } from './parts.ts';
import { exitStatus, SERVE_SIGNALS } from './signals.ts';

/** The process, as far as it says that it is to end, or does. */
export interface EndSource {
  on(name: NodeJS.Signals | 'uncaughtException' | 'exit', listener: (error: unknown) => void): unknown;
  off(name: NodeJS.Signals | 'uncaughtException' | 'exit', listener: (error: unknown) => void): unknown;
}

export interface ServeOptions {
  /** What is served. */
  readonly settings: { readonly devices: readonly DeviceSpec[]; readonly abi: { readonly name: string } };
  readonly transport: ServeTransport;
  /** Undefined: /dev/fwctl, and only then may it be CUSE, which can make nodes nowhere else. */
  readonly devDir: string | undefined;
}

export interface Serving {
  readonly transport: 'cuse' | 'fuse';
  readonly path: string;
  /** What is served, in one line. */
  readonly line: string;
  /** Resolves with the reason when the service ends by itself. */
  readonly ended: Promise<string>;
  /** Takes away nodes, mount and directory. A second call does nothing. */
  stop(): Promise<void>;
  /** The same in a hurry, for a process that ends now: waits for nothing. */
  abandon(): void;
}

type End = { readonly signal: NodeJS.Signals } | { readonly reason: string };

/** How long stop() waits for a transport's close(). */
const CLOSE_LIMIT_MS = 2000;

/** Brings the devices into service; nothing is left behind when it throws. */
export async function startServe(options: ServeOptions, parts: ServeParts): Promise<Serving> {
  const transport = chooseTransport(options, parts);
  const path = options.devDir ?? DEFAULT_DEV_DIR;
  let directory: DevDirectory | undefined;
  let session: TransportSession | undefined;
  try {
    for (const spec of options.settings.devices) parts.host.plug(spec);
    if (transport === 'cuse') {
      // The kernel makes and removes /dev/fwctl with the nodes; what is there already is somebody's.
      await clearDirectory(path, parts.system, parts.log);
      session = await parts.startCuse(parts.host);
    } else {
      directory = await takeDirectory(path, parts.system, parts.log);
      session = await parts.startFuse(parts.host, directory.path, path !== DEFAULT_DEV_DIR);
    }
  } catch (error) {
    directory?.release();
    throw error;
  }
  return serving(options, parts, transport, directory, session);
}

function serving(
  options: ServeOptions,
  parts: ServeParts,
  transport: 'cuse' | 'fuse',
  directory: DevDirectory | undefined,
  session: TransportSession,
): Serving {
  const path = directory?.path ?? DEFAULT_DEV_DIR;
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    try {
      await withLimit(Promise.resolve(session.close()), CLOSE_LIMIT_MS);
    } finally {
      directory?.release();
    }
  };
  return {
    transport,
    path,
    line: serveLine(parts.host.devices(), path, transport, options.settings.abi.name),
    ended: session.ended,
    stop() {
      stopping ??= stop();
      return stopping;
    },
    abandon() {
      void session.close();
      if (directory) parts.system.unmountLazily(directory.path);
      directory?.release();
    },
  };
}

/** Serves until a signal ends it; the exit status. A second signal ends it on the spot, by `exit`. */
export async function serveUntilSignal(
  options: ServeOptions,
  parts: ServeParts,
  signals: EndSource = process,
  exit: (status: number) => void = (status) => process.exit(status),
): Promise<number> {
  let wake = (_: End) => {};
  const asked = new Promise<End>((resolve) => {
    wake = resolve;
  });
  let seen = 0;
  let service: Serving | undefined;
  let control: Awaited<ReturnType<NonNullable<ServeParts['openControl']>>>;
  // process.exit() of a firmware module, for instance
  const left = () => {
    control?.close();
    service?.abandon();
  };
  const listeners = SERVE_SIGNALS.map((name) => {
    const listener = () => {
      seen++;
      if (seen === 1) return wake({ signal: name });
      left();
      exit(exitStatus(null, name));
    };
    signals.on(name, listener);
    return { name, listener };
  });
  // what nobody foresaw, of a firmware module for instance: the service ends as if it had ended by itself
  const failed = (error: unknown) => wake({ reason: `it failed: ${error instanceof Error ? error.stack : error}` });
  signals.on('uncaughtException', failed);
  signals.on('exit', left);
  try {
    service = await startServe(options, parts);
    try {
      control = await parts.openControl?.();
    } catch (error) {
      await service.stop();
      throw error;
    }
    parts.notify(`READY=1\nSTATUS=${service.line}`);
    parts.say(service.line);
    service.ended.then((reason) => wake({ reason }));
    const end = await asked;
    parts.notify('STOPPING=1');
    await Promise.all([control?.finish(), service.stop()]);
    if ('signal' in end) {
      parts.log.info('stopped', { signal: end.signal });
      return EXIT.ok;
    }
    throw new CliError(`serve: ${service.path} is not served any more: ${end.reason}; start it again`);
  } finally {
    for (const { name, listener } of listeners) signals.off(name, listener);
    signals.off('uncaughtException', failed);
    signals.off('exit', left);
  }
}

function chooseTransport({ transport, devDir }: ServeOptions, parts: ServeParts): 'cuse' | 'fuse' {
  if (transport === 'fuse') return 'fuse';
  const elsewhere = devDir !== undefined && devDir !== DEFAULT_DEV_DIR;
  if (transport === 'auto') return !elsewhere && parts.cuseRefusal() === undefined ? 'cuse' : 'fuse';
  if (elsewhere) {
    const remedy = 'leave --dev-dir out, or use --transport fuse';
    throw new CliError(`serve: CUSE makes its nodes in ${DEFAULT_DEV_DIR} and nowhere else; ${remedy}`, EXIT.usage);
  }
  const refusal = parts.cuseRefusal();
  if (refusal === undefined) return 'cuse';
  const remedy = 'load it with "modprobe cuse" as root, or use --transport fuse';
  throw new CliError(`serve: CUSE cannot be used (${refusal}); ${remedy}`);
}

/** `fwctl-emu: serving fwctl0 (mlx5 connectx6dx, 0000:00:0a.0) in /dev/fwctl by CUSE, as linux-7.3 does` */
export function serveLine(
  devices: readonly HostDevice[],
  path: string,
  transport: 'cuse' | 'fuse',
  abi: string,
): string {
  const named = devices.flatMap(({ name, spec }) =>
    spec.pci === undefined ? [] : `${name} (${spec.driver} ${spec.profile}, ${spec.pci})`,
  );
  const last = named.at(-1);
  const list = named.length <= 3 ? named.join(', ') : `${named.length} devices, ${named[0]} to ${last}`;
  const top = path === DEFAULT_DEV_DIR ? '/dev' : path;
  const builtIn = devices.filter(({ spec }) => spec.pci === undefined).flatMap(({ nodes }) => nodes);
  const others = builtIn.map((node) => `${top}/${node.path}`).join(', ');
  const way = transport === 'cuse' ? 'CUSE' : 'a FUSE mount';
  const kept = others === '' ? '' : `, and ${others},`;
  return `fwctl-emu: serving ${list || 'no device'} in ${path}${kept} by ${way}, as ${abi} does`;
}

/** Resolves when `work` does, and after the limit at the latest. */
function withLimit(work: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, limitMs);
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}
