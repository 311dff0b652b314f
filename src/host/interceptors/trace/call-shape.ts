/**
 * Events for a list of many: what an event says beside its times and payloads is its shape, which calls that are alike
 * share. A filter of the trace looks at a shape alone. What a call's payloads say is told when it is looked at.
 */
import { ABI_PROFILES } from '../../../abi/profiles.ts';
import type { ByteRange, Messages } from '../../../fwctl/dialect.ts';
import type { PastEvent } from './past-events.ts';
import type { IoctlEvent, RpcPart, TraceEvent } from './trace-event.ts';

/** A TraceEvent without times, fields and bytes; or a device that came or went, or a fault that struck. */
export type CallShape = Readonly<Record<string, unknown>> & { readonly kind: PastEvent['kind'] };

/** `messages`: of the event's driver, for the kernels that pass an RPC. */
export function shapeOf(event: PastEvent, messages?: Messages): CallShape {
  const { timeUs: _, ...rest } = event;
  if (event.kind !== 'open' && event.kind !== 'ioctl' && event.kind !== 'close') return rest;
  const { durationUs: __, ...known } = rest as Exclude<TraceEvent, { kind: 'kmsg' }>;
  return event.kind === 'ioctl'
    ? { ...known, kind: 'ioctl', part: event.part && partShape(event.part, messages) }
    : known;
}

function partShape(part: NonNullable<IoctlEvent['part']>, messages: Messages | undefined): object {
  if (part.kind === 'info') return { kind: part.kind };
  if (part.kind === 'command') return { kind: part.kind, name: part.name };
  const { kind, scope, inLen, outLen, uid, delivered, request, reply } = part;
  const asked = request && { command: request.command, numbers: request.numbers, names: request.names };
  const told = reply && {
    status: reply.status,
    statusName: reply.statusName,
    codes: reply.codes,
    refusal: reply.refusal,
  };
  const kernels = messages && part.raw && request && kernelsPassing(messages, part.raw.request, scope);
  return { kind, scope, inLen, outLen, uid, delivered, request: asked, reply: told, kernels };
}

/** The kernels whose driver passes the request in that scope, a bit each, in the order of ABI_PROFILES. */
function kernelsPassing(messages: Messages, request: Uint8Array, scope: number): number {
  return ABI_PROFILES.reduce(
    (mask, abi, bit) => mask | (messages.scopesAllowing(abi, request).includes(scope) ? 1 << bit : 0),
    0,
  );
}

/** A field of a payload: its name, its value as text, the bytes it is in, and of those its bits where not all are. */
export type PlacedField = readonly [
  name: string,
  value: string,
  from: number,
  to: number,
  /** As many bytes as `from` to `to`, hex; absent: all. */
  mask?: string,
];

export interface ShownMessage {
  readonly title: 'request' | 'reply' | 'asked' | 'answered';
  /** Empty: there are none to see. */
  readonly hex: string;
  /** Bytes that it had; `hex` may have fewer. */
  readonly length: number;
  readonly fields: readonly PlacedField[];
}

export interface CallDetail {
  readonly messages: readonly ShownMessage[];
  /** A fault's text that strikes calls as this one (docs/faults.md); undefined: none can. */
  readonly fault?: string | undefined;
}

/** `messages`: of the event's driver; undefined: it has none. */
export function detailOf(event: PastEvent, messages: Messages | undefined): CallDetail {
  if (event.kind === 'open') return { messages: [], fault: `open:device=${event.device}:error=EBUSY` };
  if (event.kind !== 'ioctl' || event.part === undefined) return { messages: [] };
  const { part, device } = event;
  switch (part.kind) {
    case 'rpc':
      return {
        messages: rpcMessages(part, messages),
        fault: `rpc:device=${device}${selected(part, messages)}:error=EIO`,
      };
    case 'info':
      return {
        messages: plainMessages([['device_data_len', part.dataLen]], part.answer?.fields),
        fault: `info:device=${device}:error=EIO`,
      };
    case 'command':
      return { messages: plainMessages(part.asked, part.answered), fault: `ioctl:command=${part.name}:error=EIO` };
  }
}

function plainMessages(asked: RpcPart['changed'], answered: RpcPart['changed'] = []): ShownMessage[] {
  const message = (title: ShownMessage['title'], fields: RpcPart['changed']) =>
    fields.length === 0 ? [] : [{ title, hex: '', length: 0, fields: fields.map(unplaced) }];
  return [...message('asked', asked), ...message('answered', answered)];
}

