/**
 * Receive side scaling and flow tables: for each netdev an RQT, TIRs, the receive tables that lead to them; the
 * eswitch's fast path between uplink and first VF (mlx5_core en/rss.c, en_fs.c, eswitch_offloads.c, simplified).
 */
import { objectId } from '../../../abi/mlx5/objects/types.ts';
import type { ObjectStore } from '../objects.ts';
import type { Netdev } from './channels.ts';
import { TRANSPORT_DOMAIN, UPLINK_VPORT } from './numbers.ts';
import { PACKETS_PER_SECOND } from './ports.ts';

/** [L3, L4, hashed fields]: IPv4 or v6 (0, 1), TCP or UDP (0, 1) or none; bits as MLX5_RX_HASH_FIELD_SELECT_*. */
const ADDRESSES = 0b11;
const ADDRESSES_AND_PORTS = 0b1111;
const HASHES = [
  { name: 'IPv4 TCP', l3: 0, l4: 0, fields: ADDRESSES_AND_PORTS, version: 4, protocol: 6 },
  { name: 'IPv6 TCP', l3: 1, l4: 0, fields: ADDRESSES_AND_PORTS, version: 6, protocol: 6 },
  { name: 'IPv4 UDP', l3: 0, l4: 1, fields: ADDRESSES_AND_PORTS, version: 4, protocol: 17 },
  { name: 'IPv6 UDP', l3: 1, l4: 1, fields: ADDRESSES_AND_PORTS, version: 6, protocol: 17 },
  { name: 'IPv4', l3: 0, l4: 0, fields: ADDRESSES, version: 4, protocol: 0 },
  { name: 'IPv6', l3: 1, l4: 0, fields: ADDRESSES, version: 6, protocol: 0 },
] as const;

const INDIRECT = 1;
const DIRECT = 0;
const TOEPLITZ = 2;
/** Entries of the indirection table, as mlx5_core has it. */
const RQT_SIZE = 256;

/** Kinds of flow tables and of destinations (mlx5_ifc.h). */
const NIC_RX = 0;
const FDB = 4;
const TO_VPORT = 0;
const TO_TABLE = 1;
const TO_TIR = 2;
const FORWARD = 4;
const COUNT = 8;
const OUTER_HEADERS = 1;
const MISC = 4;

interface Destination {
  readonly type: number;
  readonly id: number;
}

export function addSteering(objects: ObjectStore, netdevs: readonly Netdev[], nowNs: number): void {
  let tirn = 1;
  netdevs.forEach(({ rqns }, index) => {
    const rqtn = index + 1;
    const queues = Array.from({ length: RQT_SIZE }, (_, i) => rqns[i % rqns.length] ?? 0);
    objects.add(
      'RQT',
      rqtn,
      { 'rqt_context.rqt_max_size': RQT_SIZE, 'rqt_context.rqt_actual_size': RQT_SIZE },
      { tail: dwords(queues) },
    );
    const firstTir = tirn;
    for (const hash of HASHES) addTir(objects, tirn++, rqtn, hash);
    for (const rqn of rqns) {
      objects.add('TIR', tirn++, {
        'tir_context.disp_type': DIRECT,
        'tir_context.inline_rqn': rqn,
        'tir_context.transport_domain': TRANSPORT_DOMAIN,
      });
    }
    addReceiveTables(objects, index, firstTir);
  });
  addFastPath(objects, nowNs);
}

function addTir(objects: ObjectStore, tirn: number, rqtn: number, hash: (typeof HASHES)[number]): void {
  const outer = 'tir_context.rx_hash_field_selector_outer';
  objects.add('TIR', tirn, {
    'tir_context.disp_type': INDIRECT,
    'tir_context.indirect_table': rqtn,
    'tir_context.rx_hash_symmetric': 0,
    'tir_context.rx_hash_fn': TOEPLITZ,
    'tir_context.transport_domain': TRANSPORT_DOMAIN,
    [`${outer}.l3_prot_type`]: hash.l3,
    [`${outer}.l4_prot_type`]: hash.l4,
    [`${outer}.selected_fields`]: hash.fields,
    // The key is random on a real machine; this one is the same every time.
    ...Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`tir_context.rx_hash_toeplitz_key[${i}]`, 0x6d5a56da + i]),
    ),
  });
}

