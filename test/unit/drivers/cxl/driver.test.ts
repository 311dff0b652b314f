/** What neither the recording (test/oracle-drivers) nor the model (test/conformance/cxl-model.test.ts) shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../src/abi/held.ts';
import { cxlFwctl } from '../../../../src/drivers/cxl/driver.ts';
import { CxlLoopback } from '../../../../src/firmware/cxl/loopback.ts';
import { LOOPBACK_MODELS } from '../../../../src/firmware/cxl/loopback-models.ts';
import type { DoorGuard } from '../../../../src/fwctl/dialect.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { get, list, Rig, SPPR, set, VENDOR_TEST, vendor } from './rig.ts';

const refusal = (work: () => unknown): Errno => {
  try {
    work();
  } catch (error) {
    if (error instanceof Errno) return error;
  }
  throw new Error('not refused');
};

test("a device has a fwctl device where one of its features is a user's", () => {
  const made = LOOPBACK_MODELS.map((model) => [model.name, cxlFwctl(new CxlLoopback(model), []) !== undefined]);
  assert.deepEqual(Object.fromEntries(made), {
    'cxl-loopback': true,
    'cxl-loopback-ro': true,
    'cxl-loopback-exclusive': false,
    'cxl-loopback-none': false,
  });
});

test('it has no info op', () => {
  const { ops } = new Rig();
  assert.equal(ops.deviceType, 2);
  assert.equal(ops.info, undefined);
});

test('a refusal to set says which effects, and the scope that passes', () => {
  const rig = new Rig();
  const reset = refusal(() => rig.rpc(set(VENDOR_TEST, [1])));
  assert.equal(reset.name, 'EINVAL');
  assert.match(reset.rule, /0x201\(CONFIG_CHANGE_COLD_RESET\|EFFECTS_VALID\).*scope FWCTL_RPC_DEBUG_WRITE \(2\)/);
  assert.equal(reset.remedy, 'set fwctl_rpc.scope = FWCTL_RPC_DEBUG_WRITE');
  const immediate = refusal(() => rig.rpc(set(vendor(4), [1]), 2));
  assert.match(immediate.rule, /LOG_CHANGE_IMMEDIATE.*scope FWCTL_RPC_DEBUG_WRITE_FULL \(3\)/);
  assert.equal(
    refusal(() => rig.rpc(set(vendor(4), [2]), 2)),
    immediate,
  );
  assert.match(refusal(() => rig.rpc(set(vendor(6), [1]), 3)).rule, /background/);
  assert.match(refusal(() => rig.rpc(set(vendor(12), [1]), 3)).rule, /reserved/);
  assert.match(refusal(() => rig.rpc(set(vendor(9), [1]), 3)).rule, /neither at a reset nor immediate/);
  assert.equal(refusal(() => rig.rpc(set(SPPR, [1]), 3)).name, 'EPERM');
});

test('the capability of the device counts at once, for open files too', () => {
  const rig = new Rig();
  rig.loopback.parameters.featuresCapability = 1;
  assert.match(refusal(() => rig.rpc(set(VENDOR_TEST, [1]), 3)).rule, /not set them/);
  assert.equal(rig.rpc(get(VENDOR_TEST, 4)).length, 20);
  rig.loopback.parameters.featuresCapability = 0;
  assert.match(refusal(() => rig.rpc(list(48))).rule, /no features/);
});

test('transfers go one after another and as a whole, the list does not wait for them', () => {
  const timers: (() => void)[] = [];
  const after = (_ms: number, work: () => void) => {
    timers.push(work);
    return () => {};
  };
  const rig = new Rig([], { monotonicNs: () => 0, wallMs: () => 0, after });
  rig.loopback.parameters.delayMs = 60;
  // 2000 bytes are four commands of the mailbox's 512
  const [first, long] = rig.start(get(vendor(25), 2000));
  const [second, short] = rig.start(get(VENDOR_TEST, 4));
  const [third] = rig.start(list(48));
  assert.equal(third, 72);
  assert.ok(first instanceof Held && second instanceof Held);
  for (let piece = 1; piece <= 4; piece++) {
    assert.equal(rig.loopback.commands, piece);
    assert.ok(!first.released && !second.released);
    timers.shift()?.();
  }
  assert.ok(first.released && !second.released);
  assert.equal(first.get(), 2016);
  assert.equal(long.view.getUint32(0, true), 2000);
  assert.equal(rig.loopback.commands, 5);
  timers.shift()?.();
  assert.equal(second.get(), 20);
  assert.equal(short.view.getUint32(8, true), 0xdeadbeef);
});

test('a guard at the door stands around the whole of an RPC, and may answer it', () => {
  const seen: string[] = [];
  let answers: 'itself' | 'refusal' | 'errno' = 'itself';
  const guard: DoorGuard = {
    active: true,
    pass(request, reply, execute) {
      seen.push(`${request.length} ${reply.length}`);
      if (answers === 'errno') throw new Errno('EIO', 'the guard');
      if (answers === 'refusal') {
        reply.view.setUint32(4, 6, true);
        return undefined;
      }
      execute();
      seen.push(`done ${reply.length}`);
      return undefined;
    },
  };
  const rig = new Rig([guard]);
  assert.equal(rig.rpc(get(vendor(25), 2000)).length, 2016);
  assert.deepEqual(seen.splice(0), ['37 16', 'done 2016']);
  assert.equal(rig.rpc(list(48)).length, 72);
  assert.deepEqual(seen.splice(0), ['24 16', 'done 72']);
  const { commands } = rig.loopback;
  answers = 'refusal';
  assert.deepEqual([...rig.rpc(get(VENDOR_TEST, 4))], [0, 0, 0, 0, 6, ...Array(11).fill(0)]);
  answers = 'errno';
  assert.equal(refusal(() => rig.rpc(set(VENDOR_TEST, [1]), 2)).name, 'EIO');
  assert.equal(rig.loopback.commands, commands);
  seen.length = 0;
  refusal(() => rig.rpc(set(VENDOR_TEST, [1])));
  assert.deepEqual(seen, [], 'what the driver refuses does not come to the door');
});
