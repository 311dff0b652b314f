/**
 * The native addon in worker threads, for native-threads.test.ts: one process for each case, so that an abort of Node
 * is an exit status there.
 *
 *   node native-threads-run.js END      two workers with three watches each end so; then the main thread uses the addon
 *   node native-threads-run.js serve    two workers answer on a socket each, at the same time
 */
import assert from 'node:assert/strict';
import { closeSync, writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadNative, type Native } from '../../../src/transport/native.ts';
import { ENDS, type End, type Pair, type Scene } from './native-thread-ends.ts';

function startWatches(ready: (scene: Scene) => void): Scene {
  const scene: Scene = { native: loadNative(), pairs: [], watches: [] };
  for (let i = 0; i < 3; i++) {
    const pair = scene.native.socketPair() as Pair;
    scene.pairs.push(pair);
    scene.watches.push(scene.native.watch(pair[0], () => ready(scene)));
  }
  return scene;
}

/** In a worker: each message is answered with `name` before it, a burst at a time, as src/transport/fuse does. */
function answer(name: string, fd: number): void {
  const native = loadNative();
  const request = new Uint8Array(64);
  const reply = new Uint8Array(64);
  native.setBuffers(request.buffer, reply.buffer);
  reply.set(new TextEncoder().encode(name));
  const watch = native.watch(fd, () => {
    native.pauseWatch(watch);
    let length = native.readRequest(fd);
    while (length > 0) {
      reply.set(request.subarray(0, length), name.length);
      length = native.replyThenRead(fd, name.length + length);
    }
    if (length === 0) native.unwatch(watch);
  });
}

/** Sends `count` messages, each when the one before was answered: the answers. */
function ask(native: Native, fd: number, name: string, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    const answers: string[] = [];
    const watch = native.watch(fd, () => {
      for (;;) {
        const message = native.receiveMessage(fd);
        if (typeof message === 'number') return;
        answers.push(message.text);
        if (answers.length === count) {
          native.unwatch(watch);
          return resolve(answers);
        }
        writeSync(fd, `${name}${answers.length}`);
      }
    });
    writeSync(fd, `${name}0`);
  });
}

const exitCode = (worker: Worker) => new Promise<number>((resolve) => worker.once('exit', resolve));

async function endWorkers(how: string, { main, code, error }: End): Promise<void> {
  const workers = [0, 1].map(async () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { how } });
    const errors: string[] = [];
    worker.on('error', (uncaught: Error) => errors.push(uncaught.message));
    if (main !== undefined) worker.once('message', () => main(worker));
    assert.equal(await exitCode(worker), code);
    assert.deepEqual(errors, error === undefined ? [] : [error]);
  });
  await Promise.all(workers);
  const native = loadNative();
  const [near, far] = native.socketPair() as Pair;
  const answers = ask(native, near, 'main', 1);
  writeSync(far, 'goes on');
  assert.deepEqual(await answers, ['goes on']);
}

async function serve(): Promise<void> {
  const native = loadNative();
  const COUNT = 2000;
  const asked = ['a', 'b'].map(async (name) => {
    const [near, far] = native.socketPair() as Pair;
    const worker = new Worker(new URL(import.meta.url), { workerData: { name, fd: far } });
    const ended = exitCode(worker);
    const answers = await ask(native, near, name, COUNT);
    assert.deepEqual(
      answers,
      Array.from({ length: COUNT }, (_, i) => `<${name}>${name}${i}`),
    );
    closeSync(near);
    assert.equal(await ended, 0);
  });
  await Promise.all(asked);
}

if (!isMainThread) {
  const { how, name, fd } = workerData as { how?: string; name: string; fd: number };
  if (how === undefined) answer(`<${name}>`, fd);
  else {
    const end = ENDS[how] as End;
    const scene = startWatches(end.ready ?? (() => {}));
    parentPort?.postMessage('ready');
    end.begin?.(scene);
  }
} else {
  const how = process.argv[2] ?? '';
  if (how === 'serve') await serve();
  else await endWorkers(how, ENDS[how] as End);
}
