import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AbiProfile, abiProfile } from '../../../../../src/abi/profiles.ts';
import { DEFAULT_DEVICE } from '../../../../../src/host/config/defaults.ts';
import type { DeviceSpec } from '../../../../../src/host/config/device-spec.ts';
import { Faults } from '../../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../../src/host/interceptors/faults/plan.ts';
import { systemClock } from '../../../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../../src/host/machine/host.ts';
import { InprocessTransport, plainCaller } from '../../../../../src/transport/inprocess.ts';
import { readFault } from './read-fault.ts';

const abi = abiProfile('latest') as AbiProfile;
const QUERY_CAP = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
const CAP_BYTES = 16 + 256;

function machine(...faults: string[]) {
  const plan = new FaultPlan();
  const ids = faults.map((text) => plan.add(readFault(text)));
  const host = new Host({
    abi,
    clock: systemClock,
    drivers: DRIVERS,
    interceptors: [new Faults(plan, systemClock)],
  });
  const plug = (changes: Partial<DeviceSpec> = {}) => host.plug({ ...DEFAULT_DEVICE, ...changes });
  const transport = new InprocessTransport();
  return { plan, ids, host, plug, transport };
}

/** MGIR, read: register data of 64 bytes. */
function readRegister(id: number): Uint8Array {
  const request = new Uint8Array(16 + 256);
  new DataView(request.buffer).setUint16(0, 0x805);
  request[7] = 1;
  new DataView(request.buffer).setUint16(10, id);
  return request;
}

test('the third matching command fails, and no other', () => {
  const { plug, transport } = machine('rpc:opcode=QUERY_HCA_CAP:error=EIO:when=3');
  const file = transport.openDevice(plug().fileOps);
  const right = file.rpc(0, QUERY_CAP, CAP_BYTES);
  file.rpc(1, readRegister(0x9020), 272);
  file.rpc(0, QUERY_CAP, CAP_BYTES);
  assert.throws(() => file.rpc(0, QUERY_CAP, CAP_BYTES), { name: 'EIO', rule: /fault 1 was injected: rpc:opcode/ });
  assert.deepEqual(file.rpc(0, QUERY_CAP, CAP_BYTES), right);
});

test('the selectors: register, cap, scope, device, comm', () => {
  const { plug, transport, plan } = machine(
    'rpc:register=MGIR:error=EIO',
    'rpc:cap=ODP:error=ENOMEM',
    'rpc:scope=2:error=EPERM',
    'rpc:device=fwctl1:error=EBUSY',
    'rpc:comm=victim:error=ETIMEDOUT',
  );
  const first = transport.openDevice(plug().fileOps);
  const second = transport.openDevice(plug({ pci: '0000:00:0b.0' }).fileOps);
  const victim = transport.openDevice(plug({ pci: '0000:00:0c.0' }).fileOps, {
    caller: plainCaller({ comm: () => 'victim' }),
  });
  first.rpc(0, QUERY_CAP, CAP_BYTES);
  first.rpc(1, readRegister(0x9014), 272);
  assert.throws(() => first.rpc(1, readRegister(0x9020), 272), { name: 'EIO' });
  const odp = QUERY_CAP.slice();
  odp[7] = 5;
  assert.throws(() => first.rpc(0, odp, CAP_BYTES), { name: 'ENOMEM' });
  assert.throws(() => first.rpc(2, QUERY_CAP, CAP_BYTES), { name: 'EPERM' });
  assert.throws(() => second.rpc(0, QUERY_CAP, CAP_BYTES), { name: 'EBUSY' });
  assert.throws(() => victim.rpc(0, QUERY_CAP, CAP_BYTES), { name: 'ETIMEDOUT' });
  assert.deepEqual(
    plan.list().map(({ calls, strikes }) => [calls, strikes]),
    [
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ],
  );
});

test('the firmware refuses with status and syndrome, and executes nothing', () => {
  const { plug, transport } = machine('rpc:register=PAOS:status=BAD_RES_STATE:syndrome=0x123456:count=1');
  const file = transport.openDevice(plug().fileOps);
  const reply = file.rpc(1, readRegister(0x5006), 272);
  assert.equal(reply.length, 272);
  assert.deepEqual([...reply.subarray(0, 8)], [9, 0, 0, 0, 0, 0x12, 0x34, 0x56]);
  assert.ok(reply.subarray(8).every((byte) => byte === 0));
});

