/** The object store and the queries made from the table of object types. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OBJECT_TYPES, objectId, objectType } from '../../../../src/abi/mlx5/objects/types.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../../src/abi/mlx5/status.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import {
  clearCounters,
  DRIVER,
  ObjectStore,
  objectContext,
  objectImage,
} from '../../../../src/firmware/mlx5/objects.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { createWorld } from '../../../../src/firmware/mlx5/world.ts';
import { type Rig, rig } from './rig.ts';

/** Each object of a type, by the query's own reply; `reply` bytes are asked for. */
function query(machine: Rig, name: (typeof OBJECT_TYPES)[number]['name'], fields: Record<string, number>, reply = 0) {
  const type = objectType(name);
  return machine.command(type.opcode, {
    in: type.query.request.bytes,
    out: Math.max(reply, type.query.reply.bytes),
    fill: (view) => type.query.request.assign(view, fields),
  });
}

/**
 * QUERY_CQ of CQ 1135 on a ConnectX-6 Dx, as far as mlx5ctl's
 * README prints it (80 of 272 bytes; the rest is taken for zero).
 */
const README_CQ =
  '000000000000000000000000000000000000090000000000000000000a00008000080080000000160000000000000000' +
  '00ffffff00ffffff00000000000000000000000000000000000000011bb1e680';

describe('ObjectStore', () => {
  it('keeps objects by type and id, ascending', () => {
    const store = new ObjectStore();
    store.add('CQ', 9, { 'cq_context.log_cq_size': 4 });
    store.add('CQ', 2, {});
    store.add('EQ', 9, {});
    assert.deepEqual(
      store.list('CQ').map(({ id }) => id),
      [2, 9],
    );
    assert.equal(store.get('CQ', 3), undefined);
    assert.equal(store.count('QP'), 0);
    assert.throws(() => store.add('CQ', 9, {}), /CQ 9 exists/);
    assert.throws(() => store.add('CQ', 1, { 'cq_context.log_cq_sizes': 4 }), /did you mean/);
    assert.deepEqual([store.remove('CQ', 9), store.remove('CQ', 9), store.get('CQ', 9)], [true, false, undefined]);
  });

  it('releases what a user context owns and nothing else', () => {
    const store = new ObjectStore();
    store.add('MKEY', 1, {});
    store.add('MKEY', 2, {}, { owner: 7 });
    store.add('CQ', 2, {}, { owner: 7 });
    store.add('CQ', 3, {}, { owner: 8 });
    assert.equal(store.release(7), 2);
    assert.equal(store.release(DRIVER), 0);
    assert.deepEqual([store.count('MKEY'), store.count('CQ')], [1, 1]);
  });

  it('counters grow with the clock, carry, wrap and are cleared', () => {
    const store = new ObjectStore();
    const rates = { sum_flows: 2 ** 31, np_cnp_sent_low: 2 ** 31, time_stamp_low: 1e9 };
    const object = store.add('CONG_STATISTICS', 0, { sum_flows: 1 }, { rates, nowNs: 5e9 });
    const { reply } = objectType('CONG_STATISTICS').query;
    const at = (nowNs: number, path: string) => reply.get(new DataView(objectImage(object, nowNs).buffer), path);
    assert.deepEqual([at(5e9, 'sum_flows'), at(5.5e9, 'sum_flows'), at(7e9, 'sum_flows')], [1, 2 ** 30 + 1, 1]);
    assert.deepEqual([at(10e9, 'np_cnp_sent_high'), at(10e9, 'np_cnp_sent_low')], [2, 2 ** 31]);
    assert.equal(at(4e9, 'sum_flows'), 1, 'a clock that is behind moves nothing');
    clearCounters(object, 10e9);
    assert.deepEqual(
      [at(10e9, 'np_cnp_sent_high'), at(10e9, 'np_cnp_sent_low'), at(11e9, 'sum_flows')],
      [0, 0, 2 ** 31],
    );
  });

  it('gives a context without the header', () => {
    const store = createWorld(connectx6dx, 0);
    const cq = store.get('CQ', 1135);
    assert.ok(cq !== undefined);
    assert.equal(Buffer.from(objectContext(cq, 0)).toString('hex'), README_CQ.slice(32));
    for (const type of OBJECT_TYPES) {
      const [first] = store.list(type.name);
      assert.ok(first !== undefined, `there is a ${type.name}`);
      const { bytes, from } = type.context;
      const context = objectContext(first, 0);
      assert.equal(context.length, bytes ?? first.image.length - from, type.name);
      assert.deepEqual(Buffer.from(context), Buffer.from(objectImage(first, 0)).subarray(from, from + context.length));
    }
  });
});

