/** One worker, as the main thread has it: started, asked, and ended here. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { ControlError } from '../../control/protocol.ts';
import {
  type Asked,
  isFlowing,
  MOST_FLOWING,
  type Order,
  type Placed,
  type Placing,
  type Report,
  WORKER_ARGUMENT,
  type WorkerLines,
  type WorkerStart,
} from './protocol.ts';

/** What it tells without being asked; answers are not among it. */
export type News = Exclude<Report, { kind: 'answer' | 'failure' }>;

export interface LinkEvents {
  news(news: News): void;
  /** The file to mount a node on that comes; rejects where there can be none. */
  place(placing: Placing): Promise<string>;
  /** It has ended by itself. */
  ended(reason: string): void;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** How long an ending worker is waited for, ms. */
const CLOSE_LIMIT_MS = 1500;

export class WorkerLink {
  private readonly worker: Worker;
  private readonly orders: MessagePort;
  private readonly events: LinkEvents;
  private readonly inFlight: Int32Array;
  private readonly waiting = new Map<number, Waiting>();
  private readonly exited: Promise<void>;
  private lastId = 0;
  private closing = false;

  constructor(start: WorkerStart, events: LinkEvents) {
    const orders = new MessageChannel();
    const places = new MessageChannel();
    const placed = new Int32Array(new SharedArrayBuffer(4));
    this.inFlight = new Int32Array(new SharedArrayBuffer(4));
    const lines: WorkerLines = { orders: orders.port2, places: places.port2, placed, flow: this.inFlight };
    this.events = events;
    this.orders = orders.port1;
    this.orders.on('message', (report: Report) => this.take(report));
    places.port1.on('message', (placing: Placing) => {
      const answer = (message: Placed) => {
        places.port1.postMessage(message);
        Atomics.store(placed, 0, 1);
        Atomics.notify(placed, 0);
      };
      events.place(placing).then(
        (path) => answer({ path }),
        (error: Error) => answer({ refusal: error.message }),
      );
    });
    this.worker = new Worker(entry(), {
      argv: [WORKER_ARGUMENT],
      workerData: { start, lines },
      transferList: [orders.port2, places.port2],
    });
    this.worker.on('error', (error) => this.end(`a worker failed: ${error.stack ?? error.message}`));
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', () => {
        places.port1.close();
        this.settle();
        this.orders.close();
        this.end('a worker ended');
        resolve();
      });
    });
  }

  /** Resolves with what the worker answers. */
  ask(asked: Asked): Promise<unknown> {
    if (this.closing) return Promise.reject(endedError('the worker has ended'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.orders.postMessage({ ...asked, id } as Order);
    });
  }

  /** Takes in what it has said so far: it may be telling of calls faster than they are taken. */
  settle(): void {
    let flowing = Atomics.load(this.inFlight, 0);
    for (let next = receiveMessageOnPort(this.orders); next !== undefined; next = receiveMessageOnPort(this.orders)) {
      const report = next.message as Report;
      this.take(report);
      if (isFlowing(report) && --flowing < 0) return;
    }
  }

  /** Ends its connections, in the middle of calls too, and itself. */
  async close(): Promise<void> {
    if (!this.closing) this.orders.postMessage({ kind: 'close' } satisfies Order);
    this.closing = true;
    const timer = setTimeout(() => void this.worker.terminate(), CLOSE_LIMIT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  private take(report: Report): void {
    if (isFlowing(report) && Atomics.sub(this.inFlight, 0, 1) === MOST_FLOWING / 2 + 1)
      Atomics.notify(this.inFlight, 0);
    if (report.kind !== 'answer' && report.kind !== 'failure') return this.events.news(report);
    const waiting = this.waiting.get(report.id);
    this.waiting.delete(report.id);
    if (report.kind === 'answer') return waiting?.resolve(report.answer);
    const { refusal, message } = report;
    waiting?.reject(refusal ? new ControlError(refusal.status, refusal.code, message) : new Error(message));
  }

  private end(reason: string): void {
    for (const { reject } of this.waiting.values()) reject(endedError(reason));
    this.waiting.clear();
    if (!this.closing) this.events.ended(reason);
    this.closing = true;
  }
}

/** Of a service that ends, which is no bug of ours. */
function endedError(reason: string): ControlError {
  return new ControlError(503, 'ended', reason);
}

/** The program itself, as it was started: the bundle's loader, or the module from which it is built. */
function entry(): URL {
  const here = import.meta.url;
  return here.endsWith('.cjs') ? new URL('main.cjs', here) : new URL('../main.js', here);
}
