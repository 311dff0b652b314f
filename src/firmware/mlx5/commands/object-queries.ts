/**
 * The queries of objects, made from the table of object types: the request's id chooses the object whose image is the
 * reply. No such object: BAD_RES. A vport number counts when other_vport is set; else it is the function's own vport.
 */
import type { WordField } from '../../../abi/bits.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { replyHeader } from '../../../abi/mlx5/headers.ts';
import {
  OBJECT_TYPES,
  type ObjectType,
  type ObjectTypeName,
  objectId,
  objectType,
} from '../../../abi/mlx5/objects/types.ts';
import type { CommandRow, Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { clearCounters, type Mlx5Object, objectClock, objectImage } from '../objects.ts';
import { OWN_PORT } from '../port-traffic.ts';
import { REFUSAL } from '../syndromes.ts';

/** Where the object's number stands; an RQN, QPN, ... or, of a vport, what other_vport says. */
function idReader({ name, query, idFields }: ObjectType): (request: MessageBuffer) => number {
  const [first, second] = idFields.map((path) => query.request.word(path));
  const other: WordField | undefined = query.request.has('other_vport') ? query.request.word('other_vport') : undefined;
  if (first === undefined) return () => 0;
  if (second !== undefined) return ({ view }) => objectId(name, first.get(view, 0), second.get(view, 0));
  if (other !== undefined) return ({ view }) => (other.get(view, 0) === 0 ? 0 : first.get(view, 0));
  return ({ view }) => first.get(view, 0);
}

/** Flow counters in a row: a reply has as many as are asked for and fit. */
const statistics = OBJECT_TYPES.find((type) => type.name === 'FLOW_COUNTER')?.query.request.word('num_of_counters');

function counters(object: Mlx5Object, request: MessageBuffer, device: Mlx5Device): readonly Mlx5Object[] | undefined {
  const asked = object.type === 'FLOW_COUNTER' ? (statistics?.get(request.view, 0) ?? 1) : 1;
  const all = [object];
  for (let i = 1; i < asked; i++) {
    const next = device.objects.get(object.type, object.id + i);
    if (next === undefined) return undefined;
    all.push(next);
  }
  return all;
}

/** VPORT_STATE_DOWN of mlx5_core's vport.h: every vport's link is the port's. */
const VPORT_DOWN = 0;
const vportState = objectType('VPORT_STATE').query.reply.word('state');
const stampHigh = objectType('CONG_STATISTICS').query.reply.word('time_stamp_high');
const stampLow = objectType('CONG_STATISTICS').query.reply.word('time_stamp_low');

/** What a reply tells of this moment, and the object's image does not. */
const OF_NOW: Partial<Record<ObjectTypeName, (reply: DataView, device: Mlx5Device) => void>> = {
  VPORT_STATE(reply, { traffic }) {
    if (!traffic.isUp(OWN_PORT)) vportState.put(reply, 0, VPORT_DOWN);
  },
  // Nanoseconds since power-up: with the link down the packets stand still, this does not; no `clear` sets it back.
  CONG_STATISTICS(reply, { clock, startedNs }) {
    const ns = clock.monotonicNs() - startedNs;
    stampHigh.put(reply, 0, Math.floor(ns / 2 ** 32));
    stampLow.put(reply, 0, ns % 2 ** 32);
  },
};

function execute(type: ObjectType): CommandRow<Mlx5Device>['execute'] {
  const idOf = idReader(type);
  const clear = type.query.request.has('clear') ? type.query.request.word('clear') : undefined;
  const list = type.context.from;
  const tellNow = OF_NOW[type.name];
  return (request, reply, device): Refusal | undefined => {
    const object = device.objects.get(type.name, idOf(request));
    const objects = object && counters(object, request, device);
    if (objects === undefined) return REFUSAL.OBJECT_UNKNOWN;
    const now = objectClock(device, type.name);
    let at: number = replyHeader.own;
    for (const [i, each] of objects.entries()) {
      const whole = objectImage(each, now);
      tellNow?.(new DataView(whole.buffer), device);
      const image = whole.subarray(i === 0 ? replyHeader.own : list);
      if (at < reply.length) reply.bytes.set(image.subarray(0, reply.length - at), at);
      at += image.length;
      if (clear !== undefined && clear.get(request.view, 0) !== 0) clearCounters(each, now);
    }
    return undefined;
  };
}

/** Handlers by the command's name. */
export const OBJECT_QUERIES = OBJECT_TYPES.map((type) => [`QUERY_${type.name}`, execute(type)] as const);
