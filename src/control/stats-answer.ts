/** What `stats` answers, which `metrics` writes in Prometheus' way. */
import type { AnswerOf } from './method.ts';

const DEVICE_SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    plugged: { type: 'boolean' },
    open_files: { type: 'integer' },
    opened: { type: 'integer', description: 'files opened since the start' },
    // by errno's name
    refused_opens: { type: 'object', additionalProperties: { type: 'integer' } },
    held: { type: 'integer', description: 'answers held back now' },
    calls: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          command: {
            type: 'string',
            description: 'firmware command, or the ioctl where none was reached; of iommu and vfio the ioctl',
          },
          outcome: { type: 'string', description: 'ok, an errno, or the firmware’s status' },
          count: { type: 'integer' },
        },
      },
    },
    latency: {
      type: 'object',
      properties: {
        // upper ends; one count more, for all that is above
        buckets_us: { type: 'array', items: { type: 'number' } },
        counts: { type: 'array', items: { type: 'integer' } },
        sum_us: { type: 'number' },
      },
    },
  },
} as const;

export const STATS_SCHEMA = {
  type: 'object',
  properties: {
    version: { type: 'string' },
    abi: { type: 'string' },
    verb: { type: 'string', enum: ['run', 'serve'] },
    pid: { type: 'integer' },
    uptime_seconds: { type: 'number' },
    taint: { type: 'integer' },
    devices: { type: 'array', items: DEVICE_SCHEMA },
    memory: {
      type: 'object',
      properties: { rss: { type: 'integer' }, heap_used: { type: 'integer' }, external: { type: 'integer' } },
    },
  },
} as const;

export type StatsAnswer = AnswerOf<typeof STATS_SCHEMA>;
export type DeviceStatsAnswer = StatsAnswer['devices'][number];
export type NamedCount = DeviceStatsAnswer['calls'][number];
