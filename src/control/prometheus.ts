/** The counters in Prometheus' text format 0.0.4. */
import type { DeviceStatsAnswer, StatsAnswer } from './stats-answer.ts';

export type MetricsAnswer = string;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [suffix: string, labels: Labels, value: number];

export function metricsText(stats: StatsAnswer): MetricsAnswer {
  const { devices } = stats;
  const gauge = (name: string, about: string, value: (device: DeviceStatsAnswer) => number): string => {
    const samples = devices.map((device): Sample => ['', { device: device.name }, value(device)]);
    return family(name, 'gauge', about, samples);
  };
  const families = [
    family('fwctl_emu_info', 'gauge', 'The emulator: always 1.', [
      ['', { version: stats.version, abi: stats.abi, verb: stats.verb }, 1],
    ]),
    family('fwctl_emu_uptime_seconds', 'gauge', 'Seconds since the emulator was started.', [
      ['', {}, stats.uptime_seconds],
    ]),
    family('fwctl_emu_taint', 'gauge', "The emulated kernel's taint mask.", [['', {}, stats.taint]]),
    gauge('fwctl_emu_device_plugged', '1: the device is plugged.', ({ plugged }) => (plugged ? 1 : 0)),
    gauge('fwctl_emu_open_files', 'Open files of the device.', ({ open_files }) => open_files),
    gauge('fwctl_emu_held_replies', 'Answers that are held back.', ({ held }) => held),
    family('fwctl_emu_opens_total', 'counter', 'Files opened, and opens refused, by outcome.', devices.flatMap(opens)),
    family(
      'fwctl_emu_calls_total',
      'counter',
      'ioctls by firmware command, or name, and outcome (ok, an errno, a firmware status).',
      devices.flatMap(({ name, calls }) =>
        calls.map(({ command, outcome, count }): Sample => ['', { device: name, command, outcome }, count]),
      ),
    ),
    family(
      'fwctl_emu_call_duration_seconds',
      'histogram',
      "The emulator's part of an ioctl, answers held back included.",
      devices.flatMap(histogram),
    ),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', {}, stats.memory.rss]]),
    family('nodejs_heap_size_used_bytes', 'gauge', 'Used JavaScript heap.', [['', {}, stats.memory.heap_used]]),
  ];
  return `${families.filter((text) => text !== '').join('\n')}\n`;
}

function opens({ name, opened, refused_opens }: DeviceStatsAnswer): Sample[] {
  return [
    ['', { device: name, outcome: 'ok' }, opened],
    ...Object.entries(refused_opens).map(([outcome, count]): Sample => ['', { device: name, outcome }, count]),
  ];
}

function histogram({ name, latency }: DeviceStatsAnswer): Sample[] {
  let below = 0;
  const buckets = latency.counts.map((count, i): Sample => {
    below += count;
    const end = latency.buckets_us[i];
    return ['_bucket', { device: name, le: end === undefined ? '+Inf' : String(end / 1e6) }, below];
  });
  return [...buckets, ['_sum', { device: name }, latency.sum_us / 1e6], ['_count', { device: name }, below]];
}

/** '' for a family without samples. */
function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  about: string,
  samples: readonly Sample[],
): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([suffix, labels, value]) => `${name}${suffix}${labelText(labels)} ${value}`);
  return [`# HELP ${name} ${about}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
