/** The emulated machine of a verb: host, counters and trace, made from the settings. */

import { systemClock } from '../host/clock.ts';
import { Host } from '../host/host.ts';
import { TraceHub } from '../host/interceptors/trace-subscribe.ts';
import { Stats } from '../host/stats.ts';
import type { TraceFieldsOption } from '../host/trace-text.ts';
import type { Between } from './between.ts';
import type { Log, Settings } from './parts.ts';

export interface Machine {
  readonly host: Host;
  readonly stats: Stats;
  /** Off, unless a trace was asked for or somebody subscribes. */
  readonly trace: TraceHub;
  /** Writes out what is left of the trace, and ends it. */
  close(): void;
}

export interface TraceChoice {
  /** Undefined: none; empty: stderr; otherwise a file. */
  readonly path: string | undefined;
  /** Which fields of replies are written below a line of text. */
  readonly fields: TraceFieldsOption;
  /** The payloads' bytes too. */
  readonly hex: boolean;
  /** Only the events that fit; undefined: all. */
  readonly filter: string | undefined;
}

/** Devices are not plugged yet. `stateDirectory`: where their non-volatile state is kept; undefined: in memory. */
export async function createMachine(
  settings: Settings,
  choice: TraceChoice,
  log: Log,
  between?: Between,
  stateDirectory?: string,
): Promise<Machine> {
  const { abi, lockdown } = settings;
  const stats = new Stats(systemClock);
  const trace = new TraceHub(abi, systemClock);
  const close = choice.path === undefined ? () => {} : await startTrace(trace, choice, log);
  const host = new Host({
    abi,
    lockdown,
    modules: await firmwareModules(settings),
    clock: systemClock,
    ...(stateDirectory !== undefined && { states: await directoryStates(stateDirectory) }),
    ...between?.options,
    stats,
    intercept: (fileOps, device, spec) => trace.tap(fileOps, device, spec),
  });
  host.kmsg.listen((record) => trace.kmsg(record));
  return { host, stats, trace, close };
}

/** Modules that devices name as their firmware; a start without any pays nothing for it. */
async function firmwareModules({ devices }: Settings) {
  if (devices.every(({ firmware }) => firmware === undefined)) return undefined;
  return (await import('../host/firmware-module.ts')).loadFirmwareModules(devices);
}

async function directoryStates(directory: string) {
  const { DirectoryStateStore } = await import('../host/state-store.ts');
  return new DirectoryStateStore(directory);
}

/** The trace decodes every register and command, which costs start-up: only who asks for it pays. */
async function startTrace(trace: TraceHub, { path, fields, hex, filter }: TraceChoice, log: Log): Promise<() => void> {
  const { openTraceOutput } = await import('../host/interceptors/trace-output.ts');
  const fits = filter === undefined ? undefined : await filterOf(filter);
  const { listener, detail, raw, close } = openTraceOutput({
    path: path === '' ? undefined : path,
    fields,
    hex,
    env: process.env,
    failed: (message) => log.warn(message),
  });
  await trace.subscribe({ listener, detail, raw, ...(fits && { filter: fits }) });
  return close;
}

async function filterOf(text: string) {
  const { compileFilter } = await import('../host/interceptors/trace-filter.ts');
  try {
    return compileFilter(text);
  } catch (error) {
    const { CliError, EXIT } = await import('./cli-error.ts');
    throw new CliError(`--trace-filter: ${(error as Error).message}`, EXIT.usage);
  }
}
