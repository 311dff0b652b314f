/** What `serve --workers N` works with: serve-parts.ts with workers behind it. */
import { loadNative } from '../../transport/native.ts';
import { freeMajor, hostProcDevices } from '../../view/host-facts.ts';
import type { Machine } from '../machine.ts';
import type { Log, LogLevel, ServeParts, Settings } from '../parts.ts';
import { fuseRefusal, serveParts } from '../serve-parts.ts';
import { serveDirectory } from './directory.ts';
import type { WorkerStart } from './protocol.ts';
import { Workers } from './workers.ts';

export interface WorkersOptions {
  readonly count: number;
  readonly state: string | undefined;
  readonly spinUs: number | undefined;
  readonly taintHost: boolean;
  readonly logLevel: LogLevel;
  readonly version: string;
}

/** `machine`: without devices, and with a state that threads can share. */
export function workersParts(
  machine: Machine,
  settings: Settings,
  { count, ...options }: WorkersOptions,
  log: Log,
): { readonly parts: ServeParts; readonly workers: Workers } {
  const { shared } = machine.host;
  if (shared === undefined) throw new Error('the machine has nothing to share');
  const workers = new Workers(machine, count);
  const { abi, lockdown, faults, devices } = settings;
  const start = (cuseMajor: number | undefined): WorkerStart => ({
    ...options,
    abi: abi.name,
    lockdown,
    faults,
    devices,
    shared,
    cuseMajor,
  });
  const plain = serveParts(machine.host, log);
  const parts: ServeParts = {
    ...plain,
    devices: workers,
    startCuse: () => workers.start(start(freeMajor(hostProcDevices())), undefined),
    async startFuse(path, apart) {
      const refusal = fuseRefusal();
      if (refusal !== undefined) throw refusal;
      const directory = serveDirectory(path, apart, plain.system, loadNative(), log);
      return workers.start(start(undefined), directory);
    },
  };
  return { parts, workers };
}
