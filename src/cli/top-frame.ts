/** `fwctl-emu top`: a frame of it, from two readings of the counters. */
import { columns } from '../control/columns.ts';
import type { DeviceStatsAnswer, StatsAnswer } from '../control/stats-answer.ts';
import type { FaultStatus } from '../host/interceptors/faults/plan.ts';

export interface Reading {
  readonly stats: StatsAnswer;
  readonly faults: readonly FaultStatus[];
}

export interface FrameOptions {
  /** Only rows that have it in their device, command or outcome; empty: all. */
  readonly filter: string;
  /** Rows of the screen; undefined: all that there are. */
  readonly rows: number | undefined;
}

/** Lines. `before`: of the last frame; without it nothing is counted a second. */
export function topFrame(now: Reading, before: Reading | undefined, { filter, rows }: FrameOptions): string[] {
  const { stats, faults } = now;
  const seconds = before === undefined ? 0 : stats.uptime_seconds - before.stats.uptime_seconds;
  const fits = (words: string) => words.toLowerCase().includes(filter.toLowerCase());
  const was = new Map(before?.stats.devices.map((device) => [device.name, device]));
  const devices = stats.devices.filter(({ name, calls }) => fits(name) || calls.some((call) => fits(callWords(call))));
  const lines = [
    headOf(stats),
    '',
    ...table(
      ['DEVICE', 'FILES', 'CALLS/S', 'REFUSED/S', 'HELD', 'MEAN', 'SLOWEST'],
      devices.map((device) => deviceRow(device, was.get(device.name), seconds)),
    ),
    '',
    ...table(['CALLS/S', 'CALLS', 'OUTCOME', 'DEVICE', 'COMMAND'], commandRows(devices, was, seconds, fits), [0, 1]),
  ];
  const known = faults.filter(({ text }) => fits(text));
  const below =
    known.length === 0
      ? []
      : [
          '',
          ...table(
            ['FAULT', 'STRIKES', 'HELD', ''],
            known.map(({ id, strikes, held, text }) => [`${id}`, `${strikes}`, `${held}`, text]),
          ),
        ];
  // What can be released stays in sight.
  const room = rows === undefined ? lines.length : Math.max(rows - below.length, 4);
  return [...lines.slice(0, room), ...below].slice(0, rows);
}

function headOf({ verb, pid, abi, uptime_seconds, taint, memory }: StatsAnswer): string {
  const mebibytes = (memory.rss / 1024 / 1024).toFixed(0);
  return `fwctl-emu top: ${verb} (pid ${pid}) as ${abi}, up ${uptime_seconds.toFixed(0)} s, taint ${taint}, ${mebibytes} MiB`;
}

type Call = DeviceStatsAnswer['calls'][number];
const callWords = ({ command, outcome }: Call) => `${command} ${outcome}`;

function deviceRow(device: DeviceStatsAnswer, was: DeviceStatsAnswer | undefined, seconds: number): string[] {
  const { name, plugged, open_files, held, calls, latency } = device;
  const total = (rows: readonly Call[] = []) => rows.reduce((sum, { count }) => sum + count, 0);
  const refused = (rows: readonly Call[] = []) => total(rows.filter(({ outcome }) => outcome !== 'ok'));
  const made = total(calls) - total(was?.calls);
  // Counters that were cleared begin again from 0.
  const fresh = made < 0 || was === undefined;
  const us = latency.sum_us - (fresh ? 0 : was.latency.sum_us);
  return [
    plugged ? name : `${name} (unplugged)`,
    String(open_files),
    rate(made, seconds),
    rate(refused(calls) - refused(was?.calls), seconds),
    String(held),
    made > 0 && !fresh ? `${(us / made).toFixed(1)} us` : '-',
    slowest(latency, fresh ? undefined : was.latency),
  ];
}

/** The bucket of the slowest call since: its upper end. */
function slowest(now: DeviceStatsAnswer['latency'], was: DeviceStatsAnswer['latency'] | undefined): string {
  const since = now.counts.map((count, at) => count - (was?.counts[at] ?? 0));
  const at = since.reduce((last, count, bucket) => (count > 0 ? bucket : last), -1);
  if (at < 0 || was === undefined) return '-';
  const end = now.buckets_us[at];
  return end === undefined ? `> ${now.buckets_us.at(-1)} us` : `<= ${end} us`;
}

/** The busiest first. */
function commandRows(
  devices: readonly DeviceStatsAnswer[],
  was: ReadonlyMap<string, DeviceStatsAnswer>,
  seconds: number,
  fits: (words: string) => boolean,
): string[][] {
  const rows = devices.flatMap((device) =>
    device.calls
      .filter((call) => fits(device.name) || fits(callWords(call)))
      .map((call) => {
        const before = was.get(device.name)?.calls.find((one) => callWords(one) === callWords(call));
        return { device: device.name, ...call, since: Math.max(call.count - (before?.count ?? 0), 0) };
      }),
  );
  rows.sort((a, b) => b.since - a.since || b.count - a.count);
  return rows.map(({ device, command, outcome, count, since }) => [
    rate(since, seconds),
    String(count),
    outcome,
    device,
    command,
  ]);
}

function rate(count: number, seconds: number): string {
  return seconds <= 0 || count < 0 ? '-' : (count / seconds).toFixed(count / seconds < 10 ? 1 : 0);
}

function table(head: readonly string[], rows: readonly string[][], right: readonly number[] = [1, 2, 3, 4, 5, 6]) {
  if (rows.length === 0) return [head.join('  ')];
  return columns([[...head], ...rows], [...right.filter((at) => at < head.length)]).split('\n');
}
