/** The emulated machine of a verb: host, faults, counters, trace and recorder, made from the settings. */
import { resolve } from 'node:path';
import type { LockFile } from '../host/config/file-lock.ts';
import { RecordHub } from '../host/interceptors/recording/record-hub.ts';
import { Stats } from '../host/interceptors/stats/stats.ts';
import type { History } from '../host/interceptors/trace/history.ts';
import { TraceHub } from '../host/interceptors/trace/trace-hub.ts';
import type { TraceFieldsOption } from '../host/interceptors/trace/trace-text.ts';
import { systemClock } from '../host/machine/clock.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import type { HostOptions, StandIns } from '../host/machine/host.ts';
import { type AllMessages, loadIoctls, loadMessages } from '../host/machine/load-messages.ts';
import type { Log } from '../host/machine/log.ts';
import { loadNative } from '../transport/native.ts';
import { type Assembled, assemble } from './assembly.ts';
import type { Settings } from './settings.ts';

export interface Machine extends Assembled {
  readonly drivers: readonly DriverRow[];
  readonly stats: Stats;
  /** Off, unless a trace was asked for or somebody subscribes. */
  readonly trace: TraceHub;
  /** Undefined: nobody is to look at what has happened. */
  readonly history: History | undefined;
  /** Off, unless `startRecording` or a client of the control socket begins one. */
  readonly record: RecordHub;
  /** The names of all drivers' messages, loaded when somebody asks. */
  messages(): Promise<AllMessages>;
  /**
   * Completes a recording; writes out the rest of the trace. `limitMs`: how long a reader of it may take nothing.
   * False: one of them is not whole, which has been said.
   */
  close(limitMs?: number): Promise<boolean>;
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

export interface MachineParts {
  readonly drivers: readonly DriverRow[];
  /** Undefined: no trace. */
  readonly trace: TraceChoice | undefined;
  /** What happens is kept, for an inspector or a report. */
  readonly keepHistory?: boolean;
  /** Where the devices' non-volatile state is kept; undefined: in memory. */
  readonly stateDirectory: string | undefined;
  /** What stands behind devices instead of their drivers' own; undefined: nothing. */
  readonly instead: StandIns | undefined;
  /** Devices are for guests: HostOptions.forGuest. */
  readonly forGuest: boolean;
  readonly log: Log;
}

/** Devices are not plugged yet. */
export async function createMachine(settings: Settings, parts: MachineParts): Promise<Machine> {
  const { abi, lockdown = 'none' } = settings;
  const { drivers, log, instead, stateDirectory, forGuest } = parts;
  let loading: Promise<AllMessages> | undefined;
  const messages = () => {
    loading ??= loadMessages(drivers);
    return loading;
  };
  const history = parts.keepHistory === true ? await createHistory() : undefined;
  const stats = new Stats(history?.clock ?? systemClock);
  const trace = new TraceHub(abi, systemClock, async () => {
    const [named, ioctls] = await Promise.all([messages(), loadIoctls(drivers)]);
    return { messages: named, ioctls };
  });
  let recorded = 0;
  const broken = (why: string) => {
    recorded = callsOf(stats);
    log.error(`the recording has ended: ${why}`);
  };
  const record = new RecordHub(messages, broken, lockFile);
  const endTrace =
    parts.trace?.path === undefined ? async () => true : await startTrace(trace, parts.trace, messages, log);
  const assembled = assemble({
    abi,
    lockdown,
    drivers,
    around: [record.taps, stats, trace, ...(history === undefined ? [] : [history])],
    prepared: await prepared(settings, drivers),
    ...(instead && { instead }),
    forGuest,
    warn: (message) => log.error(message),
    ...(stateDirectory !== undefined && { states: await directoryStates(stateDirectory, log) }),
  });
  for (const fault of settings.faults) assembled.faults.add(fault);
  assembled.host.kmsg.listen((line) => trace.kmsg(line));
  if (history !== undefined) fillHistory(history, assembled);
  const close = async (limitMs?: number) => {
    const whole = endRecording(record, log);
    if (!whole) log.warn('calls since the recording ended are not in it', { calls: callsOf(stats) - recorded });
    assembled.host.close();
    return (await endTrace(limitMs)) && whole;
  };
  return { ...assembled, drivers, stats, trace, history, record, messages, close };
}

async function createHistory(): Promise<History> {
  const { History, ReadClock } = await import('../host/interceptors/trace/history.ts');
  return new History(new ReadClock(systemClock));
}

/** With what happens beside calls. */
function fillHistory(history: History, { host, faults }: Assembled): void {
  host.kmsg.listen((line) => history.kmsg(line));
  host.onChange(({ kind, device }) => history.note({ kind, device: device.name }));
  faults.onStrike = (device, id, text) => history.strike(device, id, text);
}

/** Ioctls that have ended, of all devices. */
function callsOf(stats: Stats): number {
  const counts = stats.devices().flatMap((device) => device.counts?.calls() ?? []);
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/** `--record FILE`. Throws CliError where the file cannot be made. */
export async function startRecording({ record }: Machine, path: string, masked: readonly string[]): Promise<void> {
  try {
    await record.start({ path: resolve(path), replace: true, masked });
  } catch (error) {
    const { CliError } = await import('../host/config/cli-error.ts');
    throw new CliError(`--record: ${(error as Error).message}`);
  }
}

/** False: it could not be written. */
function endRecording(record: RecordHub, log: Log): boolean {
  if (!record.running) return record.status().state !== 'failed';
  const { state, unanswered: calls, unmet } = record.stop();
  if (state === 'failed') return false;
  if (calls > 0) log.warn('calls that were not answered are not in the recording', { calls });
  for (const name of unmet) log.warn(`--mask ${name}: nothing that was recorded has such a field`);
  return true;
}

/** What drivers load before their devices are plugged: firmware modules. Who names none pays nothing for it. */
async function prepared(
  { devices }: Settings,
  drivers: readonly DriverRow[],
): Promise<NonNullable<HostOptions['prepared']>> {
  const loaded = new Map<string, unknown>();
  for (const row of drivers) {
    const own = devices.filter(({ driver, keys }) => driver === row.name && keys !== undefined);
    if (row.subsystem === 'fwctl' && own.length > 0) loaded.set(row.name, await row.prepare?.(own));
  }
  return loaded;
}

/** `--state DIR`. Throws an Error where another emulator has it. */
async function directoryStates(directory: string, log: Log) {
  const { DirectoryStateStore } = await import('../host/machine/state-store.ts');
  return new DirectoryStateStore(directory, { lockFile, unlocked: (message) => log.warn(message) });
}

const lockFile: LockFile = (fd) => loadNative().lockFile(fd);

/** The trace decodes every register and command, which costs start-up: only who asks for it pays. */
async function startTrace(
  trace: TraceHub,
  { path, fields, hex, filter }: TraceChoice,
  messages: () => Promise<AllMessages>,
  log: Log,
): Promise<(limitMs?: number) => Promise<boolean>> {
  const { openTraceOutput } = await import('../host/interceptors/trace/trace-output.ts');
  const fits = filter === undefined ? undefined : await filterOf(filter, messages);
  let whole = true;
  const cut = (message: string) => {
    whole = false;
    log.warn(message);
  };
  const { listener, detail, raw, blocks, close } = openTraceOutput({
    path: path === '' ? undefined : path,
    fields,
    hex,
    env: process.env,
    lockFile,
    failed: cut,
    lost: cut,
  });
  if (blocks) (await import('./standard-output.ts')).exitPastThreads();
  await trace.subscribe({ listener, detail, raw, ...(fits && { filter: fits }) });
  return async (limitMs) => {
    await close(limitMs);
    return whole;
  };
}

async function filterOf(text: string, messages: () => Promise<AllMessages>) {
  const { compileFilter } = await import('../host/interceptors/trace/trace-filter.ts');
  const names = [...(await messages()).values()].flatMap(({ statusNames }) => statusNames);
  try {
    return compileFilter(text, names);
  } catch (error) {
    const { CliError, EXIT } = await import('../host/config/cli-error.ts');
    throw new CliError(`--trace-filter: ${(error as Error).message}`, EXIT.usage);
  }
}
