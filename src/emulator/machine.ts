/** The emulated machine of a verb: host, counters, trace and recorder, made from the settings. */
import { resolve } from 'node:path';
import { systemClock } from '../host/machine/clock.ts';
import { Host } from '../host/machine/host.ts';
import { TraceHub } from '../host/interceptors/trace/trace-hub.ts';
import { RecordHub } from '../host/interceptors/recording/record-hub.ts';
import { Stats } from '../host/interceptors/stats/stats.ts';
import type { TraceFieldsOption } from '../host/interceptors/trace/trace-text.ts';
import type { Between } from './between.ts';
import type { Log, Settings } from '../cli/parts.ts';

export interface Machine {
  readonly host: Host;
  readonly stats: Stats;
  /** Off, unless a trace was asked for or somebody subscribes. */
  readonly trace: TraceHub;
  /** Off, unless `startRecording` or a client of the control socket begins one. */
  readonly record: RecordHub;
  /** Completes a recording; writes out what is left of the trace. `limitMs`: how long a reader of it may take nothing. */
  close(limitMs?: number): Promise<void>;
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
  const record = new RecordHub((why) => log.error(`the recording has ended: ${why}`));
  const endTrace = choice.path === undefined ? async () => {} : await startTrace(trace, choice, log);
  const host = new Host({
    abi,
    lockdown,
    modules: await firmwareModules(settings),
    clock: systemClock,
    ...(stateDirectory !== undefined && { states: await directoryStates(stateDirectory) }),
    ...between?.options,
    interceptOps: (ops, spec) => record.tap(ops, spec),
    interceptCommands: (commands, node, spec) => record.tapCommands(commands, node, spec),
    stats,
    intercept: (fileOps, device, spec) => trace.tap(fileOps, device, spec),
  });
  host.kmsg.listen((record) => trace.kmsg(record));
  const close = (limitMs?: number) => {
    endRecording(record, log);
    return endTrace(limitMs);
  };
  return { host, stats, trace, record, close };
}

/** `--record FILE`. Throws CliError where the file cannot be made. */
export async function startRecording({ record }: Machine, path: string, masked: readonly string[]): Promise<void> {
  try {
    await record.start({ path: resolve(path), replace: true, masked });
  } catch (error) {
    const { CliError } = await import('./cli-error.ts');
    throw new CliError(`--record: ${(error as Error).message}`);
  }
}

function endRecording(record: RecordHub, log: Log): void {
  if (!record.running) return;
  const { state, unanswered: calls, unmet } = record.stop();
  if (state === 'failed') return;
  if (calls > 0) log.warn('calls that were not answered are not in the recording', { calls });
  for (const name of unmet) log.warn(`--mask ${name}: nothing that was recorded has such a field`);
}

/** Modules that devices name as their firmware; a start without any pays nothing for it. */
async function firmwareModules({ devices }: Settings) {
  if (devices.every(({ firmware }) => firmware === undefined)) return undefined;
  return (await import('../host/machine/drivers/mlx5/firmware-module.ts')).loadFirmwareModules(devices);
}

async function directoryStates(directory: string) {
  const { DirectoryStateStore } = await import('../host/machine/state-store.ts');
  return new DirectoryStateStore(directory);
}

/** The trace decodes every register and command, which costs start-up: only who asks for it pays. */
async function startTrace(
  trace: TraceHub,
  { path, fields, hex, filter }: TraceChoice,
  log: Log,
): Promise<(limitMs?: number) => Promise<void>> {
  const { openTraceOutput } = await import('../host/interceptors/trace/trace-output.ts');
  const fits = filter === undefined ? undefined : await filterOf(filter);
  const { listener, detail, raw, blocks, close } = openTraceOutput({
    path: path === '' ? undefined : path,
    fields,
    hex,
    env: process.env,
    failed: (message) => log.warn(message),
  });
  if (blocks) (await import('../cli/standard-output.ts')).exitPastThreads();
  await trace.subscribe({ listener, detail, raw, ...(fits && { filter: fits }) });
  return close;
}

async function filterOf(text: string) {
  const { compileFilter } = await import('../host/interceptors/trace/trace-filter.ts');
  try {
    return compileFilter(text);
  } catch (error) {
    const { CliError, EXIT } = await import('./cli-error.ts');
    throw new CliError(`--trace-filter: ${(error as Error).message}`, EXIT.usage);
  }
}
