/** An event as a line of JSON: stable snake_case keys of what is known; decimal text where a double would round. */
import type { ShownField } from '../../../abi/shown-field.ts';
import type { CommandPart, InfoPart, IoctlEvent, RpcPart, TraceEvent, TraceOutcome } from './trace-event.ts';
import { shortScope } from './trace-words.ts';

type Json = string | number | boolean | undefined | readonly Json[] | { readonly [key: string]: Json };

/** One object, without a newline. `hex`: with the payloads' bytes, where the event has them. */
export function eventJson(event: TraceEvent, hex = false): string {
  return JSON.stringify(eventObject(event, hex));
}

/** Microseconds of the Unix epoch as RFC 3339 in UTC. */
export function isoTime(timeUs: number): string {
  const micros = String(((Math.floor(timeUs) % 1000) + 1000) % 1000).padStart(3, '0');
  return new Date(Math.floor(timeUs / 1000)).toISOString().replace('Z', `${micros}Z`);
}

function eventObject(event: TraceEvent, hex: boolean): Json {
  const time = isoTime(event.timeUs);
  if (event.kind === 'kmsg') return { time, event: 'kmsg', level: event.level, text: event.text };
  const { device, file, comm, tid, callerUid } = event;
  const base = { time, event: event.kind, device, file, comm, tid, caller_uid: callerUid, us: event.durationUs };
  switch (event.kind) {
    case 'open':
      return { ...base, flags: event.flags, held: event.held, ...outcomeObject(event.outcome) };
    case 'close':
      return { ...base, uid: event.uid, ioctls: event.ioctls };
    case 'ioctl': {
      const part = event.part && partObject(event.part, hex);
      return { ...base, cmd: event.cmd, held: event.held, ...(part as object), ...outcomeObject(event.outcome) };
    }
  }
}

function outcomeObject(outcome: TraceOutcome): { readonly [key: string]: Json } {
  switch (outcome.kind) {
    case 'ok':
      return { result: outcome.value };
    case 'failed':
      return { error: outcome.message };
    case 'refused': {
      const passes = outcome.passes?.map(({ abi, scopes }) => ({ abi, scopes }));
      return { errno: outcome.errno, rule: outcome.rule, passes, fix: outcome.fix };
    }
  }
}

function partObject(part: NonNullable<IoctlEvent['part']>, hex: boolean): Json {
  if (part.kind === 'info') return infoObject(part);
  return part.kind === 'rpc' ? rpcObject(part, hex) : commandObject(part);
}

function commandObject({ name, asked, answered }: CommandPart): Json {
  return { name, fields: fieldsObject(asked), answer: answered.length === 0 ? undefined : fieldsObject(answered) };
}

function infoObject({ flags, dataLen, answer }: InfoPart): Json {
  const answered = answer && {
    device_type: answer.deviceType,
    device_data_len: answer.dataLen,
    fields: fieldsObject(answer.fields),
  };
  return { name: 'FWCTL_INFO', flags, device_data_len: dataLen, answer: answered };
}

function rpcObject(part: RpcPart, hex: boolean): Json {
  const { request, reply } = part;
  const raw = hex ? part.raw : undefined;
  return {
    name: 'FWCTL_RPC',
    scope: part.scope,
    scope_name: shortScope(part.scope),
    in_len: part.inLen,
    out_len: part.outLen,
    uid: part.uid,
    request: request && { ...request.numbers, command: request.command, fields: fieldsObject(request.fields) },
    read: pointedObjects(part, 'read'),
    request_hex: raw === undefined ? part.requestHex : hexDigits(raw.request),
    delivered: part.delivered,
    written: pointedObjects(part, 'written'),
    reply: reply && {
      status: reply.status,
      status_name: reply.statusName,
      ...reply.codes,
      refusal: reply.refusal && { ...reply.refusal },
      fields: fieldsObject(reply.fields),
    },
    changed: reply && part.changed.map(([name]) => name),
    reply_hex: raw === undefined ? part.replyHex : raw.reply && hexDigits(raw.reply),
  };
}

/** Undefined: there are none. */
function pointedObjects({ pointed = [] }: RpcPart, way: 'read' | 'written'): Json {
  const objects = pointed.flatMap((one) =>
    one.way === way ? [{ at: one.at, offset: one.skip, bytes: one.length, hex: hexDigits(one.head) }] : [],
  );
  return objects.length === 0 ? undefined : objects;
}

function hexDigits(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function fieldsObject(fields: readonly ShownField[]): Json {
  return Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === 'bigint' ? bigintJson(value) : value]),
  );
}

function bigintJson(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
