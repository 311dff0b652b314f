/** Diagnostic counters: the list in debug_cap, the parameters, samples on the clock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIAGNOSTIC_SAMPLE, SET_DIAGNOSTIC_PARAMS } from '../../../../src/abi/mlx5/diagnostic.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { rig } from './rig.ts';

type Rig = ReturnType<typeof rig>;
const IDS = [1025, 8198, 1035];

function set(machine: Rig, fields: Readonly<Record<string, number | boolean>>, ids: readonly number[] = IDS) {
  return machine.command(OPCODE.SET_DIAGNOSTIC_PARAMS, {
    in: 32 + ids.length * 4,
    fill(view) {
      // mlx5ctl leaves what its heap held in the reserved bytes.
      for (let at = 16; at < 32; at += 4) view.setUint32(at, 0x5620ddfc);
      SET_DIAGNOSTIC_PARAMS.request.assign(view, { num_of_counters: ids.length, ...fields });
      ids.forEach((id, i) => {
        view.setUint32(32 + i * 4, 0xdead0000 + id);
      });
    },
  });
}

function dump(machine: Rig, count: number, index = 0) {
  const answer = machine.command(OPCODE.QUERY_DIAGNOSTIC_COUNTERS, {
    out: 16 + 16 * count,
    fill(view) {
      view.setUint16(8, count);
      view.setUint16(10, index);
    },
  });
  assert.equal(answer.status, 0);
  return Array.from({ length: count }, (_, i) => DIAGNOSTIC_SAMPLE.decode(answer.view, 16 + i * 16));
}

const SINGLE = { single: 1, sync: 1, clear: 1, enable: 1, log_num_of_samples: 4, log_sample_period: 10 };
const REPETITIVE = { ...SINGLE, single: 0, repetitive: 1 };

describe('debug_cap', () => {
  const list = (count: number, overrides = {}) => {
    const answer = rig(overrides).command(OPCODE.QUERY_HCA_CAP, { opMod: 0x1b, out: 4112 + 4 * count });
    assert.equal(answer.status, 0);
    return Array.from({ length: count }, (_, i) => answer.view.getUint32(16 + 64 + i * 4));
  };

  it('lists as many counters as cmd_hca_cap says, each once, the 13 known ones at their places', () => {
    const general = rig().command(OPCODE.QUERY_HCA_CAP, { opMod: 1, out: 4112 });
    const count = general.view.getUint16(16 + 0x280 / 8);
    assert.equal(count, 175);
    const counters = list(count + 5);
    assert.deepEqual(counters.slice(count), [0, 0, 0, 0, 0]);
    assert.equal(new Set(counters.slice(0, count)).size, count);
    assert.ok(counters.slice(0, count).every((counter) => counter >>> 16 === 0x8000 && (counter & 0xffff) !== 0));
    const known = [0, 1, 2, 4, 9, 10, 11, 28, 68, 73, 88, 89, 90].map((place) => (counters[place] ?? 0) & 0xffff);
    assert.deepEqual(known, [1025, 1026, 1027, 1030, 1033, 1034, 1035, 4097, 8193, 8198, 11266, 11267, 11268]);
  });

  it('follows an override of the number', () => {
    const counters = list(20, { 'caps.GENERAL.num_of_diagnostic_counters': 13 });
    assert.equal(counters.filter((counter) => counter !== 0).length, 13);
  });
});

describe('parameters', () => {
  it('are read back as they were set', () => {
    const machine = rig();
    assert.equal(set(machine, SINGLE).status, 0);
    const { view } = machine.command(OPCODE.QUERY_DIAGNOSTIC_PARAMS, { out: 32 + 4 * 5 });
    assert.equal(view.getUint16(8), 3);
    assert.equal(view.getUint8(11), 4);
    // single, sync, clear, enable.
    assert.equal(view.getUint8(12), 0b1011_0100);
    assert.equal(view.getUint8(15), 10);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((i) => view.getUint32(32 + i * 4)),
      [...IDS, 0, 0],
    );
    const short = machine.command(OPCODE.QUERY_DIAGNOSTIC_PARAMS, { out: 32 + 4 });
    assert.equal(short.view.getUint32(32), 1025, 'a short reply has the first ids');
  });

  it('are refused when they make no sense, and then nothing has changed', () => {
    const machine = rig();
    const refused = (syndrome: number, fields: Readonly<Record<string, number>>, ids?: readonly number[]) => {
      const answer = set(machine, fields, ids);
      assert.deepEqual([answer.status, answer.syndrome], [3, syndrome]);
    };
    const params = REFUSAL.DIAGNOSTIC_PARAMS.syndrome;
    refused(REFUSAL.DIAGNOSTIC_COUNTER.syndrome, SINGLE, [77]);
    refused(params, { ...SINGLE, single: 0 });
    refused(params, { ...SINGLE, repetitive: 1 });
    refused(params, SINGLE, []);
    refused(params, { ...SINGLE, log_num_of_samples: 15 });
    refused(params, { ...SINGLE, log_sample_period: 200 });
    assert.equal(machine.command(OPCODE.QUERY_DIAGNOSTIC_PARAMS, { out: 32 }).view.getUint16(8), 0);
  });

  it('that name more counters than they carry are BAD_INP_LEN', () => {
    const answer = rig().command(OPCODE.SET_DIAGNOSTIC_PARAMS, { in: 32, fill: (view) => view.setUint16(8, 3) });
    assert.deepEqual([answer.status, answer.syndrome], [0x50, REFUSAL.REQUEST_TOO_SHORT.syndrome]);
  });
});

describe('samples', () => {
  it('do not exist before sampling', () => {
    assert.ok(dump(rig(), 3).every((sample) => sample.counter_id === 0));
  });

  it('in single mode fill the buffer once, a period apart', () => {
    const machine = rig();
    machine.pass(2_000_000_000);
    set(machine, SINGLE);
    machine.pass(5 * 1024);
    const samples = dump(machine, 21);
    assert.deepEqual(
      samples.map((sample) => sample.sample_id),
      [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 0, 0, 0],
    );
    assert.deepEqual(
      samples.slice(0, 3).map((sample) => sample.counter_id),
      IDS,
    );
    // 1 GHz: cycles are nanoseconds.
    assert.deepEqual([samples[0]?.time_stamp_31_0, samples[3]?.time_stamp_31_0], [2_000_000_000, 2_000_001_024]);
    machine.pass(1e9);
    const later = dump(machine, 60);
    assert.equal(later[47]?.sample_id, 15);
    assert.equal(later[48]?.counter_id, 0, 'sixteen samples, no more');
    assert.deepEqual(
      dump(machine, 6, 5).map((sample) => sample.sample_id),
      [5, 5, 5, 6, 6, 6],
    );
  });

  it('in repetitive mode go round', () => {
    const machine = rig();
    set(machine, REPETITIVE);
    machine.pass(20 * 1024);
    // Samples 0 to 20: slots 0 to 4 hold 16 to 20, the others 5 to 15.
    const ids = dump(machine, 48)
      .filter((_, i) => i % 3 === 0)
      .map((sample) => sample.sample_id);
    assert.deepEqual(ids, [16, 17, 18, 19, 20, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('on demand are one a query', () => {
    const machine = rig();
    set(machine, { ...SINGLE, single: 0, on_demand: 1 });
    assert.equal(dump(machine, 6)[3]?.counter_id, 0);
    machine.pass(1000);
    const two = dump(machine, 6);
    assert.deepEqual([two[0]?.time_stamp_31_0, two[3]?.time_stamp_31_0], [0, 1000]);
  });

  it('values grow with the time', () => {
    const machine = rig();
    set(machine, { ...REPETITIVE, log_sample_period: 30 });
    machine.pass(10e9);
    const values = dump(machine, 9)
      .filter((sample) => sample.counter_id === 8198)
      .map((sample) => Number(sample.counter_value));
    assert.ok(values[0] !== undefined && values[1] !== undefined && values[2] !== undefined);
    assert.ok(values[0] < values[1] && values[1] < values[2]);
  });

  it('stay when sampling is disabled, go when cleared', () => {
    const machine = rig();
    set(machine, REPETITIVE);
    machine.pass(3 * 1024);
    assert.equal(set(machine, { enable: 0 }, []).status, 0);
    machine.pass(1e9);
    assert.equal(dump(machine, 12)[9]?.sample_id, 3);
    assert.equal(dump(machine, 13)[12]?.counter_id, 0, 'none is taken any more');
    set(machine, { enable: 0, clear: 1 }, []);
    assert.equal(dump(machine, 1)[0]?.counter_id, 0);
  });

  it('are cut at the reply', () => {
    const machine = rig();
    set(machine, SINGLE);
    const answer = machine.command(OPCODE.QUERY_DIAGNOSTIC_COUNTERS, {
      out: 16 + 16 + 8,
      fill: (view) => view.setUint16(8, 100),
    });
    assert.equal(answer.status, 0);
    assert.equal(answer.view.getUint16(16), 1025);
    assert.ok(answer.bytes.subarray(32).every((byte) => byte === 0));
  });
});
