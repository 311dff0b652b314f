/**
 * An event as text, in the manner of strace: one line, and below it, indented, the reply's fields if asked for.
 *   TIME DEVICE #FILE COMM/TID WHAT -> RESULT  FIELDS  DURATION
 * What a program chose (its comm, register contents) is escaped: it cannot reach the terminal.
 */
import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import { fieldText, printable, shortFieldText } from '../../../abi/shown-field.ts';
import type { ExplainedRefusal } from '../../../fwctl/dialect.ts';
import { type Style, styled } from '../../config/styled.ts';
import { openFlagsText } from './open-flags.ts';
import type { InfoPart, IoctlEvent, OpenEvent, Passing, RpcPart, TraceEvent, TraceOutcome } from './trace-event.ts';
import { durationText, shortScope, timeText } from './trace-words.ts';

/** Which reply fields get lines of their own. */
export type TraceFieldsOption = 'none' | 'changed' | 'all';

export interface TextStyle {
  readonly fields: TraceFieldsOption;
  /** Escape sequences for colour. */
  readonly color: boolean;
  /** The payloads' bytes below the line, where the event has them. */
  readonly hex?: boolean;
}

/** Key fields are added to a line while it is no longer than this. A refusal's explanation may be. */
const WIDTH = 168;
/** A word cut shorter than this says nothing. */
const SHORTEST = 12;
/** Width of the lines of fields. */
const FIELDS_WIDTH = 120;
const INDENT = '    ';
/** Bytes in a line of a hex dump. */
const HEX_ROW = 32;
/** Bytes shown of a buffer that a request points to. */
const POINTED_SHOWN = 8;

type Paint = (style: Style, text: string) => string;
const plain: Paint = (_style, text) => text;

/** The event's lines, joined by newlines, without one at the end. */
export function eventText(event: TraceEvent, style: TextStyle): string {
  const paint = style.color ? styled : plain;
  const time = paint('dim', timeText(event.timeUs));
  if (event.kind === 'kmsg') return `${time} ${paint('magenta', `kernel: <${event.level}> ${printable(event.text)}`)}`;
  const who = `${printable(event.device)} #${event.file} ${printable(event.comm)}/${event.tid || '?'}`;
  const start = `${time} ${paint('dim', who)} `;
  const startWidth = timeText(event.timeUs).length + who.length + 2;
  if (event.kind === 'close') {
    const uid = event.uid === undefined ? '' : ` uid=${event.uid}`;
    const calls = `${event.ioctls} ioctl${event.ioctls === 1 ? '' : 's'}`;
    return `${start}close${uid}  after ${calls}  ${durationText(event.durationUs)}`;
  }
  const { what, answer } = event.kind === 'open' ? openWords(event) : ioctlWords(event);
  const end = `  ${event.held ? 'held ' : ''}${durationText(event.durationUs)}`;
  const room = WIDTH - startWidth - what.length - end.length;
  const result = resultText(event, answer, room, paint);
  const line = `${start}${what} -> ${result}${end}`;
  return [line, ...fieldLines(event, style.fields), ...(style.hex === true ? hexLines(event) : [])].join('\n');
}

/**
 * `    > 0000  01 00 ...`: the request's bytes behind >, the reply's behind <, 32 a line; zeros at the end are left
 * out. Behind `>@16` and `<@40` the first that were read and written at the address at that byte of the request.
 */
function hexLines(event: OpenEvent | IoctlEvent): string[] {
  if (event.kind === 'open' || event.part?.kind !== 'rpc' || event.part.raw === undefined) return [];
  const { raw, pointed = [] } = event.part;
  const buffers = (wanted: 'read' | 'written', sign: string) =>
    pointed.flatMap(({ way, at, head }) => (way === wanted ? hexDump(`${sign}@${at}`, head) : []));
  const reply = raw.reply === undefined ? [] : hexDump('<', raw.reply);
  return [...hexDump('>', raw.request), ...buffers('read', '>'), ...reply, ...buffers('written', '<')];
}

