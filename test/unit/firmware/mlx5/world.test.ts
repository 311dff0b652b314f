/** The objects after power-up: every reference names an object that exists. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mlx5DeviceProfile } from '../../../../src/abi/mlx5/device-profile.ts';
import { type ObjectTypeName, objectId, objectType } from '../../../../src/abi/mlx5/objects/types.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import type { Mlx5Object, ObjectStore } from '../../../../src/firmware/mlx5/objects.ts';
import { createWorld } from '../../../../src/firmware/mlx5/world.ts';

/** [type, field of it, type that the field's value is a number of]; a value of 0 is none where 0 is no such object. */
const REFERENCES: readonly (readonly [ObjectTypeName, string, ObjectTypeName])[] = [
  ['CQ', 'cq_context.c_eqn_or_apu_element', 'EQ'],
  ['SQ', 'sq_context.cqn', 'CQ'],
  ['SQ', 'sq_context.tis_num_0', 'TIS'],
  ['RQ', 'rq_context.cqn', 'CQ'],
  ['RQ', 'rq_context.counter_set_id', 'Q_COUNTER'],
  ['TIR', 'tir_context.inline_rqn', 'RQ'],
  ['TIR', 'tir_context.indirect_table', 'RQT'],
  ['QP', 'qpc.cqn_snd', 'CQ'],
  ['QP', 'qpc.cqn_rcv', 'CQ'],
  ['QP', 'qpc.remote_qpn', 'QP'],
  ['QP', 'qpc.counter_set_id', 'Q_COUNTER'],
  ['SRQ', 'srq_context_entry.cqn', 'CQ'],
  ['XRC_SRQ', 'xrc_srq_context_entry.cqn', 'CQ'],
  ['XRQ', 'xrq_context.cqn', 'CQ'],
  ['DCT', 'dct_context_entry.cqn', 'CQ'],
  ['DCT', 'dct_context_entry.srqn_xrqn', 'SRQ'],
  ['DCT', 'dct_context_entry.counter_set_id', 'Q_COUNTER'],
];

const viewOf = ({ image }: Mlx5Object) => new DataView(image.buffer);
const value = (object: Mlx5Object, path: string) =>
  Number(objectType(object.type).query.reply.get(viewOf(object), path));

function refersSoundly(store: ObjectStore): number {
  let checked = 0;
  for (const [type, path, to] of REFERENCES) {
    for (const object of store.list(type)) {
      const id = value(object, path);
      if (id === 0 && store.get(to, 0) === undefined) continue;
      assert.ok(store.get(to, id) !== undefined, `${type} ${object.id}: ${path} names ${to} ${id}`);
      checked++;
    }
  }
  return checked;
}

for (const world of [
  { channels: 4, vfs: 2 },
  { channels: 1, vfs: 1 },
  { channels: 64, vfs: 127 },
]) {
  describe(`${world.channels} channels, ${world.vfs} VFs`, () => {
    const profile: Mlx5DeviceProfile = { ...connectx6dx, world };
    const store = createWorld(profile, 0);

    it('refers to what exists', () => {
      assert.ok(refersSoundly(store) > 12 * world.channels);
    });

    it('has an EQ a channel and three more, two netdevs of two SQs and one RQ a channel', () => {
      assert.equal(store.count('EQ'), world.channels + 3);
      assert.equal(store.count('SQ'), world.channels * 4);
      assert.equal(store.count('RQ'), world.channels * 2);
      // A CQ each, and the RDMA user's.
      assert.equal(store.count('CQ'), world.channels * 6 + 1);
      assert.equal(store.count('TIS'), 2);
      assert.ok(store.list('EQ').every(({ id }) => id < 2 ** Number(connectx6dx.caps.GENERAL?.log_max_eq)));
    });

    it('has each queue on a CQ of its own', () => {
      const cqs = [
        ...store.list('SQ').map((sq) => value(sq, 'sq_context.cqn')),
        ...store.list('RQ').map((rq) => value(rq, 'rq_context.cqn')),
      ];
      assert.equal(new Set(cqs).size, cqs.length);
    });

    it('spreads an RQT over all RQs of its netdev', () => {
      for (const rqt of store.list('RQT')) {
        const queues = new Set<number>();
        for (let at = 272; at < rqt.image.length; at += 4) queues.add(viewOf(rqt).getUint32(at));
        assert.equal(queues.size, world.channels);
        for (const rqn of queues) assert.ok(store.get('RQ', rqn) !== undefined);
      }
    });

    it('has a vport for each function and for the uplink, with MACs and table entries that agree', () => {
      const vports = store.list('VPORT_STATE').map(({ id }) => id);
      assert.deepEqual(vports, [...Array.from({ length: world.vfs + 1 }, (_, i) => i), 0xffff]);
      for (const entry of store.list('L2_TABLE_ENTRY')) {
        const context = store.get('NIC_VPORT_CONTEXT', entry.id);
        assert.ok(context !== undefined);
        for (const half of ['mac_addr_47_32', 'mac_addr_31_0']) {
          const path = `nic_vport_context.permanent_address.${half}`;
          assert.equal(value(entry, `mac_address.${half}`), value(context, path));
        }
      }
      const functions = store.get('ESW_FUNCTIONS', 0);
      assert.equal(functions && value(functions, 'host_params_context.host_num_of_vfs'), world.vfs);
    });

    it('leads flows to tables, TIRs, vports and counters that exist', () => {
      const [toVport, toTable, toTir] = [0, 1, 2];
      for (const flow of store.list('FLOW_TABLE_ENTRY')) {
        const table = Math.floor(flow.id / 2 ** 24);
        const kind = table > 0x100 ? 4 : 0;
        assert.ok(store.get('FLOW_TABLE', objectId('FLOW_TABLE', kind, table)), `table ${table}`);
        const group = value(flow, 'flow_context.group_id');
        assert.ok(store.get('FLOW_GROUP', objectId('FLOW_GROUP', table, group)), `group ${group}`);
        const view = viewOf(flow);
        const type = view.getUint8(832);
        const id = view.getUint32(832) & 0xff_ffff;
        if (type === toVport) assert.ok(store.get('VPORT_STATE', id), `vport ${id}`);
        else if (type === toTable) assert.ok(store.get('FLOW_TABLE', objectId('FLOW_TABLE', kind, id)), `table ${id}`);
        else assert.ok(type === toTir && store.get('TIR', id), `TIR ${id}`);
        if (value(flow, 'flow_context.flow_counter_list_size') === 1) {
          assert.ok(store.get('FLOW_COUNTER', view.getUint32(840)));
        }
      }
    });
  });
}

describe('LAG', () => {
  const state = (caps: Record<string, number>) => {
    const general = { ...connectx6dx.caps.GENERAL, ...caps };
    const lag = createWorld({ ...connectx6dx, caps: { GENERAL: general } }, 0).get('LAG', 0);
    return lag && value(lag, 'ctx.lag_state');
  };
  it('is active where the device can be its master', () => {
    assert.deepEqual([state({}), state({ lag_master: 0 }), state({ num_lag_ports: 1 })], [1, 0, 0]);
  });
});
