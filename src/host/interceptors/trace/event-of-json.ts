/**
 * Lines of a JSON trace (trace-json.ts) as events again. What a line does not have (the driver, bytes without
 * --trace-hex) is found or left out: the driver is the one whose messages tell the request as the line does.
 */

import type { ShownField } from '../../../abi/shown-field.ts';
import type { Messages } from '../../../fwctl/dialect.ts';
import type { AllMessages } from '../../machine/load-messages.ts';
import type { CommandPart, InfoPart, IoctlEvent, RpcPart, TraceEvent, TraceOutcome } from './trace-event.ts';

type Line = Readonly<Record<string, unknown>>;

/** A line's event, or how many events were dropped there. Throws an Error that says what is wrong with it. */
export function eventOfJson(text: string, all: AllMessages): TraceEvent | number {
  const line = objectOf(JSON.parse(text));
  if (line.event === 'dropped') return Number(line.count);
  const timeUs = microseconds(line.time);
  if (line.event === 'kmsg') return { kind: 'kmsg', timeUs, level: Number(line.level), text: String(line.text) };
  const { device, file, comm, tid, caller_uid: callerUid, us: durationUs } = line;
  if (typeof device !== 'string' || typeof file !== 'number')
    throw new Error('no event of a trace: no device, no file');
  const common = { timeUs, device, file, comm: String(comm), tid: Number(tid), callerUid: Number(callerUid) };
  const base = { ...common, driver: undefined, durationUs: Number(durationUs) };
  const held = line.held === true;
  switch (line.event) {
    case 'open':
      return { kind: 'open', ...base, flags: Number(line.flags), held, outcome: outcomeOf(line) };
    case 'close':
      return { kind: 'close', ...base, uid: line.uid as number | undefined, ioctls: Number(line.ioctls) };
    case 'ioctl': {
      const [part, driver] = partOf(line, all);
      return { kind: 'ioctl', ...base, driver, cmd: Number(line.cmd), part, held, outcome: outcomeOf(line) };
    }
    default:
      throw new Error(`"${String(line.event)}" is no event of a trace`);
  }
}

function outcomeOf(line: Line): TraceOutcome {
  if (typeof line.error === 'string') return { kind: 'failed', message: line.error };
  if (typeof line.errno !== 'string') return { kind: 'ok', value: Number(line.result ?? 0) };
  const passes = line.passes as Extract<TraceOutcome, { kind: 'refused' }>['passes'];
  return { kind: 'refused', errno: line.errno, rule: String(line.rule), fix: line.fix as string | undefined, passes };
}

function partOf(line: Line, all: AllMessages): [IoctlEvent['part'], string | undefined] {
  if (line.name === 'FWCTL_RPC') return rpcOf(line, all);
  if (line.name === 'FWCTL_INFO') return [infoOf(line), undefined];
  if (typeof line.name !== 'string') return [undefined, undefined];
  const part: CommandPart = {
    kind: 'command',
    name: line.name,
    asked: fieldsOf(line.fields),
    answered: fieldsOf(line.answer),
  };
  return [part, undefined];
}

function infoOf(line: Line): InfoPart {
  const told = line.answer === undefined ? undefined : objectOf(line.answer);
  const answer = told && {
    deviceType: Number(told.device_type),
    dataLen: Number(told.device_data_len),
    fields: fieldsOf(told.fields),
  };
  return { kind: 'info', flags: Number(line.flags), dataLen: Number(line.device_data_len), answer };
}

function rpcOf(line: Line, all: AllMessages): [RpcPart, string | undefined] {
  const told = line.request === undefined ? undefined : objectOf(line.request);
  const bytes = bytesOf(line.request_hex);
  const reply = bytesOf(line.reply_hex);
  const messages = bytes && told && [...all.values()].find((one) => tells(one, bytes, String(told.command)));
  const answered = line.reply === undefined ? undefined : objectOf(line.reply);
  const part: RpcPart = {
    kind: 'rpc',
    scope: Number(line.scope),
    inLen: Number(line.in_len),
    outLen: Number(line.out_len),
    uid: line.uid as number | undefined,
    request: told && {
      command: String(told.command),
      numbers: messages && bytes ? messages.request(bytes, bytes.length).numbers : numbersOf(told),
      names: messages && bytes ? messages.request(bytes, bytes.length).names : {},
      fields: fieldsOf(told.fields),
    },
    requestHex: undefined,
    delivered: line.delivered === true,
    reply: answered && {
      status: Number(answered.status),
      statusName: String(answered.status_name),
      codes: numbersOf(answered, ['status']),
      refusal: answered.refusal as NonNullable<RpcPart['reply']>['refusal'],
      fields: fieldsOf(answered.fields),
      keys: [],
    },
    replyHex: undefined,
    changed: [],
    ...(bytes && { raw: { request: bytes, reply } }),
  };
  return [part, messages?.driver];
}

function tells(messages: Messages, bytes: Uint8Array, command: string): boolean {
  try {
    return bytes.length >= messages.requestHeader && messages.request(bytes, bytes.length).command === command;
  } catch {
    return false;
  }
}

/** The numbers that stand beside other members. */
function numbersOf(object: Line, but: readonly string[] = []): Record<string, number> {
  const rows = Object.entries(object).filter(([name, value]) => typeof value === 'number' && !but.includes(name));
  return Object.fromEntries(rows) as Record<string, number>;
}

function fieldsOf(fields: unknown): ShownField[] {
  return typeof fields === 'object' && fields !== null ? (Object.entries(fields) as [string, string | number][]) : [];
}

/** Undefined: there are none, or not all of them (`...`). */
function bytesOf(hex: unknown): Uint8Array | undefined {
  return typeof hex === 'string' && /^([0-9a-f]{2})*$/.test(hex) ? new Uint8Array(Buffer.from(hex, 'hex')) : undefined;
}

function objectOf(value: unknown): Line {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line;
  throw new Error('it is no JSON object');
}

/** Of isoTime(). */
function microseconds(text: unknown): number {
  const [, seconds = '', micros = ''] = /^(.*\d)\.(\d{6})Z$/.exec(String(text)) ?? [];
  const ms = Date.parse(`${seconds}Z`);
  if (Number.isNaN(ms)) throw new Error('it has no time');
  return ms * 1000 + Number(micros);
}
