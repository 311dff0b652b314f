/** What a device costs that nobody has opened: a machine may have thousands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AbiProfile, abiProfile } from '../../../../src/abi/profiles.ts';
import { rawFwctl, rawOptions } from '../../../../src/drivers/raw/driver.ts';
import { assemble } from '../../../../src/emulator/assembly.ts';
import { noDialect } from '../../../../src/fwctl/no-dialect.ts';
import type { FwctlOps } from '../../../../src/fwctl/ops.ts';
import { DEFAULT_DEVICE } from '../../../../src/host/config/defaults.ts';
import { Faults } from '../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../src/host/interceptors/faults/plan.ts';
import { RecordHub } from '../../../../src/host/interceptors/recording/record-hub.ts';
import { Stats } from '../../../../src/host/interceptors/stats/stats.ts';
import { TraceHub } from '../../../../src/host/interceptors/trace/trace-hub.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import type { Interceptor, Place } from '../../../../src/host/machine/interceptor.ts';
import { loadIoctls, loadMessages } from '../../../../src/host/machine/load-messages.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';
import { readFault } from '../interceptors/faults/read-fault.ts';

const abi = abiProfile('latest') as AbiProfile;

/** All that `serve` puts between, but for the faults. */
function surroundings() {
  const stats = new Stats(systemClock);
  const messages = () => loadMessages(DRIVERS);
  const trace = new TraceHub(abi, systemClock, async () => ({
    messages: await messages(),
    ioctls: await loadIoctls(DRIVERS),
  }));
  const record = new RecordHub(messages, () => {});
  return { stats, around: [record.taps, stats, trace] };
}

/** With all that `serve` puts between. */
function machine() {
  const { stats, around } = surroundings();
  const { host } = assemble({ abi, drivers: DRIVERS, around });
  return { host, stats };
}

/** Live bytes of the heap and of what buffers hold. */
function liveBytes(collect: () => void): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

for (const [driver, profile, most] of [
  [DEFAULT_DEVICE.driver, DEFAULT_DEVICE.profile, 3000],
  ['bnxt', 'bnxt57508', 6000],
  ['cxl', 'cxl-type3', 6000],
  ['pds', 'pds-example', 6000],
] as const)
  test(`a device of ${profile} takes at most ${most} bytes until it is opened`, () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { host } = machine();
    const plug = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const pci = `0000:${(i >> 8).toString(16).padStart(2, '0')}:${((i >> 3) & 31).toString(16).padStart(2, '0')}.${i & 7}`;
        host.plug({ ...DEFAULT_DEVICE, driver, profile, pci });
      }
    };
    plug(0, 256); // what is made once
    const before = liveBytes(collect);
    plug(256, 2048);
    const each = (liveBytes(collect) - before) / (2048 - 256);
    assert.equal(host.devices().length, 2048);
    assert.ok(each > 500 && each < most, `${Math.round(each)} bytes`);
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
  const place: Place = {
    name: 'fwctl0',
    spec: { ...DEFAULT_DEVICE, driver: 'raw', profile: 'loopback' },
    dialect: noDialect('raw'),
    ioctls: undefined,
    unplug: () => {},
  };
  const layers = (info: Uint8Array | undefined): FwctlOps<unknown> => {
    const own = rawFwctl(rawOptions({ info })) as FwctlOps<unknown>;
    const all: readonly Interceptor[] = [new Faults(plan, systemClock), ...surroundings().around];
    return all.reduce((inner, one) => one.ops?.(inner, place) ?? inner, own);
  };
  assert.equal(layers(undefined).info, undefined);
  assert.equal(typeof layers(new Uint8Array(4)).info, 'function');
});
