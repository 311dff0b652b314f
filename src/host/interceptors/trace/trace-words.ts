/** The small words of a trace: scopes, times. */
import { SCOPE } from '../../../abi/fwctl.ts';

const shortScopes = new Map<number, string>(
  Object.entries(SCOPE).map(([name, value]) => [value, name.replace('FWCTL_RPC_', '')]),
);

/** `DEBUG_WRITE`, or the number of a scope that does not exist. */
export function shortScope(scope: number): string {
  return shortScopes.get(scope) ?? String(scope);
}

/** Local time of day with microseconds. */
export function timeText(timeUs: number): string {
  const date = new Date(Math.floor(timeUs / 1000));
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  const micros = ((timeUs % 1e6) + 1e6) % 1e6;
  return `${parts.join(':')}.${String(Math.floor(micros)).padStart(6, '0')}`;
}

export function durationText(us: number): string {
  if (us < 1000) return `${Math.round(us)}us`;
  if (us < 1e6) return `${(us / 1000).toFixed(1)}ms`;
  return `${(us / 1e6).toFixed(1)}s`;
}
