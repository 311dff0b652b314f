/**
 * The listening end of the control socket. It accepts; HTTP, the schemas and the methods are loaded with the first
 * connection, so that a short `run` that nobody asks anything pays for a socket and no more.
 */
import { chmodSync, chownSync, lstatSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { fileKind } from '../host/config/file-kind.ts';
import { makeDirectories } from '../host/machine/make-directories.ts';
import { type ErrorBody, MAX_SOCKET_PATH } from './protocol.ts';

const MAX_CONNECTIONS = 128;

const UNLOADABLE_BODY = `${JSON.stringify({
  error: { code: 'not_loaded', message: 'fwctl-emu could not load what answers requests; its log has the reason' },
} satisfies ErrorBody)}\n`;
/** To each request when `load` has failed. */
const UNLOADABLE = `HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r
content-length: ${Buffer.byteLength(UNLOADABLE_BODY)}\r\nconnection: close\r\n\r\n${UNLOADABLE_BODY}`;

export interface SocketPlace {
  /** An absolute path; or a listening descriptor that somebody else has made (socket activation). */
  readonly at: string | { readonly fd: number };
  /** Permission bits, owner and group of a path; undefined: as they come. */
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export interface Listening {
  /** Undefined: a descriptor's. */
  readonly path: string | undefined;
  /** Listens no more, waits for the readers that live, and closes. */
  finish(): Promise<void>;
  /** Stops, ends all connections, and takes the path away. A second call does nothing. */
  close(): void;
}

/** What is at the path is not ours to remove. The message says no remedy. */
export class SocketTaken extends Error {}

/** What takes over a connection of which nothing has been read yet. */
export interface ConnectionTaker {
  connection(socket: Socket): void;
  finish(): Promise<void>;
  close(): void;
}

/** Throws an Error that says what is wrong with the place. `load` is called once, with the first connection. */
export async function listenControl(place: SocketPlace, load: () => Promise<ConnectionTaker>): Promise<Listening> {
  let loading: Promise<ConnectionTaker> | undefined;
  let taker: ConnectionTaker | undefined;
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (taker !== undefined) {
      taker.connection(socket);
      return;
    }
    loading ??= load();
    loading.then(
      (loaded) => {
        taker = loaded;
        loaded.connection(socket);
      },
      () => socket.resume().end(UNLOADABLE),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  const end =
    typeof place.at === 'string' ? await bindPath(server, place.at, place) : await bindDescriptor(server, place.at.fd);
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    taker?.close();
    end();
    for (const socket of sockets) socket.destroy();
  };
  return {
    path: typeof place.at === 'string' ? place.at : undefined,
    async finish() {
      server.close();
      await taker?.finish();
      close();
    },
    close,
  };
}

/** Gives back what ends the server. */
async function bindPath(server: Server, path: string, { mode, uid, gid }: SocketPlace): Promise<() => void> {
  if (!path.startsWith('/')) throw new Error(`the control socket ${path}: give an absolute path`);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new Error(`the control socket ${path}: its path is longer than ${MAX_SOCKET_PATH} bytes; use a shorter one`);
  }
  const directory = dirname(path);
  const made = makeDirectory(directory);
  let own: number;
  try {
    await makeRoom(path);
    // Nobody gets in before mode and owner are right. bind(2) is called at once, what follows it later.
    const mask = process.umask(0o177);
    const bound = listening(server, path);
    process.umask(mask);
    await bound;
    own = lstatSync(path).ino;
    if (uid !== undefined || gid !== undefined) chownSync(path, uid ?? -1, gid ?? -1);
    chmodSync(path, mode);
  } catch (error) {
    if (made) removeDirectory(directory);
    if (error instanceof SocketTaken) throw error;
    throw new Error(`the control socket cannot be made at ${path}: ${(error as Error).message}`, { cause: error });
  }
  return () => {
    closeAt(server, path, own);
    if (made) removeDirectory(directory);
  };
}

/** Takes away a socket that nobody answers. Throws SocketTaken for anything else. */
async function makeRoom(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new SocketTaken(`the control socket cannot be made: ${path} is ${fileKind(found)}`);
  if (await isAlive(path))
    throw new SocketTaken(`the control socket cannot be made: another fwctl-emu or other program listens at ${path}`);
  // Unless another has put its own there meanwhile, which may have got the number of the dead one: bind(2) fails then.
  const now = lstatSync(path, { throwIfNoEntry: false });
  if (now?.ino === found.ino && now.ctimeMs === found.ctimeMs) unlinkSync(path);
}

/** Ends the server. uv__pipe_close() of libuv removes whatever is at its path: what is not ours is set aside for it. */
function closeAt(server: Server, path: string, own: number): void {
  let aside: string | undefined;
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && found.ino !== own && !found.isDirectory()) {
      renameSync(path, `${path}.${process.pid}`);
      aside = `${path}.${process.pid}`;
    }
  } catch {
    // What may not be renamed may not be removed either.
  }
  server.close();
  if (aside !== undefined) renameSync(aside, path);
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

function listening(server: Server, at: string | { fd: number }): Promise<void> {
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

/** A socket that a dead process has left refuses connections. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
