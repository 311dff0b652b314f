/** How two requests differ, in the names of their fields: what a replay that missed tells. */
import type { FieldValue } from '../../../abi/bits.ts';
import type { Dialect, Messages } from '../../../fwctl/dialect.ts';
import { viewOf } from './mask.ts';

export interface ComparedRequest {
  readonly scope: number;
  readonly outLength: number;
  /** Addresses in it are zero. */
  readonly bytes: Uint8Array;
}

/** What a device's requests mean. */
export interface Language {
  readonly dialect: Dialect;
  readonly messages: Messages;
}

/** Whether two requests ask for the same, byte by byte. */
export function sameRequest(a: ComparedRequest, b: ComparedRequest, { dialect }: Language): boolean {
  if (a.scope !== b.scope || a.outLength !== b.outLength || a.bytes.length !== b.bytes.length) return false;
  return distance(a.bytes, b.bytes, dialect) === 0;
}

/** Bytes that differ; the larger, the less alike. Another command is further away than any payload. */
export function unlikeness(a: ComparedRequest, b: ComparedRequest, { dialect }: Language): number {
  const { requestHead } = dialect;
  const sizes = (a.scope === b.scope ? 0 : 1) + (a.outLength === b.outLength ? 0 : 1);
  const head = 0x1000 * distance(a.bytes.subarray(0, requestHead), b.bytes.subarray(0, requestHead), dialect);
  return sizes + head + distance(a.bytes, b.bytes, dialect);
}

/** `register_id: MGIR 0x9020, recorded MCAM 0x907f`, ... At most `limit` of them, and then how many more. */
export function differences(
  asked: ComparedRequest,
  recorded: ComparedRequest,
  { dialect, messages }: Language,
  limit = 8,
): string[] {
  const found: string[] = [];
  const note = (name: string, a: string | number | bigint, b: string | number | bigint): void => {
    if (a !== b) found.push(`${name}: ${a}, recorded ${b}`);
  };
  note('scope', asked.scope, recorded.scope);
  note('in_len', asked.bytes.length, recorded.bytes.length);
  note('out_len', asked.outLength, recorded.outLength);
  const explained = noteFields(asked.bytes, recorded.bytes, messages, note);
  const rest = unexplained(asked.bytes, recorded.bytes, explained, dialect);
  if (rest.length > 0)
    found.push(`bytes without a name: ${rest.slice(0, 4).join(', ')}${rest.length > 4 ? ', ...' : ''}`);
  return found.length <= limit ? found : [...found.slice(0, limit), `and ${found.length - limit} more`];
}

type Note = (name: string, a: string | number | bigint, b: string | number | bigint) => void;

/** Names what can be named; the bytes that are spoken for by it. */
function noteFields(a: Uint8Array, b: Uint8Array, messages: Messages, note: Note): Set<number> {
  const explained = new Set<number>();
  const cover = (from: number, to: number): void => {
    for (let at = from; at < to; at++) explained.add(at);
  };
  const [left, right] = [viewOf(a), viewOf(b)];
  const others = new Map(messages.head(right).map((field) => [field.name, field]));
  for (const { name, value, bytes, decides } of messages.head(left)) {
    const other = others.get(name);
    if (other === undefined) continue;
    note(name, value, other.value);
    cover(...bytes);
    if (!decides || value === other.value) continue;
    // Another command's payload has nothing to compare.
    cover(0, Math.max(a.length, b.length));
    return explained;
  }
  for (const field of messages.requestFields(left)) {
    const [from, to] = field.bytes;
    if (to > right.byteLength) continue;
    note(field.path, shown(field.read(left)), shown(field.read(right)));
    cover(from, to);
  }
  return explained;
}

/** `16-19: 00000001, recorded 00000000`. */
function unexplained(a: Uint8Array, b: Uint8Array, explained: ReadonlySet<number>, dialect: Dialect): string[] {
  const runs: string[] = [];
  const length = Math.min(a.length, b.length);
  const differs = (at: number): boolean => a[at] !== b[at] && !explained.has(at) && !isKernels(at, dialect);
  for (let at = 0; at < length; at++) {
    if (!differs(at)) continue;
    let end = at + 1;
    while (end < length && differs(end)) end++;
    runs.push(`${at}${end - 1 === at ? '' : `-${end - 1}`}: ${hex(a, at, end)}, recorded ${hex(b, at, end)}`);
    at = end;
  }
  return runs;
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  const text = Buffer.from(bytes.subarray(from, Math.min(to, from + 8))).toString('hex');
  return to - from > 8 ? `${text}...` : text;
}

function distance(a: Uint8Array, b: Uint8Array, dialect: Dialect): number {
  let count = Math.abs(a.length - b.length);
  for (let at = Math.min(a.length, b.length) - 1; at >= 0; at--) {
    if (a[at] !== b[at] && !isKernels(at, dialect)) count++;
  }
  return count;
}

/** Bytes of the kernel's own, whatever the client put there. */
function isKernels(at: number, { kernelBytes }: Dialect): boolean {
  return kernelBytes.some(([from, to]) => at >= from && at < to);
}

function shown(value: FieldValue): string | number | bigint {
  return value instanceof Uint8Array
    ? Buffer.from(value)
        .toString('hex')
        .replace(/(00)+$/, '')
    : value;
}
