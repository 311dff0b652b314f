/**
 * Methods on a machine whose devices are divided among workers (`serve --workers`): each row says in its column `across` how it is carried
 * out there. A worker answers as a machine of its own would; what it answers is plain data.
 */
import type { DeviceFacts, DeviceSpec } from '../host/host-device.ts';
import type { ControlContext } from './context.ts';
import { findDevice } from './find-device.ts';
import type { Client, Method, Params, ValuesOf } from './method.ts';

export interface DividedMachine {
  /** All plugged devices, in the order of plugging. */
  devices(): readonly DeviceFacts[];
  /** The nodes' names of all that have been plugged since the start or `forgetNames`, in the order of their first time. */
  nodeNames(): readonly string[];
  /** Those of devices that are not plugged any more. */
  forgetNames(): void;
  /** In that order, either all of them or none. Rejects with a ControlError. */
  plug(specs: readonly DeviceSpec[]): Promise<readonly DeviceFacts[]>;
  /** The method's answer in the worker of that device. Rejects as the method would. */
  ask(device: string, method: Method, params: object): Promise<unknown>;
  /** Its answers in all workers, in their order. */
  askAll(method: Method, params: object): Promise<readonly unknown[]>;
  /** Takes in what the workers have said so far: their log, taint and devices. */
  settle(): void;
  /** Begins when all `alone` work that was asked for before has ended; work that is asked for later waits for this one if it is `alone`. */
  inTurn<T>(alone: boolean, work: () => T | Promise<T>): Promise<T>;
}

/** What a row's `across` works with. */
export interface Across<P extends Params, R> {
  readonly params: ValuesOf<P>;
  readonly context: ControlContext;
  readonly machine: DividedMachine;
  /** What this method, of those parameters, answers in the worker of the device that is parameter `device`. */
  one(): Promise<R>;
  /** What it answers in each worker. */
  all(): Promise<readonly R[]>;
}

/** The method's answer, wherever the devices are. */
export function carryOut(
  method: Method,
  params: Readonly<Record<string, unknown>>,
  context: ControlContext,
  client: Client,
): unknown {
  const { divided: machine } = context;
  const { across, alone = false } = method;
  if (machine === undefined || across === undefined) {
    machine?.settle();
    return method.handle(params as never, context, client);
  }
  const one = async () => machine.ask(findDevice(machine, String(params['device'])).name, method, params);
  const all = () => machine.askAll(method, params);
  return machine.inTurn(alone, () => {
    machine.settle();
    return across === 'device' ? one() : across({ params: params as never, context, machine, one, all });
  });
}

/** Of answers that are alike but for numbers that each worker counts by itself: the first, with those added up. */
export function added<T, K extends keyof T>(answers: readonly T[], ...counts: readonly K[]): T {
  const [first] = answers;
  if (first === undefined) throw new Error('no worker has answered');
  const sums = counts.map((key) => [key, answers.reduce((sum, one) => sum + Number(one[key]), 0)]);
  return { ...first, ...Object.fromEntries(sums) };
}
