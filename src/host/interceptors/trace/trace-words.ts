/** The small words of a trace: fields, scopes, times. */
import { SCOPE } from '../../../abi/fwctl.ts';
import type { TraceField } from './trace-event.ts';

/** Fields that people read in hex: identifiers, masks, addresses. */
const IN_HEX = /(_id|_mask|mask_\w+|_cap|guid\w*|mac_\w+|proto_(admin|oper|cap\w*))$/;

export function fieldText([name, value]: TraceField): string {
  if (typeof value === 'string') return `${name}=${/^[\w.:()|-]+$/.test(value) ? value : `"${printable(value)}"`}`;
  return `${name}=${IN_HEX.test(name) && value > 9 ? `0x${value.toString(16)}` : value}`;
}

/** The same with the last part of the name alone: `hw_dev_id` of `hw_info.hw_dev_id`. */
export function shortFieldText([name, value]: TraceField): string {
  return fieldText([name.slice(name.lastIndexOf('.') + 1), value]);
}

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

/** Anything but printable ASCII, and the backslash, as \xNN. */
export function printable(text: string): string {
  return text.replace(/[^ -[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
