/** What the driver's RDMA side and one RDMA user have: special QPs, two connected QPs, shared receive queues. */
import type { Mlx5DeviceProfile } from '../../../abi/mlx5/device-profile.ts';
import type { ObjectStore } from '../objects.ts';
import { addCq, workQueue } from './channels.ts';
import { doorbell, FIRST_COMPLETION_EQ, RDMA_COUNTERS, RDMA_CQ, RDMA_PD, READY, UAR_PAGE } from './numbers.ts';
import { macOf } from './ports.ts';

/** qpc.st and qpc.state (mlx5_ifc.h). */
const SERVICE = { RC: 0, QP0: 7, QP1: 8 } as const;
const READY_TO_SEND = 3;
const MIGRATED = 3;
const MTU_4096 = 5;

/** The pair of connected QPs. */
const PAIR = [2, 3] as const;
const SRQN = 1;

export function addRdma(objects: ObjectStore, profile: Mlx5DeviceProfile): void {
  addCq(objects, RDMA_CQ, FIRST_COMPLETION_EQ, 8, {});
  addQp(objects, 0, { 'qpc.st': SERVICE.QP0 });
  addQp(objects, 1, { 'qpc.st': SERVICE.QP1, 'qpc.q_key': 0x8001_0000 });
  const mac = macOf(profile, 0);
  const path = 'qpc.primary_address_path';
  PAIR.forEach((qpn, i) => {
    addQp(objects, qpn, {
      'qpc.st': SERVICE.RC,
      'qpc.remote_qpn': PAIR[1 - i] ?? 0,
      'qpc.next_send_psn': 0x100 * (i + 1),
      'qpc.next_rcv_psn': 0x100 * (2 - i),
      'qpc.retry_count': 7,
      'qpc.rnr_retry': 7,
      'qpc.rre': 1,
      'qpc.rwe': 1,
      'qpc.rae': 1,
      [`${path}.hop_limit`]: 64,
      [`${path}.vhca_port_num`]: 1,
      [`${path}.rmac_47_32`]: Number(mac >> 32n),
      [`${path}.rmac_31_0`]: Number(mac & 0xffff_ffffn),
    });
  });
  objects.add('SRQ', SRQN, {
    'srq_context_entry.state': 1,
    'srq_context_entry.log_srq_size': 10,
    'srq_context_entry.cqn': RDMA_CQ,
    'srq_context_entry.pd': RDMA_PD,
    'srq_context_entry.wqe_cnt': 1024,
    'srq_context_entry.dbr_addr': doorbell(0x3001),
  });
  objects.add('XRC_SRQ', 1, {
    'xrc_srq_context_entry.state': 1,
    'xrc_srq_context_entry.log_xrc_srq_size': 10,
    'xrc_srq_context_entry.xrcd': 1,
    'xrc_srq_context_entry.cqn': RDMA_CQ,
    'xrc_srq_context_entry.pd': RDMA_PD,
    'xrc_srq_context_entry.wqe_cnt': 1024,
    'xrc_srq_context_entry.db_record_addr_h': Number(doorbell(0x3002) >> 32n),
    'xrc_srq_context_entry.db_record_addr_l': Number((doorbell(0x3002) & 0xffff_ffffn) >> 2n),
  });
  objects.add('XRQ', 1, {
    'xrq_context.state': 1,
    'xrq_context.cqn': RDMA_CQ,
    ...workQueue('xrq_context.wq', 0x3003, 6, 8),
    'xrq_context.wq.pd': RDMA_PD,
  });
  objects.add('RMP', 1, {
    'rmp_context.state': READY,
    ...workQueue('rmp_context.wq', 0x3004, 5, 10),
    'rmp_context.wq.pd': RDMA_PD,
  });
  objects.add('DCT', 1, {
    'dct_context_entry.state': 0,
    'dct_context_entry.cqn': RDMA_CQ,
    'dct_context_entry.counter_set_id': RDMA_COUNTERS,
    'dct_context_entry.rwe': 1,
    'dct_context_entry.rre': 1,
    'dct_context_entry.srqn_xrqn': SRQN,
    'dct_context_entry.pd': RDMA_PD,
    'dct_context_entry.dc_access_key': 0x1122_3344n,
    'dct_context_entry.mtu': MTU_4096,
    'dct_context_entry.port': 1,
    'dct_context_entry.hop_limit': 64,
  });
  objects.add('SCHEDULING_ELEMENT', 1, { 'scheduling_context.element_type': 0 });
}

function addQp(objects: ObjectStore, qpn: number, values: Readonly<Record<string, number>>): void {
  objects.add('QP', qpn, {
    'qpc.state': READY_TO_SEND,
    'qpc.pm_state': MIGRATED,
    'qpc.pd': RDMA_PD,
    'qpc.mtu': MTU_4096,
    'qpc.log_msg_max': 30,
    'qpc.log_rq_size': 7,
    'qpc.log_rq_stride': 2,
    'qpc.log_sq_size': 7,
    'qpc.counter_set_id': RDMA_COUNTERS,
    'qpc.uar_page': UAR_PAGE,
    'qpc.cqn_snd': RDMA_CQ,
    'qpc.cqn_rcv': RDMA_CQ,
    'qpc.dbr_addr': doorbell(0x4000 + qpn),
    ...values,
  });
}