test('a status at open becomes the errno that the kernel makes of it; an errno is itself', () => {
  const { plug, transport, plan } = machine(
    'open:status=LIM_ERR:when=1',
    'open:error=EINTR:when=2',
    'open:status=0x99:when=3',
  );
  const { fileOps } = plug();
  assert.throws(() => transport.openDevice(fileOps), { name: 'ENOMEM' });
  assert.throws(() => transport.openDevice(fileOps), { name: 'EINTR' });
  assert.throws(() => transport.openDevice(fileOps), { name: 'EIO' });
  const file = transport.openDevice(fileOps);
  assert.equal(file.rpc(0, QUERY_CAP, CAP_BYTES)[0], 0);
  assert.deepEqual(
    plan.list().map(({ calls }) => calls),
    [4, 4, 4],
  );
});

test('FWCTL_INFO fails, is cut, is late', async () => {
  const { plug, transport } = machine('info:error=EIO:when=1', 'info:out_len=4:when=2', 'info:delay=5ms:when=3');
  const file = transport.openDevice(plug().fileOps);
  assert.throws(() => file.info(), { name: 'EIO' });
  assert.equal(file.info().dataLength, 4);
  assert.throws(() => file.info(), /holds its answer back/);
  assert.equal(file.info().dataLength, 8);
});

test('bytes of a reply: truncate, set, flip by seed, length', () => {
  const { plug, transport, plan } = machine();
  const file = transport.openDevice(plug().fileOps);
  const exchange = (fault: string) => {
    const id = plan.add(readFault(fault));
    const reply = file.rpc(0, QUERY_CAP, CAP_BYTES);
    plan.remove(id);
    return reply;
  };
  const right = file.rpc(0, QUERY_CAP, CAP_BYTES);
  const cut = exchange('rpc:truncate=64');
  assert.deepEqual(cut.subarray(0, 64), right.subarray(0, 64));
  assert.ok(cut.subarray(64).every((byte) => byte === 0));
  const set = exchange('rpc:set.log_max_qp=99999');
  assert.equal(set.filter((byte, at) => byte !== right[at]).length, 1, 'the field saturates, its neighbours stay');
  const bits = (reply: Uint8Array) =>
    reply.reduce((sum, byte, at) => sum + ((byte ^ (right[at] ?? 0)).toString(2).match(/1/g)?.length ?? 0), 0);
  const flipped = exchange('rpc:flip=5:seed=3');
  assert.equal(bits(flipped), 5);
  assert.deepEqual(exchange('rpc:flip=5:seed=3'), flipped);
  assert.notDeepEqual(exchange('rpc:flip=5:seed=4'), flipped);
  assert.equal(exchange('rpc:out_len=-200').length, CAP_BYTES - 200);
});

test('a longer out_len is told to the caller, as a driver could', () => {
  const { plug, transport } = machine('rpc:out_len=+100');
  const file = transport.openDevice(plug().fileOps);
  const { memory } = transport;
  const argument = memory.allocate(32);
  const input = memory.allocate(16);
  const output = memory.allocate(CAP_BYTES);
  memory.view(input, 16).set(QUERY_CAP);
  const bytes = memory.view(argument, 32);
  const struct = new DataView(bytes.buffer, bytes.byteOffset, 32);
  struct.setUint32(0, 32, true);
  struct.setUint32(8, 16, true);
  struct.setUint32(12, CAP_BYTES, true);
  struct.setBigUint64(16, BigInt(input), true);
  struct.setBigUint64(24, BigInt(output), true);
  assert.equal(file.ioctl(0x9a01, argument), 0);
  assert.equal(struct.getUint32(12, true), CAP_BYTES + 100);
});

test('a hung answer comes when the fault is released, and holds nobody else', async () => {
  const { plug, transport, plan, ids } = machine('rpc:register=MGIR:hang:count=1');
  const file = transport.openDevice(plug().fileOps);
  const late = file.rpcLate(1, readRegister(0x9020), 272);
  assert.equal(plan.list()[0]?.held, 1);
  assert.equal(file.rpc(0, QUERY_CAP, CAP_BYTES)[0], 0);
  assert.equal(plan.release(ids[0]), 1);
  assert.deepEqual(await late, file.rpc(1, readRegister(0x9020), 272));
  assert.equal(plan.release(99), undefined);
});

