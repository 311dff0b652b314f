/** stats, metrics: what the emulator counts (host/stats.ts), for people, programs and Prometheus. */
import { errnoName } from '../../abi/errno.ts';
import {
  type CallCount,
  DeviceCounts,
  type DeviceStats,
  LATENCY_BUCKETS_US,
  NO_OPCODE,
} from '../../host/interceptors/stats/device-stats.ts';
import { columns } from '../columns.ts';
import type { ControlContext } from '../context.ts';
import { type Method, method } from '../method.ts';
import { type MetricsAnswer, metricsText } from '../prometheus.ts';
import { type DeviceStatsAnswer, type NamedCount, STATS_SCHEMA, type StatsAnswer } from '../stats-answer.ts';

async function answer({ host, stats, version, verb, messages }: ControlContext): Promise<StatsAnswer> {
  const all = await messages();
  const named = ({ ioctls, dialect }: DeviceStats, { command, outcome, count }: CallCount): NamedCount => {
    const known = all.get(dialect?.driver ?? '');
    return {
      command: ioctlNames.get(command) ?? ioctls?.get(-command) ?? known?.commandName(command) ?? String(command),
      outcome:
        outcome === 0 ? 'ok' : outcome < 0 ? errnoName(-outcome) : (known?.statusName(outcome) ?? String(outcome)),
      count,
    };
  };
  const plugged = new Set(host.devices().flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    version,
    abi: host.abi.name,
    verb,
    pid: process.pid,
    uptime_seconds: Math.round(process.uptime() * 1000) / 1000,
    taint: host.taint.value,
    devices: stats.devices().map((device) => deviceAnswer(device, plugged, named)),
    memory: { rss, heap_used: heapUsed, external },
  };
}

const ioctlNames = new Map<number, string>([
  [NO_OPCODE.INFO, 'FWCTL_INFO'],
  [NO_OPCODE.RPC, 'FWCTL_RPC'],
  [NO_OPCODE.OTHER, 'ioctl'],
]);

function deviceAnswer(
  device: DeviceStats,
  plugged: ReadonlySet<string>,
  named: (device: DeviceStats, count: CallCount) => NamedCount,
): DeviceStatsAnswer {
  const counts = device.counts ?? new DeviceCounts();
  return {
    name: device.name,
    plugged: plugged.has(device.name),
    open_files: device.openFiles,
    opened: device.opened,
    refused_opens: Object.fromEntries([...counts.refusedOpens].map(([errno, count]) => [errnoName(errno), count])),
    held: device.held,
    calls: counts.calls().map((count) => named(device, count)),
    latency: {
      buckets_us: LATENCY_BUCKETS_US,
      counts: [...counts.latency],
      sum_us: Math.round(counts.latencySumNs) / 1000,
    },
  };
}

export const STATS_METHODS: readonly Method[] = [
  method({
    verb: 'stats',
    http: 'GET',
    path: '/v1/stats',
    about: 'count calls by command and outcome, their time, open files, memory',
    help: `A command is the firmware's; FWCTL_RPC stands for RPCs that were refused before one was read. Those of /dev/iommu and
/dev/vfio/vfio are their ioctls. The outcome is ok, an errno, or the firmware's status. Times are the emulator's own part of a call, without the kernel's way to it and back.`,
    params: {},
    answer: STATS_SCHEMA,
    handle: (_, context) => answer(context),
    text: statsText,
  }),
  method({
    verb: 'stats clear',
    http: 'DELETE',
    path: '/v1/stats',
    about: 'start the counters again from 0',
    params: {},
    answer: { type: 'object', properties: {} },
    handle(_, { stats }) {
      stats.clear();
      return {};
    },
    text: () => 'the counters start from 0',
  }),
  method({
    verb: 'metrics',
    http: 'GET',
    path: '/metrics',
    about: 'print the same counters as Prometheus reads them',
    help: `A scraper reads the socket itself: GET /metrics.

Example:
  curl --unix-socket /run/fwctl-emu/control.sock http://localhost/metrics`,
    params: {},
    answer: { mediaType: 'text/plain; version=0.0.4; charset=utf-8' },
    handle: async (_, context): Promise<MetricsAnswer> => metricsText(await answer(context)),
  }),
];

function statsText({ devices, memory, uptime_seconds, taint, abi, verb, pid }: StatsAnswer): string {
  const mebibytes = (memory.rss / 1024 / 1024).toFixed(1);
  const blocks = [
    `${verb} (pid ${pid}) as ${abi}, up ${uptime_seconds.toFixed(1)} s, taint ${taint}, memory ${mebibytes} MiB`,
  ];
  for (const device of devices) {
    const { name, plugged, open_files, opened, held, calls, latency, refused_opens } = device;
    const total = calls.reduce((sum, { count }) => sum + count, 0);
    const mean = total === 0 ? '-' : `${(latency.sum_us / total).toFixed(1)} us`;
    const refused = Object.entries(refused_opens).map(([errno, count]) => `, ${count} refused with ${errno}`);
    blocks.push(
      `${name}${plugged ? '' : ' (unplugged)'}: ${open_files} open, ${opened} opened${refused.join('')}, ${held} held, ${total} calls, mean ${mean}`,
    );
    if (total > 0) {
      const rows = [...calls].sort((a, b) => b.count - a.count || a.command.localeCompare(b.command));
      const table = columns(
        [['COUNT', 'OUTCOME', 'COMMAND'], ...rows.map((row) => [String(row.count), row.outcome, row.command])],
        [0],
      );
      blocks.push(table.replace(/^/gm, '  '));
    }
  }
  return blocks.join('\n');
}
