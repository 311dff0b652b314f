/** The few statistics of a benchmark of interleaved rounds. */

/** What test/c/bench-client.c says of one round; times in ns. */
export interface Sample {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  /** Firmware status of the last reply, -1 when the call has none. */
  readonly status: number;
  /** Calls a second, of all clients together. */
  readonly rate: number;
}

/** The middle value, or the mean of the middle two; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** The smallest value that `fraction` of the values do not exceed; NaN of nothing. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? NaN;
}

/** Median of the ratios of the same round: what disturbs a round disturbs both sides of it. */
export function pairedRatio(subject: readonly number[], reference: readonly number[]): number {
  return median(subject.map((value, round) => value / (reference[round] ?? NaN)));
}

/** The same list in a random order. */
export function shuffled<T>(list: readonly T[], random: () => number = Math.random): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