test('removing a fault lets go what it holds', async () => {
  const { plug, transport, plan, ids } = machine('rpc:hang', 'rpc:error=EIO:delay=1ms');
  const file = transport.openDevice(plug().fileOps);
  const late = file.rpcLate(0, QUERY_CAP, CAP_BYTES);
  assert.equal(plan.remove(ids[0] ?? 0), true);
  await assert.rejects(late, { name: 'EIO' });
  assert.equal(plan.remove(ids[0] ?? 0), false);
});

test('unplugged in the middle: that call ends well, the next is ENODEV', () => {
  const { host, plug, transport } = machine('rpc:unplug:when=2');
  const file = transport.openDevice(plug().fileOps);
  file.rpc(0, QUERY_CAP, CAP_BYTES);
  assert.equal(file.rpc(0, QUERY_CAP, CAP_BYTES)[0], 0);
  assert.throws(() => file.rpc(0, QUERY_CAP, CAP_BYTES), { name: 'ENODEV' });
  assert.equal(host.devices().length, 0);
});

test('hold nothing: what is held is let go, what comes later is not held, and a new fault holds again', async () => {
  const { plug, transport, plan } = machine('rpc:hang', 'rpc:error=EIO:when=2');
  const file = transport.openDevice(plug().fileOps);
  const late = file.rpcLate(0, QUERY_CAP, CAP_BYTES);
  assert.deepEqual(
    plan.list().map(({ held }) => held),
    [1, 0],
  );
  assert.equal(plan.holdNothing(), true);
  assert.equal((await late)[0], 0);
  assert.throws(() => file.rpc(0, QUERY_CAP, CAP_BYTES), { name: 'EIO' }, 'the other effects stay');
  assert.equal(file.rpc(0, QUERY_CAP, CAP_BYTES)[0], 0);
  assert.equal(plan.holdNothing(), false);
  const id = plan.add(readFault('rpc:hang'));
  const again = file.rpcLate(0, QUERY_CAP, CAP_BYTES);
  assert.equal(plan.release(id), 1);
  await again;
});

test('unplugged in the middle of a held call: it waits for that call', async () => {
  const { plug, transport, plan } = machine('rpc:unplug:hang');
  const file = transport.openDevice(plug().fileOps);
  const late = file.rpcLate(0, QUERY_CAP, CAP_BYTES);
  const next = file.rpcLate(0, QUERY_CAP, CAP_BYTES);
  plan.release();
  assert.equal((await late)[0], 0);
  await assert.rejects(next, { name: 'ENODEV' });
});

test('chance is decided by the seed', () => {
  const pattern = (seed: number) => {
    const { plug, transport } = machine(`rpc:probability=30%:seed=${seed}:error=EIO`);
    const file = transport.openDevice(plug().fileOps);
    return Array.from({ length: 200 }, () => {
      try {
        file.rpc(0, QUERY_CAP, CAP_BYTES);
        return '.';
      } catch {
        return 'x';
      }
    }).join('');
  };
  assert.equal(pattern(1), pattern(1));
  assert.notEqual(pattern(1), pattern(2));
  const struck = pattern(1).replaceAll('.', '').length;
  assert.ok(struck > 35 && struck < 85, `${struck} of 200`);
});

test('a device without a firmware of ours is struck at its driver', () => {
  const { plug, transport } = machine('rpc:error=EIO:when=1', 'rpc:truncate=2:when=2');
  const file = transport.openDevice(plug({ driver: 'raw', profile: 'loopback' }).fileOps);
  assert.throws(() => file.rpc(0, Uint8Array.from([1, 2, 3, 4]), 4), { name: 'EIO' });
  assert.deepEqual([...file.rpc(0, Uint8Array.from([1, 2, 3, 4]), 4)], [1, 2, 0, 0]);
});

test('a machine without interceptors is not wrapped', () => {
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS });
  assert.equal(host.plug(DEFAULT_DEVICE).fileOps.constructor.name, 'FwctlFops');
});
