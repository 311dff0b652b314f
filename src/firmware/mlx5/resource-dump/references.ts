/** Which other dumps belong to one: a queue pair's (or netdev queue's) completion queues, a CQ's event queue. */
import type { FieldValue } from '../../../abi/bits.ts';
import { objectType } from '../../../abi/mlx5/objects/types.ts';
import type { Mlx5Device } from '../device.ts';
import type { Mlx5Object } from '../objects.ts';
import type { DumpArguments } from './segments.ts';

const FULL_QPC = 0x1000;
export const FULL_CQC = 0x1200;
export const FULL_EQC = 0x1300;

export interface Reference {
  readonly segmentType: number;
  readonly index1: number;
}

export function referencesOf(device: Mlx5Device, { segmentType, index1 }: DumpArguments): readonly Reference[] {
  const { objects } = device;
  if (segmentType === FULL_CQC) {
    const eqn = number(objects.get('CQ', index1), 'cq_context.c_eqn_or_apu_element');
    return eqn === undefined ? [] : [{ segmentType: FULL_EQC, index1: eqn }];
  }
  if (segmentType !== FULL_QPC) return [];
  const qp = objects.get('QP', index1);
  const queue = qp === undefined ? (objects.get('SQ', index1) ?? objects.get('RQ', index1)) : undefined;
  const cqns = [
    number(qp, 'qpc.cqn_snd'),
    number(qp, 'qpc.cqn_rcv'),
    number(queue, queue?.type === 'SQ' ? 'sq_context.cqn' : 'rq_context.cqn'),
  ];
  const existing = cqns.filter((cqn): cqn is number => cqn !== undefined && objects.get('CQ', cqn) !== undefined);
  return [...new Set(existing)].map((cqn) => ({ segmentType: FULL_CQC, index1: cqn }));
}

/** A field of the object's query reply; undefined without an object. */
function number(object: Mlx5Object | undefined, path: string): number | undefined {
  if (object === undefined) return undefined;
  const value: FieldValue = objectType(object.type).query.reply.get(new DataView(object.image.buffer), path);
  return Number(value);
}
