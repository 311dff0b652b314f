/**
 * The kinds of objects that a query command shows: which request fields name one, where its context is in the reply.
 * Sources: mlx5_ifc.h (struct mlx5_ifc_query_*_in_bits and _out_bits); the query commands of mlx5ctl (query_obj.c).
 */
import { type Layout, layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';
import { OPCODE } from '../opcodes.ts';
import { QUERY_CONG_PARAMS } from './cong-params.ts';
import { QUERY_CONG_STATISTICS } from './cong-statistics.ts';
import { QUERY_CONG_STATUS } from './cong-status.ts';
import { QUERY_CQ } from './cq.ts';
import { QUERY_DCT } from './dct.ts';
import { QUERY_EQ } from './eq.ts';
import { QUERY_ESW_FUNCTIONS } from './esw-functions.ts';
import { QUERY_ESW_VPORT_CONTEXT } from './esw-vport-context.ts';
import { QUERY_FLOW_COUNTER } from './flow-counter.ts';
import { QUERY_FLOW_GROUP } from './flow-group.ts';
import { QUERY_FLOW_TABLE } from './flow-table.ts';
import { QUERY_FLOW_TABLE_ENTRY } from './flow-table-entry.ts';
import { QUERY_L2_TABLE_ENTRY } from './l2-table-entry.ts';
import { QUERY_LAG } from './lag.ts';
import { QUERY_MAD_DEMUX } from './mad-demux.ts';
import { QUERY_MKEY } from './mkey.ts';
import { QUERY_NIC_VPORT_CONTEXT } from './nic-vport-context.ts';
import { QUERY_PACKET_REFORMAT_CONTEXT } from './packet-reformat-context.ts';
import { QUERY_Q_COUNTER } from './q-counter.ts';
import { QUERY_QP } from './qp.ts';
import { QUERY_RMP } from './rmp.ts';
import { QUERY_ROCE_ADDRESS } from './roce-address.ts';
import { QUERY_RQ } from './rq.ts';
import { QUERY_RQT } from './rqt.ts';
import { QUERY_SCHEDULING_ELEMENT } from './scheduling-element.ts';
import { QUERY_SQ } from './sq.ts';
import { QUERY_SRQ } from './srq.ts';
import { QUERY_TIR } from './tir.ts';
import { QUERY_TIS } from './tis.ts';
import { QUERY_VHCA_MIGRATION_STATE } from './vhca-migration-state.ts';
import { QUERY_VNIC_ENV } from './vnic-env.ts';
import { QUERY_VPORT_COUNTER } from './vport-counter.ts';
import { QUERY_VPORT_STATE } from './vport-state.ts';
import { QUERY_WOL_ROL } from './wol-rol.ts';
import { QUERY_XRC_SRQ } from './xrc-srq.ts';
import { QUERY_XRQ } from './xrq.ts';

const REST = undefined;

/** [name, layouts of the query, request fields that make the id (high part first), context's first byte, its bytes] */
const rows = [
  ['EQ', QUERY_EQ, ['eq_number'], 16, 64],
  ['CQ', QUERY_CQ, ['cqn'], 16, 64],
  ['QP', QUERY_QP, ['qpn'], 24, 232],
  ['SQ', QUERY_SQ, ['sqn'], 32, 240],
  ['RQ', QUERY_RQ, ['rqn'], 32, 240],
  ['TIS', QUERY_TIS, ['tisn'], 16, 160],
  ['TIR', QUERY_TIR, ['tirn'], 32, 240],
  ['RQT', QUERY_RQT, ['rqtn'], 32, REST],
  ['RMP', QUERY_RMP, ['rmpn'], 32, 240],
  ['DCT', QUERY_DCT, ['dctn'], 16, 64],
  ['SRQ', QUERY_SRQ, ['srqn'], 16, 64],
  ['XRC_SRQ', QUERY_XRC_SRQ, ['xrc_srqn'], 16, 64],
  ['XRQ', QUERY_XRQ, ['xrqn'], 16, 320],
  ['Q_COUNTER', QUERY_Q_COUNTER, ['counter_set_id'], 16, 240],
  ['MKEY', QUERY_MKEY, ['mkey_index'], 16, 64],
  ['L2_TABLE_ENTRY', QUERY_L2_TABLE_ENTRY, ['table_index'], 16, 48],
  ['VPORT_STATE', QUERY_VPORT_STATE, ['vport_number'], 8, 8],
  ['ESW_VPORT_CONTEXT', QUERY_ESW_VPORT_CONTEXT, ['vport_number'], 16, 256],
  ['NIC_VPORT_CONTEXT', QUERY_NIC_VPORT_CONTEXT, ['vport_number'], 16, 256],
  ['VPORT_COUNTER', QUERY_VPORT_COUNTER, ['vport_number'], 16, 512],
  ['VNIC_ENV', QUERY_VNIC_ENV, ['vport_number'], 16, 512],
  ['PACKET_REFORMAT_CONTEXT', QUERY_PACKET_REFORMAT_CONTEXT, ['packet_reformat_id'], 28, REST],
  ['MAD_DEMUX', QUERY_MAD_DEMUX, [], 16, 4],
  ['CONG_STATISTICS', QUERY_CONG_STATISTICS, [], 16, 256],
  ['CONG_PARAMS', QUERY_CONG_PARAMS, ['cong_protocol'], 16, 256],
  ['CONG_STATUS', QUERY_CONG_STATUS, ['priority', 'cong_protocol'], 8, 8],
  ['WOL_ROL', QUERY_WOL_ROL, [], 8, 8],
  ['LAG', QUERY_LAG, [], 8, 8],
  ['ESW_FUNCTIONS', QUERY_ESW_FUNCTIONS, [], 16, 64],
  ['VHCA_MIGRATION_STATE', QUERY_VHCA_MIGRATION_STATE, ['vhca_id'], 16, 48],
  ['ROCE_ADDRESS', QUERY_ROCE_ADDRESS, ['roce_address_index'], 16, 32],
  ['FLOW_TABLE', QUERY_FLOW_TABLE, ['table_type', 'table_id'], 24, 40],
  ['FLOW_GROUP', QUERY_FLOW_GROUP, ['table_id', 'group_id'], 16, REST],
  ['FLOW_TABLE_ENTRY', QUERY_FLOW_TABLE_ENTRY, ['table_id', 'flow_index'], 64, REST],
  ['FLOW_COUNTER', QUERY_FLOW_COUNTER, ['flow_counter_id'], 16, REST],
  ['SCHEDULING_ELEMENT', QUERY_SCHEDULING_ELEMENT, ['scheduling_hierarchy', 'scheduling_element_id'], 32, 64],
] as const satisfies readonly Row[];

type Row = readonly [string, CommandLayout, readonly string[], number, number | undefined];

export type ObjectTypeName = (typeof rows)[number][0];

export interface ObjectType {
  readonly name: ObjectTypeName;
  readonly opcode: number;
  readonly query: CommandLayout;
  /** Of the reply with everything that is of fixed place in it; begins as `query.reply` does. */
  readonly layout: Layout;
  /**
   * Fields of the request that name the object; none: there is one. The id is the first field's value; with two, the
   * first's times 2^24 (CONG_STATUS: 2^4, as mlx5ctl writes it) plus the second's.
   */
  readonly idFields: readonly string[];
  /** Where the context stands in the reply, bytes; `bytes` undefined: to the image's end. */
  readonly context: { readonly from: number; readonly bytes: number | undefined };
}

/** The reply for one counter: mlx5_ifc_traffic_counter_bits follows the structure. */
const ONE_FLOW_COUNTER = layout('query_flow_counter_out, one counter', 32, [
  ['flow_statistics.packets', 128, 64],
  ['flow_statistics.octets', 192, 64],
]);

export const OBJECT_TYPES: readonly ObjectType[] = rows.map(([name, query, idFields, from, bytes]) => ({
  name,
  opcode: OPCODE[`QUERY_${name}`],
  query,
  layout: name === 'FLOW_COUNTER' ? ONE_FLOW_COUNTER : query.reply,
  idFields,
  context: { from, bytes },
}));

const byName = new Map(OBJECT_TYPES.map((type) => [type.name, type]));

export function objectType(name: ObjectTypeName): ObjectType {
  return byName.get(name) as ObjectType;
}

/** The id made of two fields' values. */
export function objectId(name: ObjectTypeName, high: number, low: number): number {
  return high * (name === 'CONG_STATUS' ? 2 ** 4 : 2 ** 24) + low;
}
