import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../../src/abi/mlx5/status.ts';
import { legacy } from '../../../../src/devices/mlx5/legacy.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { UctxTable } from '../../../../src/firmware/mlx5/uctx.ts';
import { rig } from './rig.ts';

describe('user contexts', () => {
  it('get distinct uids from 1, the lowest free first', () => {
    const { createUctx, destroyUctx, firmware } = rig();
    assert.deepEqual([createUctx(4).uid, createUctx(4).uid, createUctx(0).uid], [1, 2, 3]);
    assert.equal(destroyUctx(2).status, 0);
    assert.equal(firmware.openUctxs, 2);
    assert.deepEqual([createUctx(4).uid, createUctx(4).uid], [2, 4]);
  });

  it('may ask for what uctx_cap has and for nothing else', () => {
    assert.equal(rig().createUctx(7).status, 0);
    const greedy = rig().createUctx(8);
    assert.deepEqual([greedy.status, greedy.syndrome], [STATUS.BAD_PARAM, REFUSAL.UCTX_CAPS.syndrome]);
    const old = rig({}, legacy);
    assert.equal(old.createUctx(4).status, STATUS.BAD_PARAM);
    assert.equal(old.createUctx(0).uid, 1);
    assert.equal(rig({ 'caps.GENERAL.uctx_cap': 0x80000000 }).createUctx(0x80000000).status, 0);
  });

  it('end with LIM_ERR at 2^log_max_uctx', () => {
    const { createUctx, destroyUctx } = rig({ 'caps.GENERAL.log_max_uctx': 2 });
    for (let i = 0; i < 4; i++) assert.equal(createUctx(4).status, 0);
    assert.deepEqual([createUctx(4).status, createUctx(4).syndrome], [STATUS.LIM_ERR, REFUSAL.UCTX_LIMIT.syndrome]);
    destroyUctx(3);
    assert.equal(createUctx(4).uid, 3);
  });

  it('are destroyed once', () => {
    const { createUctx, destroyUctx } = rig();
    createUctx(4);
    assert.equal(destroyUctx(1).status, 0);
    for (const uid of [1, 0, 0xffff]) {
      assert.deepEqual(
        [destroyUctx(uid).status, destroyUctx(uid).syndrome],
        [STATUS.BAD_RES, REFUSAL.UCTX_UNKNOWN.syndrome],
      );
    }
  });

  it('tell their capabilities to QUERY_UCTX', () => {
    const { createUctx, command } = rig();
    createUctx(5);
    const query = (uid: number) => command(OPCODE.QUERY_UCTX, { out: 64, fill: (view) => view.setUint16(10, uid) });
    assert.equal(query(1).view.getUint32(16), 5);
    assert.equal(query(2).status, STATUS.BAD_RES);
  });
});

describe('UctxTable', () => {
  it('hands out every 16-bit uid but 0, then none', () => {
    const table = new UctxTable(1 << 20);
    const uids = new Set<number>();
    for (let i = 0; i < 0xffff; i++) uids.add(table.create(0));
    assert.equal(uids.size, 0xffff);
    assert.ok(!uids.has(0) && uids.has(0xffff));
    assert.equal(table.create(0), 0);
    table.destroy(700);
    assert.equal(table.create(9), 700);
    assert.equal(table.caps(700), 9);
  });

  it('gives the lowest free uid after any history', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 })), (steps) => {
        const table = new UctxTable(8);
        const model = new Set<number>();
        for (const step of steps) {
          if (step === 0 || step > 8) {
            const free = [1, 2, 3, 4, 5, 6, 7, 8].find((uid) => !model.has(uid)) ?? 0;
            assert.equal(table.create(0), free);
            if (free > 0) model.add(free);
          } else assert.equal(table.destroy(step), model.delete(step));
          assert.equal(table.size, model.size);
        }
      }),
    );
  });
});
