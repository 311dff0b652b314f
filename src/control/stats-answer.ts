/** What `stats` answers, which `metrics` writes in Prometheus' way. */

export interface NamedCount {
  readonly command: string;
  readonly outcome: string;
  readonly count: number;
}

export interface DeviceStatsAnswer {
  readonly name: string;
  readonly plugged: boolean;
  readonly open_files: number;
  readonly opened: number;
  /** By errno's name. */
  readonly refused_opens: Readonly<Record<string, number>>;
  readonly held: number;
  readonly calls: readonly NamedCount[];
  readonly latency: {
    /** Upper ends, microseconds; one count more, for all that is above. */
    readonly buckets_us: readonly number[];
    readonly counts: readonly number[];
    readonly sum_us: number;
  };
}

export interface StatsAnswer {
  readonly version: string;
  readonly abi: string;
  readonly verb: string;
  readonly pid: number;
  readonly uptime_seconds: number;
  readonly taint: number;
  readonly devices: readonly DeviceStatsAnswer[];
  readonly memory: { readonly rss: number; readonly heap_used: number; readonly external: number };
}
