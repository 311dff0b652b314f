/** What faults do to a reply: status, bytes, fields. The driver's dialect says where, the request which fields. */
import type { FieldInput } from '../../../abi/bits.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { type Dialect, isNamed, type MessageField, type Messages } from '../../../fwctl/dialect.ts';
import type { Strike } from './plan.ts';
import type { FaultEffects } from './spec.ts';

/** The reply of a firmware that refuses. */
export function writeRefusal({ refusal = {} }: Strike, dialect: Dialect, reply: MessageBuffer): undefined {
  dialect.refuse(refusal, reply);
}

/**
 * Carries out ok, truncate, flip and set on the reply's first `reply.length` bytes. A field that this command does not
 * have is passed over: a fault without selectors meets many commands.
 */
export function changeReply(
  { effects, random, messages }: Strike,
  dialect: Dialect,
  request: MessageBuffer,
  reply: MessageBuffer,
): undefined {
  if (effects.ok) dialect.succeed(reply);
  changeBytes(effects, random, reply.bytes, reply.length, dialect.replyHead);
  if (effects.set !== undefined && messages !== undefined) setFields(effects.set, messages, request, reply);
}

/** truncate and flip; the bits of the first `header` bytes are left as they are. */
export function changeBytes(
  { truncate, flip }: FaultEffects,
  random: () => number,
  bytes: Uint8Array,
  length: number,
  header: number,
): void {
  if (truncate !== undefined && truncate < length) bytes.fill(0, truncate, length);
  if (flip === undefined || length <= header) return;
  for (let i = 0; i < flip; i++) {
    const bit = Math.floor(random() * (length - header) * 8);
    const at = header + (bit >> 3);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  }
}

function setFields(
  values: ReadonlyMap<string, FieldInput>,
  messages: Messages,
  request: MessageBuffer,
  reply: MessageBuffer,
): void {
  const asked = new DataView(request.view.buffer, request.view.byteOffset, request.length);
  const answered = new DataView(reply.view.buffer, reply.view.byteOffset, reply.length);
  for (const field of messages.replyFields(asked, answered)) {
    for (const [name, value] of values) {
      if (isNamed(field.path, name)) field.write(answered, fitting(field, value));
    }
  }
}

/** `max`, and a number too large for the field, are its largest value; bytes too many are cut. */
function fitting({ bits }: MessageField, value: FieldInput): FieldInput {
  if (bits > 64) {
    if (value === 'max') return new Uint8Array(bits >> 3).fill(0xff);
    const text = typeof value === 'string' ? value : value.toString();
    return text.slice(0, bits >> 3);
  }
  const most = (1n << BigInt(bits)) - 1n;
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value) > most ? most : value;
  return most;
}
