/** What a device costs that nobody has opened: a machine may have thousands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AbiProfile, abiProfile } from '../../../../src/abi/profiles.ts';
import { rawFwctl, rawOptions } from '../../../../src/drivers/raw/driver.ts';
import type { FwctlOps } from '../../../../src/fwctl/ops.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { DEFAULT_DEVICE } from '../../../../src/host/config/defaults.ts';
import { readFault } from '../../../../src/host/interceptors/faults/parse.ts';
import { FaultPlan } from '../../../../src/host/interceptors/faults/plan.ts';
import { Host } from '../../../../src/host/machine/host.ts';
import { FaultGate } from '../../../../src/host/interceptors/faults/fault-gate.ts';
import { TraceHub } from '../../../../src/host/interceptors/trace/trace-hub.ts';
import { RecordHub } from '../../../../src/host/interceptors/recording/record-hub.ts';
import { Stats } from '../../../../src/host/interceptors/stats/stats.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';

const abi = abiProfile('latest') as AbiProfile;

/** With all that `serve` puts between. */
function machine() {
  const stats = new Stats(systemClock);
  const trace = new TraceHub(abi, systemClock);
  const record = new RecordHub(() => {});
  const host = new Host({
    abi,
    clock: systemClock,
    stats,
    faults: new FaultPlan(),
    interceptOps: (ops, spec) => record.tap(ops, spec),
    intercept: (fileOps, device, spec) => trace.tap(fileOps, device, spec),
  });
  return { host, stats };
}

/** Live bytes of the heap. */
function liveBytes(collect: () => void): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

test('a device takes at most 3 KB of heap until it is opened', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { host } = machine();
  const plug = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const pci = `0000:${(i >> 8).toString(16).padStart(2, '0')}:${((i >> 3) & 31).toString(16).padStart(2, '0')}.${i & 7}`;
      host.plug({ ...DEFAULT_DEVICE, pci });
    }
  };
  plug(0, 256); // what is made once
  const before = liveBytes(collect);
  plug(256, 2048);
  const each = (liveBytes(collect) - before) / (2048 - 256);
  assert.equal(host.devices().length, 2048);
  assert.ok(each > 500 && each < 3000, `${Math.round(each)} bytes`);
});

test('a device that nobody has opened has counters, all 0; clearing them keeps what is open', () => {
  const { host, stats } = machine();
  const { fileOps } = host.plug(DEFAULT_DEVICE);
  const [row] = stats.devices();
  assert.deepEqual([row?.name, row?.opened, row?.openFiles, row?.counts], ['fwctl0', 0, 0, undefined]);
  const file = new InprocessTransport().openDevice(fileOps);
  file.info();
  stats.clear();
  assert.deepEqual([row?.opened, row?.openFiles, row?.counts?.calls()], [0, 1, []]);
  file.info();
  assert.deepEqual(row?.counts?.calls(), [{ command: -1, outcome: 0, count: 1 }], 'an open file counts on');
});

test('a driver without an info op has none behind what stands before it, nor can its info be struck', () => {
  const plan = new FaultPlan();
  plan.add(readFault('info:error=EIO'));
  const layers = (info: Uint8Array | undefined): FwctlOps<unknown> => {
    const own = rawFwctl(rawOptions({ info })) as FwctlOps<unknown>;
    const faulty = new FaultGate(plan, systemClock, () => {}).ops(own);
    const tapped = new RecordHub(() => {}).tap(faulty, DEFAULT_DEVICE);
    return new Stats(systemClock).device(tapped).ops;
  };
  assert.equal(layers(undefined).info, undefined);
  assert.equal(typeof layers(new Uint8Array(4)).info, 'function');
});
