/** The ways in which a worker thread ends while it has the native addon's watches open, for native-threads.test.ts. */
import { writeSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { Native, Watch } from '../../../src/transport/native.ts';

/** A socket pair's two ends. */
export type Pair = [near: number, far: number];

/** What a worker has when its watches stand. */
export interface Scene {
  native: Native;
  pairs: Pair[];
  watches: Watch[];
}

export interface End {
  /** In the worker: once the watches stand and the main thread was told. */
  begin?(scene: Scene): void;
  /** In the worker: a watch's callback. */
  ready?(scene: Scene): void;
  /** In the main thread: once the watches stand. Nothing: the worker ends by itself. */
  main?(worker: Worker): void;
  /** The worker's exit code. */
  code: number;
  /** The worker's uncaught exception. */
  error?: string;
}

const send = ({ pairs: [first] }: Scene) => writeSync((first as Pair)[1], 'x');
const receive = ({ native, pairs: [first] }: Scene) => native.receiveMessage((first as Pair)[0]);
const pause = ({ native, watches: [first] }: Scene) => native.pauseWatch(first as Watch);
const unwatch = ({ native, watches: [first] }: Scene) => native.unwatch(first as Watch);
const terminate = (worker: Worker) => void worker.terminate();
const exit = () => process.exit(3);
const fail = () => {
  throw new Error('on purpose');
};

export const ENDS: Record<string, End> = {
  terminate: { main: terminate, code: 1 },
  'terminate in a callback that does not return': {
    begin: send,
    ready() {
      for (;;);
    },
    main: terminate,
    code: 1,
  },
  'terminate under load': {
    begin: send,
    ready(scene) {
      receive(scene);
      send(scene);
    },
    main: (worker) => setTimeout(terminate, 50, worker),
    code: 1,
  },
  'terminate while it watches and unwatches': {
    begin({ native, pairs: [first] }) {
      for (;;) native.unwatch(native.watch((first as Pair)[1], () => {}));
    },
    main: (worker) => setTimeout(terminate, 5, worker),
    code: 1,
  },
  'terminate with something to read': { begin: send, ready() {}, main: terminate, code: 1 },
  exit: { begin: () => setImmediate(exit), code: 3 },
  exception: { begin: () => setImmediate(fail), code: 1, error: 'on purpose' },
  'exit in the callback': { begin: send, ready: exit, code: 3 },
  'exception in the callback': { begin: send, ready: fail, code: 1, error: 'on purpose' },
  'exit in the callback, paused': {
    begin: send,
    ready(scene) {
      pause(scene);
      exit();
    },
    code: 3,
  },
  'exit in the callback, unwatched': {
    begin: send,
    ready(scene) {
      unwatch(scene);
      exit();
    },
    code: 3,
  },
  'exit, unwatched': {
    begin(scene) {
      unwatch(scene);
      exit();
    },
    code: 3,
  },
  'exit, unwatched by its listener': {
    begin(scene) {
      process.on('exit', () => unwatch(scene));
      exit();
    },
    code: 3,
  },
  'nothing left to do': {
    begin: ({ native, watches }) => watches.forEach(native.unwatch),
    code: 0,
  },
  'exit of the main thread': { main: () => setTimeout(() => process.exit(0), 50), code: 0 },
};