function hexDump(sign: string, bytes: Uint8Array): string[] {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const lines: string[] = [];
  for (let at = 0; at < end; at += HEX_ROW) {
    const row = Array.from(bytes.subarray(at, Math.min(at + HEX_ROW, end)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    const words = Array.from({ length: Math.ceil(row.length / 4) }, (_, word) =>
      row.slice(word * 4, word * 4 + 4).join(''),
    );
    lines.push(`${INDENT}${sign} ${at.toString(16).padStart(4, '0')}  ${words.join(' ')}`);
  }
  if (end < bytes.length)
    lines.push(`${INDENT}${sign} ${end.toString(16).padStart(4, '0')}  zeros up to ${bytes.length} bytes`);
  return lines;
}

interface Words {
  readonly what: string;
  /** The fields that follow OK. */
  readonly answer: readonly string[];
}

function openWords({ flags }: OpenEvent): Words {
  return { what: `open(${openFlagsText(flags)})`, answer: [] };
}

function ioctlWords({ cmd, part }: IoctlEvent): Words {
  if (part?.kind === 'info') return infoWords(part);
  if (part?.kind === 'rpc') return rpcWords(part);
  if (part?.kind === 'command') {
    return { what: [part.name, ...part.asked.map(fieldText)].join(' '), answer: part.answered.map(fieldText) };
  }
  const name = cmd === 0x9a00 ? 'INFO' : cmd === 0x9a01 ? 'RPC' : `ioctl 0x${cmd.toString(16)}`;
  return { what: name, answer: [] };
}

function infoWords({ flags, dataLen, answer }: InfoPart): Words {
  const what = `INFO${flags === 0 ? '' : ` flags=0x${flags.toString(16)}`} data_len=${dataLen}`;
  if (answer === undefined) return { what, answer: [] };
  const type = deviceTypes.get(answer.deviceType) ?? `0x${answer.deviceType.toString(16)}`;
  return { what, answer: [`type=${type}`, ...answer.fields.map(fieldText), `data_len=${answer.dataLen}`] };
}

function rpcWords(part: RpcPart): Words {
  const words = ['RPC', `scope=${shortScope(part.scope)}`];
  if (part.request !== undefined) words.push(printable(part.request.command));
  if (part.uid !== undefined) words.push(`uid=${part.uid}`);
  words.push(`in=${part.inLen}`, `out=${part.outLen}`);
  if (part.requestHex !== undefined) words.push(`[${part.requestHex}]`);
  words.push(...pointedWords(part, 'read'));
  const answer = part.replyHex === undefined ? (part.reply?.keys ?? []).map(shortFieldText) : [`[${part.replyHex}]`];
  return { what: words.join(' '), answer: [...answer, ...pointedWords(part, 'written')] };
}

/** `in@16=32[0b12192027202e35...]`: the buffer whose address is at byte 16 of the request. */
function pointedWords({ pointed = [] }: RpcPart, wanted: 'read' | 'written'): string[] {
  return pointed.flatMap(({ way, at, skip, length, head }) => {
    if (way !== wanted) return [];
    const hex = Buffer.from(head.subarray(0, POINTED_SHOWN)).toString('hex');
    const word = way === 'read' ? 'in' : 'out';
    return [`${word}@${at}${skip === 0 ? '' : `+${skip}`}=${length}[${hex}${length > POINTED_SHOWN ? '...' : ''}]`];
  });
}

function resultText(event: OpenEvent | IoctlEvent, answer: readonly string[], room: number, paint: Paint): string {
  const { outcome } = event;
  const rpc = event.kind === 'ioctl' && event.part?.kind === 'rpc' ? event.part : undefined;
  if (outcome.kind === 'failed') return paint('red', `not carried out: ${printable(outcome.message)}`);
  if (outcome.kind === 'refused') return refusalText(outcome, rpc, paint);
  const reply = rpc?.reply;
  if (reply !== undefined && reply.status !== 0) {
    const codes = Object.entries(reply.codes).map(([name, value]) => ` ${name} 0x${value.toString(16)}`);
    const status = `${reply.statusName}(0x${reply.status.toString(16)})`;
    return explained(`firmware ${status}${codes.join('')}`, reply.refusal, paint);
  }
  const ok = outcome.value === 0 ? 'OK' : `OK ${outcome.value}`;
  return paint('green', ok) + fitted(answer, room - ' -> '.length - ok.length);
}

/** `firmware BAD_OUTP_LEN(0x51) syndrome 0xe00003: why: which part  | fix: what would pass`. */
function explained(said: string, refusal: ExplainedRefusal | undefined, paint: Paint): string {
  if (refusal === undefined) return paint('yellow', said);
  const { name, rule, part, fix } = refusal;
  const named = said.includes(name) ? said : `${said} ${name}`;
  const why = paint('yellow', [named, rule, ...(part === undefined ? [] : [printable(part)])].join(': '));
  return fix === undefined ? why : `${why}  | ${paint('cyan', `fix: ${printable(fix)}`)}`;
}

function refusalText(
  { errno, rule, fix, passes }: Extract<TraceOutcome, { kind: 'refused' }>,
  rpc: RpcPart | undefined,
  paint: Paint,
): string {
  const parts = [paint('red', `${errno}: ${rule}`)];
  if (rpc?.delivered === true) parts.push('the command was executed');
  if (passes !== undefined) parts.push(`passes: ${passesText(passes, rpc?.scope)}`);
  if (fix !== undefined) parts.push(paint('cyan', `fix: ${fix}`));
  return parts.join('  | ');
}

/** `scope 1,2,3; abi v2 with scope 0`: what else this kernel passes, and which kernels pass it as it was sent. */
function passesText([own, ...others]: readonly Passing[], sent: number | undefined): string {
  const asSent = others.filter(({ scopes }) => sent !== undefined && scopes.includes(sent));
  const parts = own === undefined || own.scopes.length === 0 ? [] : [`scope ${own.scopes.join(',')}`];
  for (const { abi } of asSent) parts.push(`abi ${abi} with scope ${sent}`);
  if (parts.length === 0) for (const { abi, scopes } of others) parts.push(`abi ${abi} with scope ${scopes.join(',')}`);
  return parts.length === 0 ? 'in no scope of any kernel' : parts.join('; ');
}

/** As many of the words as there is room for, each with a blank in front. */
function fitted(words: readonly string[], room: number): string {
  let text = words.length === 0 ? '' : ' ';
  for (const word of words) {
    const left = room - text.length - ' ...'.length;
    // The first is cut rather than left out: a description is often the only field.
    if (word.length >= left)
      return text === ' ' && left > SHORTEST ? `${text} ${word.slice(0, left)}...` : `${text} ...`;
    text += ` ${word}`;
  }
  return text;
}

function fieldLines(event: OpenEvent | IoctlEvent, which: TraceFieldsOption): string[] {
  if (which === 'none' || event.kind === 'open' || event.part?.kind !== 'rpc') return [];
  const { reply, changed } = event.part;
  const fields = which === 'changed' ? changed : (reply?.fields ?? []);
  const lines: string[] = [];
  let line = INDENT;
  for (const word of fields.map(fieldText)) {
    if (line !== INDENT && line.length + word.length > FIELDS_WIDTH) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  if (line !== INDENT) lines.push(line.trimEnd());
  return lines;
}

const deviceTypes = new Map<number, string>(
  Object.entries(DEVICE_TYPE).map(([name, value]) => [value, name.toLowerCase()]),
);
