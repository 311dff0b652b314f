/**
 * A worker of `serve --workers`: a thread with an event loop, a host and connections of its own, for its part of the machine's devices. What
 * a machine has once is in memory that all threads share, or with the main thread, which is told.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { abiProfile } from '../../abi/profiles.ts';
import type { ControlContext } from '../../control/context.ts';
import type { ValuesOf } from '../../control/method.ts';
import { FaultPlan } from '../../host/faults/plan.ts';
import type { Host } from '../../host/host.ts';
import { factsOf, type HostNode, nodeFacts } from '../../host/host-device.ts';
import { loadNative } from '../../transport/native.ts';
import { createLog } from '../log.ts';
import { createMachine, type Machine } from '../machine.ts';
import type { Log, TransportSession } from '../parts.ts';
import { type Places, startNodes } from './nodes.ts';
import {
  type Flowing,
  MOST_FLOWING,
  type Order,
  type Placed,
  type Placing,
  type Report,
  type WorkerLines,
  type WorkerStart,
} from './protocol.ts';

export async function work(): Promise<void> {
  const { start, lines } = workerData as { readonly start: WorkerStart; readonly lines: WorkerLines };
  const { orders } = lines;
  const report = (text: Report) => orders.postMessage(text);
  const log = createLog(start.logLevel);
  const machine = await machineOf(start, log);
  const { host } = machine;
  if (start.taintHost) (await import('../taint-host.ts')).taintHost(host, log);
  host.kmsg.listen((record) => report({ kind: 'kmsg', record }));
  host.taint.listen(() => report({ kind: 'taint' }));
  const transport = await startTransport(host, start, placesOf(lines), log);
  void transport.ended.then((reason) => report({ kind: 'ended', reason }));
  // After the transport's own: what the main thread is told of can be opened.
  host.onChange(({ kind, device }) =>
    report(kind === 'plug' ? { kind: 'plugged', device: factsOf(device) } : { kind: 'unplugged', name: device.name }),
  );
  const carryOut = ordersOf(machine, start, lines);
  orders.on('message', (order: Order) => {
    if (order.kind !== 'close') return carryOut(order);
    transport.close();
    process.exit();
  });
}

async function machineOf(start: WorkerStart, log: Log): Promise<Machine> {
  const abi = abiProfile(start.abi);
  if (abi === undefined) throw new Error(`there is no ABI profile ${start.abi}`);
  const { lockdown, devices, shared } = start;
  const faults = new FaultPlan(shared.faults);
  for (const fault of start.faults) faults.add(fault);
  const settings = { abi, devices, faults: start.faults, ...(lockdown !== undefined && { lockdown }) };
  return createMachine(settings, undefined, log, { faults, shared }, start.state);
}

async function startTransport(host: Host, start: WorkerStart, places: Places, log: Log): Promise<TransportSession> {
  const native = loadNative();
  if (start.spinUs !== undefined) native.setSpin(start.spinUs);
  if (start.cuseMajor === undefined) return startNodes(host, places, native, log);
  return (await import('../serve-cuse.ts')).startCuse(host, native, log, start.cuseMajor);
}

/** Each waits, as a plug is synchronous; the main thread never waits for a worker without serving it. */
function placesOf({ orders, places, placed }: WorkerLines): Places {
  const place = (act: Placing['act'], shown: HostNode): string => {
    Atomics.store(placed, 0, 0);
    places.postMessage({ act, node: nodeFacts(shown) } satisfies Placing);
    // without a limit: an answer that came after it would be taken for the next node's
    Atomics.wait(placed, 0, 0);
    const { message } = receiveMessageOnPort(places) as { message: Placed };
    if ('refusal' in message) throw new Error(message.refusal);
    return message.path;
  };
  return {
    show: (node) => place('show', node),
    mounted: ({ path }) => orders.postMessage({ kind: 'mounted', node: path } satisfies Report),
    hide: (node) => void place('hide', node),
  };
}

/** Carries out one order, and answers it. Those that wait for something let the next ones pass. */
function ordersOf(machine: Machine, start: WorkerStart, { orders, flow }: WorkerLines) {
  const { host, trace, record } = machine;
  const tell = flowTo(orders, flow);
  const context = contextOf(machine, start.version);
  let methods: Promise<typeof import('../../control/methods.ts')> | undefined;
  /** One after the other: the first has to load what it needs, and each ends the one before. */
  let tracing = Promise.resolve(() => {});
  const execute = async (order: Exclude<Order, { kind: 'close' }>): Promise<unknown> => {
    switch (order.kind) {
      case 'plug':
        return order.specs.map(({ spec, numbers }) => host.plug(spec, numbers).name);
      case 'call': {
        methods ??= import('../../control/methods.ts');
        const method = (await methods).METHODS[order.method];
        return method?.handle(order.params as ValuesOf<never>, context, { uid: () => -1 });
      }
      case 'trace': {
        const { wants } = order;
        tracing = tracing.then((stop) => {
          stop();
          return wants === undefined
            ? () => {}
            : trace.subscribe({ ...wants, listener: (event) => tell({ kind: 'event', event }) });
        });
        await tracing;
        return undefined;
      }
      case 'record': {
        const id = order.recording?.id ?? 0;
        return record.recordFor(order.recording, (place, line, exchange) =>
          tell({ kind: 'recorded', recording: id, place, line, exchange }),
        );
      }
    }
  };
  return (order: Exclude<Order, { kind: 'close' }>): void => {
    const { id } = order;
    execute(order).then(
      (answer) => orders.postMessage({ kind: 'answer', id, answer } satisfies Report),
      (error: Error & { status?: number; code?: string }) => {
        const { message, status, code = '', stack } = error;
        const refusal = error.name === 'ControlError' && status !== undefined ? { status, code } : undefined;
        const text = order.kind === 'call' && refusal === undefined ? (stack ?? message) : message;
        orders.postMessage({ kind: 'failure', id, message: text, refusal } satisfies Report);
      },
    );
  };
}

/**
 * A main thread that is behind holds the calls up, as it would if they were its own, rather than lose events, lines or memory. It never waits for a
 * worker itself.
 */
function flowTo(orders: MessagePort, onTheirWay: Int32Array): (report: Flowing) => void {
  return (report) => {
    orders.postMessage(report);
    if (Atomics.add(onTheirWay, 0, 1) < MOST_FLOWING) return;
    for (let many = MOST_FLOWING; many > MOST_FLOWING / 2; many = Atomics.load(onTheirWay, 0))
      Atomics.wait(onTheirWay, 0, many);
  };
}

/** Of this worker's part of the machine. */
function contextOf({ host, stats, trace, record }: Machine, version: string): ControlContext {
  return {
    host,
    stats,
    trace,
    record,
    version,
    verb: 'serve',
    configured: [],
    readSpecs: () => Promise.reject(new Error('devices are described to the main thread')),
    peerUid: () => -1,
    onReset: host.faults === undefined ? [] : [host.faults.snapshot()],
  };
}
