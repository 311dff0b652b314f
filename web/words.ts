/** The words of events, for lists: what was called, how it ended. */
import { shortScope } from '../src/host/interceptors/trace/trace-words.ts';
import type { Shape } from './data.ts';

export type Tone = 'ok' | 'bad' | 'late' | 'quiet' | 'note';

export function callText(shape: Shape): string {
  const { kind, part } = shape;
  switch (kind) {
    case 'kmsg':
      return shape.text ?? '';
    case 'plug':
      return 'plugged';
    case 'unplug':
      return 'unplugged';
    case 'strike':
      return `fault ${shape.id}: ${shape.text}`;
    case 'open':
    case 'close':
      return kind;
    default:
      if (part === undefined) return `ioctl 0x${(shape.cmd ?? 0).toString(16)}`;
      if (part.kind === 'info') return 'FWCTL_INFO';
      return part.kind === 'command' ? (part.name ?? '') : (part.request?.command ?? 'FWCTL_RPC');
  }
}

export function scopeText({ part }: Shape): string {
  return part?.kind === 'rpc' && part.scope !== undefined ? shortScope(part.scope) : '';
}

export function outcomeText(shape: Shape): string {
  const { outcome, part, kind } = shape;
  if (outcome === undefined) return kind === 'close' ? `${shape.ioctls} ioctl${shape.ioctls === 1 ? '' : 's'}` : '';
  if (outcome.kind === 'refused') return outcome.errno;
  if (outcome.kind === 'failed') return 'failed';
  if (part?.reply !== undefined && part.reply.status !== 0) return part.reply.statusName;
  return 'ok';
}

export function isRefused({ outcome, part }: Shape): boolean {
  if (outcome === undefined) return false;
  return outcome.kind !== 'ok' || (part?.reply !== undefined && part.reply.status !== 0);
}

export function toneOf(shape: Shape): Tone {
  if (shape.kind === 'strike') return 'late';
  if (shape.kind === 'kmsg' || shape.kind === 'plug' || shape.kind === 'unplug') return 'note';
  if (isRefused(shape)) return 'bad';
  return shape.held ? 'late' : shape.outcome === undefined ? 'quiet' : 'ok';
}

/** `QUERY_HCA_CAP`, `ACCESS_REG MGIR`: without what differs from call to call. */
export function commandText(shape: Shape): string {
  const names = Object.values(shape.part?.request?.names ?? {});
  return names.length > 0 ? names.join(' ') : callText(shape);
}

export function durationText(us: number): string {
  if (us < 1000) return `${us < 100 ? us.toFixed(1) : Math.round(us)} µs`;
  return us < 1e6 ? `${(us / 1000).toFixed(us < 1e4 ? 2 : 1)} ms` : `${(us / 1e6).toFixed(2)} s`;
}

/** Seconds since the first event, with microseconds. */
export function sinceText(us: number): string {
  return (us / 1e6).toFixed(6);
}

export function clockText(timeUs: number): string {
  const date = new Date(timeUs / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const micros = String(Math.floor(timeUs % 1e6)).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros}`;
}

export const count = (value: number): string => value.toLocaleString('en-US');
