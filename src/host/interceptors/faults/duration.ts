/** How the times of a fault are read. */
const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
/** setTimeout's own limit. */
const MOST_MS = 2 ** 31 - 1;

/** `200ms`, `2s`; a bare number is microseconds, as strace's delay_exit. */
export function durationMs(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(us|ms|s|m)?$/.exec(text);
  const value = parts === null ? Number.NaN : Number(parts[1]) * (UNITS[parts[2] ?? 'us'] ?? 0);
  if (!(value <= MOST_MS)) throw new Error(`"${text}" is no time; write e.g. 500us, 200ms, 2s`);
  return value;
}
