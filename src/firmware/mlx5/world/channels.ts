/** Queues of the netdevs' channels: an internal and a sending SQ, an RQ, with a CQ each (mlx5_core en_main.c). */
import type { DeviceWorld } from '../../../abi/mlx5/device-profile.ts';
import type { ObjectStore } from '../objects.ts';
import {
  doorbell,
  FIRST_CHANNEL_CQ,
  FIRST_COMPLETION_EQ,
  NETDEV_COUNTERS,
  PD,
  READY,
  TRANSPORT_DOMAIN,
  UAR_PAGE,
} from './numbers.ts';

/** What steering needs to know of a netdev. */
export interface Netdev {
  /** RQ of each channel. */
  readonly rqns: readonly number[];
  readonly tisn: number;
}

export const NETDEVS = 2;

/** Interrupt moderation: microseconds and completions. The receiving values are those of the README's CQ. */
const RX_MODERATION = { 'cq_context.cq_period': 8, 'cq_context.cq_max_count': 128 };
const TX_MODERATION = { 'cq_context.cq_period': 16, 'cq_context.cq_max_count': 32 };
const ARMED = 9;
const NEVER = 0xff_ffff;
/** wq.wq_type, cyclic. */
const CYCLIC = 1;

/** All netdevs' queues. CQs of channel c of the first: 1124 + 3 c and the two after. */
export function addChannels(objects: ObjectStore, { channels }: DeviceWorld): readonly Netdev[] {
  let cqn = FIRST_CHANNEL_CQ;
  let sqn = 1;
  let rqn = 1;
  const netdevs: Netdev[] = [];
  for (let index = 0; index < NETDEVS; index++) {
    const tisn = index + 1;
    const rqns: number[] = [];
    objects.add('TIS', tisn, { 'tis_context.transport_domain': TRANSPORT_DOMAIN, 'tis_context.pd': PD });
    for (let channel = 0; channel < channels; channel++) {
      const eqn = FIRST_COMPLETION_EQ + channel;
      addCq(objects, cqn, eqn, 6, TX_MODERATION);
      addSq(objects, sqn++, cqn++, 0, 6, { 'sq_context.reg_umr': 1 });
      addCq(objects, cqn, eqn, 10, TX_MODERATION);
      addSq(objects, sqn++, cqn++, tisn, 10, { 'sq_context.allow_multi_pkt_send_wqe': 1, 'sq_context.tis_lst_sz': 1 });
      addCq(objects, cqn, eqn, 10, RX_MODERATION);
      addRq(objects, rqn, cqn++, NETDEV_COUNTERS);
      rqns.push(rqn++);
    }
    netdevs.push({ rqns, tisn });
  }
  return netdevs;
}

/** A CQ that has completed nothing yet. */
export function addCq(
  objects: ObjectStore,
  cqn: number,
  eqn: number,
  logSize: number,
  moderation: Readonly<Record<string, number>>,
): void {
  objects.add('CQ', cqn, {
    'cq_context.st': ARMED,
    'cq_context.log_cq_size': logSize,
    'cq_context.uar_page': UAR_PAGE,
    ...moderation,
    'cq_context.c_eqn_or_apu_element': eqn,
    'cq_context.last_notified_index': NEVER,
    'cq_context.last_solicit_index': NEVER,
    'cq_context.dbr_addr': doorbell(cqn - README_CQ),
  });
}

/** Whose doorbell record is the first of `doorbell`. */
const README_CQ = 1135;

function addSq(
  objects: ObjectStore,
  sqn: number,
  cqn: number,
  tisn: number,
  logSize: number,
  values: Readonly<Record<string, number>>,
): void {
  objects.add('SQ', sqn, {
    'sq_context.flush_in_error_en': 1,
    'sq_context.min_wqe_inline_mode': 0,
    'sq_context.state': READY,
    'sq_context.cqn': cqn,
    'sq_context.tis_num_0': tisn,
    ...values,
    ...workQueue('sq_context.wq', 0x1000 + sqn, 6, logSize),
    'sq_context.wq.uar_page': UAR_PAGE,
  });
}

function addRq(objects: ObjectStore, rqn: number, cqn: number, counterSet: number): void {
  objects.add('RQ', rqn, {
    'rq_context.vsd': 1,
    'rq_context.flush_in_error_en': 1,
    'rq_context.state': READY,
    'rq_context.cqn': cqn,
    'rq_context.counter_set_id': counterSet,
    ...workQueue('rq_context.wq', 0x2000 + rqn, 5, 10),
  });
}

/** A cyclic work queue; `slot`: its doorbell record's place. */
export function workQueue(
  path: string,
  slot: number,
  logStride: number,
  logSize: number,
): Record<string, number | bigint> {
  return {
    [`${path}.wq_type`]: CYCLIC,
    [`${path}.pd`]: PD,
    [`${path}.dbr_addr`]: doorbell(slot),
    [`${path}.log_wq_stride`]: logStride,
    [`${path}.log_wq_sz`]: logSize,
  };
}