const unplaced = ([name, value]: readonly [string, unknown]): PlacedField => [name, String(value), 0, 0];

function rpcMessages(part: RpcPart, messages: Messages | undefined): ShownMessage[] {
  const { raw, request, reply } = part;
  if (raw === undefined) {
    const seen = (title: ShownMessage['title'], length: number, fields: RpcPart['changed'] = []) =>
      ({ title, hex: '', length, fields: fields.map(unplaced) }) as const;
    return [seen('request', part.inLen, request?.fields), ...(reply ? [seen('reply', 0, reply.fields)] : [])];
  }
  const asked = viewOf(raw.request);
  const requestFields = attempt(() => [...(messages?.requestFields(asked) ?? [])]);
  const shown = [
    messageOf('request', raw.request, part.inLen, [...headFields(asked, messages), ...requestFields], request?.fields),
  ];
  if (raw.reply === undefined) return shown;
  const answered = viewOf(raw.reply);
  const replyFields = attempt(() => [...(messages?.replyFields(asked, answered) ?? [])]);
  return [...shown, messageOf('reply', raw.reply, raw.reply.length, replyFields, reply?.fields)];
}

interface Placed {
  readonly path: string;
  readonly bytes: ByteRange;
  readonly bits?: number;
  readonly value?: string;
  read?(message: DataView): unknown;
  write?(message: DataView, value: number | bigint | Uint8Array): void;
}

/** What says which command it is, which a driver's fields do not repeat. */
function headFields(request: DataView, messages: Messages | undefined): Placed[] {
  const head = messages === undefined ? [] : attempt(() => [...messages.head(request)]);
  return head.map(({ name, value, bytes }) => ({ path: name, bytes, value: String(value) }));
}

function messageOf(
  title: 'request' | 'reply',
  bytes: Uint8Array,
  length: number,
  placed: readonly Placed[],
  described: RpcPart['changed'] = [],
): ShownMessage {
  const view = viewOf(bytes);
  const texts = new Map(described.map(([name, value]) => [name, String(value)]));
  const zeroes = new Uint8Array(bytes.length);
  const fields: PlacedField[] = [];
  const names = new Set<string>();
  for (const field of placed) {
    const [from, to] = field.bytes;
    const value = field.value ?? texts.get(field.path) ?? (field.read ? valueText(field.read(view)) : '');
    const mask = maskOf(field, zeroes);
    if (names.has(field.path)) continue;
    names.add(field.path);
    fields.push(mask === undefined ? [field.path, value, from, to] : [field.path, value, from, to, mask]);
  }
  // what is described and has no place of its own
  for (const [name, value] of texts) if (!names.has(name)) fields.push([name, value, 0, 0]);
  return { title, hex: hexOf(bytes), length, fields };
}

/** The bits of a field that has not all of its bytes; `zeroes`: a message of zeros, which it stays. */
function maskOf(field: Placed, zeroes: Uint8Array): string | undefined {
  const { bits } = field;
  const [from, to] = field.bytes;
  if (bits === undefined || field.write === undefined || bits === (to - from) * 8 || bits > 64) return undefined;
  try {
    field.write(viewOf(zeroes), bits > 32 ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1);
    return hexOf(zeroes.subarray(from, to));
  } catch {
    return undefined;
  } finally {
    zeroes.fill(0);
  }
}

/** What a fault chooses the call by: the driver's selectors that the call has, `:opcode=QUERY_HCA_CAP:op_mod=1`. */
function selected({ request }: RpcPart, messages: Messages | undefined): string {
  if (request === undefined || messages === undefined) return '';
  const chosen = new Map<string, string>();
  for (const key of Object.keys(messages.selectors)) {
    const number = request.numbers[key];
    const value = request.names[key] ?? (number === undefined ? undefined : `0x${number.toString(16)}`);
    if (value !== undefined && /^[\w-]+$/.test(value)) chosen.set(key, value);
  }
  for (const [one, other] of messages.exclusive) if (chosen.has(one)) chosen.delete(other);
  return [...chosen].map(([key, value]) => `:${key}=${value}`).join('');
}

function valueText(value: unknown): string {
  return value instanceof Uint8Array ? hexOf(value) : String(value);
}

function attempt<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
