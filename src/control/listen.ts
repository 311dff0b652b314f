/**
 * The listening end of the control socket. It accepts; HTTP, the schemas and the methods are loaded with the first
 * connection, so that a short `run` that nobody asks anything pays for a socket and no more.
 */
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { fileKind } from '../host/config/file-kind.ts';
import { makeDirectories } from '../host/machine/make-directories.ts';
import { somebodyListens } from '../host/machine/somebody-listens.ts';
import { Connections } from './connections.ts';
import { bareAnswer, ControlError, MAX_SOCKET_PATH } from './protocol.ts';

/** include/uapi/asm-generic/fcntl.h: a descriptor of the file and no opening of it; Node has no name for it. */
const O_PATH = 0o10000000;

/** To each request when `load` has failed. */
const UNLOADABLE = new ControlError(
  500,
  'not_loaded',
  'fwctl-emu could not load what answers requests; its log has the reason',
);

export interface TcpPlace {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface SocketPlace {
  /** An absolute path; a listening descriptor that somebody else has made (socket activation); an IP address. */
  readonly at: string | { readonly fd: number } | TcpPlace;
  /** Permission bits, owner and group of a path; undefined: as they come. */
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export interface Listening {
  /** Undefined: a descriptor's, or an address. */
  readonly path: string | undefined;
  /** Of an address. */
  readonly port?: number | undefined;
  /** Listens no more, waits for the readers that live, and closes. */
  finish(): Promise<void>;
  /** Stops, ends all connections, and takes the path away. A second call does nothing. */
  close(): void;
}

/** What is at the path is not ours to remove. The message says no remedy. */
export class SocketTaken extends Error {}

const TOO_MANY = new ControlError(503, 'too_many_connections', 'all connections are busy; try again later');

/** What takes over a connection of which nothing has been read yet. */
export interface ConnectionTaker {
  connection(socket: Socket, of: Connections): void;
  finish(): Promise<void>;
  close(): void;
}

/** Throws an Error that says what is wrong with the place. `load` is called once, with the first connection. */
export async function listenControl(place: SocketPlace, load: () => Promise<ConnectionTaker>): Promise<Listening> {
  let loading: Promise<ConnectionTaker> | undefined;
  let taker: ConnectionTaker | undefined;
  const connections = new Connections();
  // Half-open: who has sent its request may say that no other comes, and still gets its answer.
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    if (!connections.add(socket)) {
      socket.end(bareAnswer(TOO_MANY), () => socket.destroy());
      return;
    }
    if (taker !== undefined) {
      taker.connection(socket, connections);
      return;
    }
    loading ??= load();
    loading.then(
      (loaded) => {
        taker = loaded;
        if (!socket.destroyed) loaded.connection(socket, connections);
      },
      () => socket.resume().end(bareAnswer(UNLOADABLE)),
    );
  });
  const end = await bind(server, place);
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    taker?.close();
    end();
    connections.closeAll();
  };
  return {
    path: typeof place.at === 'string' ? place.at : undefined,
    port: (server.address() as AddressInfo | null)?.port,
    async finish() {
      server.close();
      await taker?.finish();
      close();
    },
    close,
  };
}

/** Gives back what ends the server. */
async function bind(server: Server, place: SocketPlace): Promise<() => void> {
  const { at } = place;
  if (typeof at === 'string') return bindPath(server, at, place);
  if ('fd' in at) return bindDescriptor(server, at.fd);
  await listening(server, at);
  return () => void server.close();
}

async function bindPath(server: Server, path: string, { mode, uid, gid }: SocketPlace): Promise<() => void> {
  if (!path.startsWith('/')) throw new Error(`the control socket ${path}: give an absolute path`);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new Error(`the control socket ${path}: its path is longer than ${MAX_SOCKET_PATH} bytes; use a shorter one`);
  }
  const directory = dirname(path);
  const made = makeDirectory(directory);
  let own: BigIntStats;
  try {
    await makeRoom(path);
    // Nobody gets in before mode and owner are right. bind(2) is called at once, what follows it later.
    const mask = process.umask(0o177);
    const bound = listening(server, path);
    process.umask(mask);
    await bound;
    own = handOver(path, mode, uid, gid);
  } catch (error) {
    if (made) removeDirectory(directory);
    if (error instanceof SocketTaken) throw error;
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new SocketTaken(lives(path));
    throw new Error(`the control socket cannot be made at ${path}: ${(error as Error).message}`, { cause: error });
  }
  return () => {
    closeAt(server, path, own);
    if (made) removeDirectory(directory);
  };
}

/** Owner, group and mode, of the socket itself: others may write to its directory, and put a link in its place. */
function handOver(path: string, mode: number, uid = -1, gid = -1): BigIntStats {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    const socket = fstatSync(fd, { bigint: true });
    if (!socket.isSocket()) throw new Error('somebody has put something else there');
    const self = `/proc/self/fd/${fd}`;
    if (uid !== -1 || gid !== -1) chownSync(self, uid, gid);
    chmodSync(self, mode);
    return socket;
  } finally {
    closeSync(fd);
  }
}

/** Takes away a socket that nobody answers. Throws SocketTaken for anything else. */
async function makeRoom(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (found === undefined) return;
  if (!found.isSocket()) throw new SocketTaken(`the control socket cannot be made: ${path} is ${fileKind(found)}`);
  if (await somebodyListens(path)) throw new SocketTaken(lives(path));
  // Unless another has put its own there meanwhile: bind(2) fails then.
  const aside = setAside(path);
  if (aside !== undefined && isSame(lstatSync(aside, { bigint: true }), found)) unlinkSync(aside);
  else if (aside !== undefined) putBack(aside, path);
}

const lives = (path: string) =>
  `the control socket cannot be made: another fwctl-emu or other program listens at ${path}`;

/** Ends the server. uv__pipe_close() of libuv removes whatever is at its path: what is not ours is set aside for it. */
function closeAt(server: Server, path: string, own: BigIntStats): void {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  const aside = found === undefined || isSame(found, own) || found.isDirectory() ? undefined : setAside(path);
  server.close();
  if (aside !== undefined) putBack(aside, path);
}

/** A number is given again soon after its file has gone; not with the same birth. */
function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.birthtimeNs === b.birthtimeNs;
}

/** Gives it another name, whatever it is; undefined: it has gone, or may not be renamed, nor then removed. */
function setAside(path: string): string | undefined {
  const aside = `${path}.${process.pid}-${process.hrtime.bigint()}`;
  try {
    renameSync(path, aside);
    return aside;
  } catch {
    return undefined;
  }
}

/** Its name again, unless something new has it: link(2), unlike rename(2), replaces nothing. */
function putBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
    unlinkSync(aside);
  } catch {
    // A directory, or another user's. What cannot be put back stays under the other name: nothing is lost.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) renameSync(aside, path);
  }
}

async function bindDescriptor(server: Server, fd: number): Promise<() => void> {
  try {
    await listening(server, { fd });
  } catch (error) {
    const what = `the control socket of descriptor ${fd} (socket activation)`;
    throw new Error(`${what} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  return () => void server.close();
}

function listening(server: Server, at: string | { fd: number } | TcpPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
}

/** True: we have made it. */
function makeDirectory(path: string): boolean {
  try {
    return makeDirectories(path, 0o755);
  } catch (error) {
    const what = `the directory ${path} of the control socket`;
    throw new Error(`${what} cannot be made: ${(error as Error).message}`, { cause: error });
  }
}

function removeDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Somebody has put something else into it.
  }
}
