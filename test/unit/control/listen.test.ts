/** What is at the control socket's path: ours, somebody else's, dead or alive, before, meanwhile and at the end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { listenControl, SocketTaken } from '../../../src/control/listen.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fwctl-listen-'));
});

const nobody = async () => assert.fail('nobody connects');
const closing: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
  rmSync(folder, { recursive: true });
});

async function listen(at: string): Promise<{ close(): void }> {
  const listening = await listenControl({ at, mode: 0o600 }, nobody);
  closing.push(listening);
  return listening;
}

async function serverAt(path: string): Promise<Server> {
  const server = createServer().listen(path);
  closing.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

/** What a killed process leaves. */
function leaveSocket(path: string): void {
  const script = `require('net').createServer().listen('${path}', () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.ok(lstatSync(path).isSocket());
}

test('the socket: what is at its path and is no socket that nobody answers stays, and is told of', async () => {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('file'), 'precious');
  mkdirSync(at('directory'));
  assert.equal(spawnSync('mkfifo', [at('fifo')]).status, 0);
  leaveSocket(at('dead'));
  const links = { toFile: 'file', toDead: 'dead', toNothing: 'nothing' };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, at(name));
  await serverAt(at('silent'));
  const rows: [string, RegExp][] = [
    ['file', /file is a regular file$/],
    ['directory', /directory is a directory$/],
    ['fifo', /fifo is a FIFO$/],
    ['toFile', /toFile is a symbolic link$/],
    ['toDead', /toDead is a symbolic link$/],
    ['toNothing', /toNothing is a symbolic link$/],
    ['silent', /another fwctl-emu or other program listens at .*silent$/],
  ];
  const before = readdirSync(folder).map((name) => [name, lstatSync(at(name)).ino]);
  for (const [name, why] of rows) {
    const refused = (error: Error) => error instanceof SocketTaken && why.test(error.message);
    await assert.rejects(listen(at(name)), refused, name);
  }
  assert.deepEqual(
    readdirSync(folder).map((name) => [name, lstatSync(at(name)).ino]),
    before,
  );
  assert.equal(readFileSync(at('file'), 'utf8'), 'precious');
  (await listen(at('dead'))).close();
  assert.equal(existsSync(at('dead')), false);
});

test('the socket: of two that find a dead one at the same time, one has it and the other is refused', async () => {
  const path = join(folder, 'dead');
  leaveSocket(path);
  const made = await Promise.allSettled([listen(path), listen(path)]);
  assert.deepEqual(made.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const client = connect(path);
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject));
  client.destroy();
});

test('the socket: what has taken its path meanwhile stays at the end', async () => {
  const path = join(folder, 'taken');
  const first = await listen(path);
  rmSync(path);
  await serverAt(path);
  const { ino } = lstatSync(path);
  first.close();
  assert.equal(lstatSync(path).ino, ino);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('taken')),
    ['taken'],
  );
  rmSync(path);
  const second = await listen(path);
  rmSync(path);
  writeFileSync(path, 'precious');
  second.close();
  assert.equal(readFileSync(path, 'utf8'), 'precious');
});

test('the socket: a mode of its own from the start, whatever the umask is', async () => {
  const path = join(folder, 'mode');
  const mask = process.umask(0o027);
  closing.push(
    await listenControl({ at: path, mode: 0o666, uid: process.getuid?.(), gid: process.getgid?.() }, nobody),
  );
  assert.equal(process.umask(mask), 0o027);
  assert.equal(lstatSync(path).mode & 0o7777, 0o666);
});

test('the socket: what is found dead and is another when it is taken away is put back', async () => {
  const path = join(folder, 'dead');
  leaveSocket(path);
  const late = listenControl({ at: path, mode: 0o600 }, nobody);
  late.then((made) => closing.push(made)).catch(() => {});
  // it has looked, and asks whether somebody answers
  rmSync(path);
  writeFileSync(path, 'precious');
  await assert.rejects(late, SocketTaken);
  assert.equal(readFileSync(path, 'utf8'), 'precious');
  const left = readdirSync(folder).filter((name) => name.startsWith('dead'));
  assert.deepEqual(left, ['dead']);
});