/** A root table that leads to a table of traffic types, one flow a TIR. Tables 2 n + 1 and 2 n + 2 of netdev n. */
function addReceiveTables(objects: ObjectStore, netdev: number, firstTir: number): void {
  const root = 2 * netdev + 1;
  const types = root + 1;
  addTable(objects, NIC_RX, root, 0, 0);
  addGroup(objects, root, 1, 0, 0, {}, 0);
  addFlow(objects, root, 0, 1, {}, FORWARD, [{ type: TO_TABLE, id: types }]);
  addTable(objects, NIC_RX, types, 1, 3);
  const outer = 'outer_headers';
  const criteria = { [`${outer}.ip_version`]: 0xf, [`${outer}.ip_protocol`]: 0xff };
  addGroup(objects, types, 1, 0, HASHES.length - 1, criteria, OUTER_HEADERS);
  HASHES.forEach(({ version, protocol }, index) => {
    const match = { [`${outer}.ip_version`]: version, [`${outer}.ip_protocol`]: protocol };
    addFlow(objects, types, index, 1, match, FORWARD, [{ type: TO_TIR, id: firstTir + index }]);
  });
}

/** The eswitch's table 1: what comes from the uplink goes to VF 1 and back, counted. */
function addFastPath(objects: ObjectStore, nowNs: number): void {
  const table = 1 + FDB * TABLE_KINDS;
  addTable(objects, FDB, table, 0, 1);
  addGroup(objects, table, 1, 0, 1, { 'misc_parameters.source_port': 0xffff }, MISC);
  for (const [index, from, to] of [
    [0, UPLINK_VPORT, 1],
    [1, 1, UPLINK_VPORT],
  ] as const) {
    const counter = index + 1;
    const rates = { 'flow_statistics.packets': FLOW_PACKETS, 'flow_statistics.octets': FLOW_PACKETS * 1000 };
    objects.add('FLOW_COUNTER', counter, {}, { nowNs, rates });
    const match = { 'misc_parameters.source_port': from };
    addFlow(objects, table, index, 1, match, FORWARD | COUNT, [{ type: TO_VPORT, id: to }], counter);
  }
  objects.add('PACKET_REFORMAT_CONTEXT', 1, {}, { tail: vxlanHeader() });
}

/** Packets a second through each of the two flows of the fast path. */
const FLOW_PACKETS = PACKETS_PER_SECOND / 10;

/** Table numbers of different kinds are kept apart, so that groups and flows need no kind in their id. */
const TABLE_KINDS = 0x100;

function addTable(objects: ObjectStore, kind: number, id: number, level: number, logSize: number): void {
  objects.add('FLOW_TABLE', objectId('FLOW_TABLE', kind, id), {
    'flow_table_context.level': level,
    'flow_table_context.log_size': logSize,
  });
}

function addGroup(
  objects: ObjectStore,
  table: number,
  group: number,
  start_flow_index: number,
  end_flow_index: number,
  criteria: Readonly<Record<string, number>>,
  match_criteria_enable: number,
): void {
  objects.add('FLOW_GROUP', objectId('FLOW_GROUP', table, group), {
    start_flow_index,
    end_flow_index,
    match_criteria_enable,
    ...prefixed('match_criteria', criteria),
  });
}

function addFlow(
  objects: ObjectStore,
  table: number,
  index: number,
  group: number,
  match: Readonly<Record<string, number>>,
  action: number,
  destinations: readonly Destination[],
  counter?: number,
): void {
  // A destination is kind and number, then a dword; a counter a number and a dword. Both lists follow the structure.
  const list = destinations.flatMap(({ type, id }) => [((type << 24) | id) >>> 0, 0]);
  if (counter !== undefined) list.push(counter, 0);
  objects.add(
    'FLOW_TABLE_ENTRY',
    objectId('FLOW_TABLE_ENTRY', table, index),
    {
      'flow_context.group_id': group,
      'flow_context.action': action,
      'flow_context.destination_list_size': destinations.length,
      'flow_context.flow_counter_list_size': counter === undefined ? 0 : 1,
      ...prefixed('flow_context.match_value', match),
    },
    { tail: dwords(list) },
  );
}

function prefixed(path: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${path}.${name}`, value]));
}

function dwords(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value);
  });
  return bytes;
}

/** packet_reformat_context_in of an 8-byte VXLAN header: type 0 (L2 to VXLAN), its size, then the header. */
function vxlanHeader(): Uint8Array {
  return Uint8Array.of(0, 0, 0, 8, 0, 0, 0x08, 0, 0, 0, 0, 0, 42, 0, 0, 0);
}
