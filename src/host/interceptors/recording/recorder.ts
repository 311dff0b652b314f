/** Makes a recording's lines (format.ts) of what was exchanged. Comments are decoded; the client sees no change. */
import type { ErrnoName } from '../../../abi/errno.ts';
import type { ShownField } from '../../../abi/shown-field.ts';
import type { Messages } from '../../../fwctl/dialect.ts';
import { POINTER_BYTES } from '../../../kernel/call.ts';
import type { Place } from '../../machine/interceptor.ts';
import { type PointedBytes, RECORDING_VERSION, type RecordedExchange, type RecordingHead, toHex } from './format.ts';
import { Mask } from './mask.ts';
import { type LinesAhead, OrderedLines } from './ordered-lines.ts';
import type { Tapped } from './recorded.ts';

export interface RpcAnswer {
  readonly request: Uint8Array;
  /** Where addresses stand in it. */
  readonly pointers: readonly number[];
  readonly scope: number;
  /** As the client asked. */
  readonly outLength: number;
  /** The reply and the length that the driver answered; or the errno. */
  readonly outcome: { readonly reply: Uint8Array; readonly length: number } | ErrnoName;
  /** At those addresses. */
  readonly read: readonly PointedBytes[];
  readonly written: readonly PointedBytes[];
}

export class Recorder {
  readonly mask: Mask;
  readonly lines: OrderedLines;
  private readonly messages: ReadonlyMap<string, Messages>;
  /** Files of each device that have been opened. */
  private readonly files = new Map<string, number>();

  /** `write` takes each line, without a newline; the head at once. `messages`, by driver, comment its commands. */
  constructor(
    write: (line: string) => void,
    messages: ReadonlyMap<string, Messages>,
    masked: readonly string[] = [],
    ahead?: LinesAhead,
  ) {
    this.mask = new Mask(masked);
    this.lines = new OrderedLines(write, ahead);
    this.messages = messages;
    const head: RecordingHead = { fwctl_emu_recording: RECORDING_VERSION, masked };
    write(JSON.stringify(head));
  }

  /** The number of a new file, from 1 for each device, whose first brings the device's own line. */
  file(tapped: Tapped): number {
    const { lines } = this;
    const { name } = tapped.place;
    const file = (this.files.get(name) ?? 0) + 1;
    this.files.set(name, file);
    if (file === 1) lines.fill(lines.take(), JSON.stringify(tapped.row()), false);
    return file;
  }

  /** A call begins: `end` says once how it ended; `cancel`: it was none, its transport broke it off to begin again. */
  place() {
    const { lines } = this;
    const place = lines.take();
    return {
      end: (exchange: RecordedExchange) => lines.fill(place, JSON.stringify(exchange), true),
      cancel: () => lines.fill(place, undefined, true),
    };
  }

  rpc({ name, dialect }: Place, file: number, answer: RpcAnswer): RecordedExchange {
    const { request, pointers, scope, outLength, outcome, read, written } = answer;
    const messages = this.messages.get(dialect?.driver ?? '');
    const asked = request.slice();
    if (messages !== undefined) this.mask.request(messages, asked);
    for (const at of pointers) asked.fill(0, at, at + POINTER_BYTES);
    const about = messages && this.about(messages, asked, request, outcome);
    const common = { rpc: name, file, scope, ...(about !== undefined && { about }) };
    const sizes = { in: toHex(asked), in_len: request.length, out_len: outLength };
    const pointed = { ...(read.length > 0 && { read }), ...(written.length > 0 && { written }) };
    if (typeof outcome === 'string') return { ...common, ...sizes, ...pointed, errno: outcome };
    const reply = outcome.reply.slice();
    const echoed = pointers.filter((at) => isEchoed(at, request, reply));
    for (const at of echoed) reply.fill(0, at, at + POINTER_BYTES);
    if (messages !== undefined) this.mask.reply(messages, request, reply);
    const other = outcome.length === outLength ? {} : { answered: outcome.length };
    const fields = messages && this.fields(messages, request, outcome.reply);
    const out = { out: toHex(reply), ...(echoed.length > 0 && { echoed }) };
    return { ...common, ...sizes, ...pointed, ...other, ...out, ...(fields && { fields }) };
  }

  private about(
    messages: Messages,
    shown: Uint8Array,
    request: Uint8Array,
    outcome: RpcAnswer['outcome'],
  ): string | undefined {
    if (request.length < messages.requestHeader) return undefined;
    const { command } = messages.request(shown, shown.length);
    if (typeof outcome === 'string') return `${command} -> ${outcome}`;
    const { reply } = outcome;
    if (reply.length < messages.replyHeader) return command;
    const { status, statusName, codes } = messages.reply(request, request.length, reply, reply.length, 'keys');
    const more = Object.entries(codes).map(([name, value]) => ` ${name} 0x${value.toString(16)}`);
    return `${command} -> ${status === 0 ? 'OK' : `${statusName}${more.join('')}`}`;
  }

  /** Undefined: there is nothing to say. */
  private fields(
    messages: Messages,
    request: Uint8Array,
    reply: Uint8Array,
  ): Record<string, number | string> | undefined {
    if (request.length < messages.requestHeader || reply.length < messages.replyHeader) return undefined;
    const fields: Record<string, number | string> = {};
    for (const [name, value] of messages.reply(request, request.length, reply, reply.length, 'all').fields) {
      // Zero or not: that would be told, and two recordings would differ by it.
      if (this.mask.hides(name)) fields[name] = '***';
      else if (!isNothing(value)) fields[name] = typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
    }
    return Object.keys(fields).length === 0 ? undefined : fields;
  }
}

/** The driver gives the address back where it stands in the request. */
function isEchoed(at: number, request: Uint8Array, reply: Uint8Array): boolean {
  const bytes = request.subarray(at, at + POINTER_BYTES);
  return (
    at + bytes.length <= reply.length &&
    bytes.some((byte) => byte !== 0) &&
    bytes.every((byte, i) => byte === reply[at + i])
  );
}

function isNothing(value: ShownField[1]): boolean {
  return value === 0 || value === 0n || value === '' || (typeof value === 'string' && /^0+$/.test(value));
}
