/** What faults do to a reply of an mlx5 command: status, bytes, fields. The request says which fields there are. */
import type { Field, FieldInput } from '../../../abi/bits.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { replyHeader } from '../../../abi/mlx5/headers.ts';
import { isNamed, placedFields, replyLayouts } from '../../../abi/mlx5/payload-layout.ts';
import { STATUS } from '../../../abi/mlx5/status.ts';
import type { FaultEffects } from './spec.ts';

/** Whether the firmware refuses, so that it does not execute the command. */
export function refuses({ status, syndrome }: FaultEffects): boolean {
  return status !== undefined || syndrome !== undefined;
}

/** The reply of a firmware that refuses: a header and nothing else. */
export function writeRefusal({ status = STATUS.BAD_PARAM, syndrome = 0 }: FaultEffects, reply: MessageBuffer): void {
  const { view, bytes } = reply;
  bytes.fill(0, 0, reply.length);
  if (reply.length < replyHeader.own) return;
  view.setUint8(replyHeader.status, status);
  view.setUint32(replyHeader.syndrome, syndrome);
}

/**
 * Carries out ok, truncate, flip and set on the reply's first `reply.length` bytes. A field that this command does not have is passed
 * over: a fault without selectors meets many commands.
 */
export function changeReply(
  effects: FaultEffects,
  random: () => number,
  request: MessageBuffer,
  reply: MessageBuffer,
): void {
  if (effects.ok && reply.length >= replyHeader.own) {
    reply.view.setUint8(replyHeader.status, 0);
    reply.view.setUint32(replyHeader.syndrome, 0);
  }
  changeBytes(effects, random, reply.bytes, reply.length, replyHeader.bytes);
  if (effects.set !== undefined) setFields(effects.set, request, reply);
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

function setFields(values: ReadonlyMap<string, FieldInput>, request: MessageBuffer, reply: MessageBuffer): void {
  const asked = new DataView(request.view.buffer, request.view.byteOffset, request.length);
  const answered = new DataView(reply.view.buffer, reply.view.byteOffset, reply.length);
  for (const { field, base } of placedFields(replyLayouts(asked), answered)) {
    for (const [name, value] of values) {
      if (!isNamed(field, name)) continue;
      field.write(answered, base, fitting(field, value));
    }
  }
}

/** `max`, and a number too large for the field, are its largest value; bytes too many are cut. */
function fitting(field: Field, value: FieldInput): FieldInput {
  if (field.bits > 64) {
    if (value === 'max') return new Uint8Array(field.bits >> 3).fill(0xff);
    const text = typeof value === 'string' ? value : value.toString();
    return text.slice(0, field.bits >> 3);
  }
  const most = (1n << BigInt(field.bits)) - 1n;
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value) > most ? most : value;
  return most;
}