describe('the queries of objects', () => {
  it('CQ 1135: the bytes of the real device', () => {
    const { bytes } = query(rig(), 'CQ', { cqn: 1135 });
    assert.equal(Buffer.from(bytes).toString('hex'), README_CQ.padEnd(544, '0'));
  });

  for (const type of OBJECT_TYPES) {
    it(`${type.name}: answers its objects, BAD_RES for any other number`, () => {
      const machine = rig();
      const store = createWorld(connectx6dx, 5_000_000_000);
      for (const object of store.list(type.name)) {
        const [first, second] = type.idFields;
        const fields: Record<string, number> = {};
        const low = objectId(type.name, 1, 0);
        if (second !== undefined) fields[second] = object.id % low;
        if (first !== undefined) fields[first] = second === undefined ? object.id : Math.floor(object.id / low);
        if (type.query.request.has('other_vport')) fields.other_vport = 1;
        const { bytes, status } = query(machine, type.name, fields, object.image.length);
        assert.equal(status, 0, `${object.id}`);
        assert.deepEqual(Buffer.from(bytes), Buffer.from(objectImage(object, 5_000_000_000)), `${object.id}`);
      }
      const [path] = type.idFields;
      if (path === undefined) return;
      const unknown: Record<string, number> = { [path]: path === 'counter_set_id' || path === 'eq_number' ? 99 : 3000 };
      if (path === 'cong_protocol' || path === 'priority') unknown[path] = 15;
      if (path === 'table_type' || path === 'scheduling_hierarchy') unknown[path] = 77;
      if (type.query.request.has('other_vport')) unknown.other_vport = 1;
      const answer = query(machine, type.name, unknown);
      assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_RES, REFUSAL.OBJECT_UNKNOWN.syndrome]);
      assert.ok(answer.bytes.subarray(8).every((byte) => byte === 0));
    });
  }

  it('without other_vport a vport number does not count', () => {
    const machine = rig();
    const own = query(machine, 'NIC_VPORT_CONTEXT', { vport_number: 0 }).bytes;
    assert.deepEqual(query(machine, 'NIC_VPORT_CONTEXT', { vport_number: 2 }).bytes, own);
    assert.notDeepEqual(query(machine, 'NIC_VPORT_CONTEXT', { vport_number: 2, other_vport: 1 }).bytes, own);
  });

  it('vport counters move with the clock and are cleared', () => {
    const machine = rig();
    const received = (clear: number) => {
      const { view } = query(machine, 'VPORT_COUNTER', { other_vport: 1, vport_number: 0xffff, clear });
      return objectType('VPORT_COUNTER').query.reply.get(view, 'received_eth_unicast.packets') as bigint;
    };
    assert.equal(received(0), 0n);
    machine.pass(2e9);
    assert.ok(received(0) > 0n);
    const before = received(1);
    assert.equal(received(0), 0n);
    machine.pass(2e9);
    assert.equal(received(0), before);
  });

  it('what the port carries stands still while its link is down, and vports tell of it', () => {
    const machine = rig();
    const uplink = { other_vport: 1, vport_number: 0xffff };
    const counted = (): unknown[] => [
      query(machine, 'VPORT_COUNTER', uplink).bytes,
      query(machine, 'FLOW_COUNTER', { flow_counter_id: 1, num_of_counters: 1 }, 32).bytes,
      query(machine, 'Q_COUNTER', { counter_set_id: 3 }).bytes,
    ];
    const state = () => objectType('VPORT_STATE').query.reply.get(query(machine, 'VPORT_STATE', uplink).view, 'state');
    const congestion = (clear = 0) => {
      const { view } = query(machine, 'CONG_STATISTICS', { clear });
      const field = (path: string) => objectType('CONG_STATISTICS').query.reply.get(view, path) as number;
      const packets = ['rp_cnp_handled_low', 'np_cnp_sent_low', 'np_ecn_marked_roce_packets_low'].map(field);
      return { packets, ns: field('time_stamp_high') * 2 ** 32 + field('time_stamp_low') };
    };
    machine.pass(2e9);
    const before = counted();
    assert.deepEqual(congestion(), { packets: [6, 6, 60], ns: 2e9 });
    assert.equal(state(), 1);
    machine.firmware.liveValues().writeRegister('PAOS', undefined, 'oper_status', 2);
    machine.pass(4e9);
    assert.deepEqual(counted(), before);
    assert.equal(state(), 0);
    assert.deepEqual(congestion(), { packets: [6, 6, 60], ns: 6e9 }, 'its time stamp is no traffic');
    machine.firmware.liveValues().writeRegister('PAOS', undefined, 'oper_status', 1);
    machine.pass(2e9);
    for (const [i, bytes] of counted().entries()) assert.notDeepEqual(bytes, before[i]);
    assert.equal(state(), 1);
    assert.deepEqual(congestion(1), { packets: [12, 12, 120], ns: 8e9 });
    assert.deepEqual(congestion(), { packets: [0, 0, 0], ns: 8e9 });
  });

  it('flow counters come in a row, as many as are asked for, and not past the last', () => {
    const machine = rig();
    machine.pass(1e9);
    const two = query(machine, 'FLOW_COUNTER', { flow_counter_id: 1, num_of_counters: 2 }, 48);
    assert.equal(two.status, 0);
    assert.ok(two.view.getBigUint64(16) > 0n);
    assert.equal(two.view.getBigUint64(32), two.view.getBigUint64(16));
    assert.equal(query(machine, 'FLOW_COUNTER', { flow_counter_id: 1, num_of_counters: 3 }, 64).status, STATUS.BAD_RES);
  });

  it('an RQT with room behind its structure lists its queues', () => {
    const { view } = query(rig(), 'RQT', { rqtn: 1 }, 272 + 1024);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((i) => view.getUint32(272 + 4 * i)),
      [1, 2, 3, 4, 1],
    );
  });

  it('the user context that closes takes its objects with it', () => {
    const machine = rig();
    const { uid } = machine.createUctx(4);
    machine.firmware.objects.add('MKEY', 0x777, {}, { owner: uid });
    assert.equal(query(machine, 'MKEY', { mkey_index: 0x777 }).status, 0);
    machine.destroyUctx(uid);
    assert.equal(query(machine, 'MKEY', { mkey_index: 0x777 }).status, STATUS.BAD_RES);
    assert.equal(query(machine, 'MKEY', { mkey_index: 1 }).status, 0, "the driver's stay");
  });

  it('mlx5ctl asks for XRQs with the opcode of XRC_SRQs and a longer reply', () => {
    const { status, bytes } = rig().command(OPCODE.QUERY_XRC_SRQ, { out: 336, fill: (view) => view.setUint32(8, 1) });
    assert.deepEqual([status, bytes.length], [0, 336]);
  });
});
