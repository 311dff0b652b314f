/**
 * What a caller gets back, where the golden cases do not reach:
 * odd drivers, held answers, credentials at the time of the call.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerBytes, echo, rawFwctl, rawOptions, refuseRpc } from '../../../src/drivers/raw/driver.ts';
import { CAP_SYS_RAWIO } from '../../../src/kernel/caller.ts';
import { plainCaller } from '../../../src/transport/inprocess.ts';
import { machine, newHeld, release, ScriptedDriver } from './machine.ts';

const REQUEST = Uint8Array.from({ length: 16 }, (_, i) => i);

function rawMachine(changes = {}) {
  const options = rawOptions(changes);
  const { fwctl, transport } = machine();
  return { options, file: transport.openDevice(fwctl.register(fwctl.alloc(), rawFwctl(options)).fileOps), transport };
}

test('the driver may answer less or more than was asked for', () => {
  const { options, file } = rawMachine();
  const answer = Uint8Array.from({ length: 64 }, (_, i) => i * 5 + 1);
  for (const length of [0, 1, 16, 31, 32]) {
    options.rpc = answerBytes(answer.subarray(0, length));
    assert.deepEqual(file.rpc(0, REQUEST, 32), answer.slice(0, length));
  }
  options.rpc = answerBytes(answer);
  assert.deepEqual(file.rpc(0, REQUEST, 32), answer.slice(0, 32));
});

test('the core alone takes requests and answers of any length up to 2 MiB, empty ones too', () => {
  const { file } = rawMachine();
  const most = new Uint8Array(2 * 1024 * 1024).fill(7);
  assert.deepEqual(file.rpc(0, most, most.length), most);
  assert.deepEqual(file.rpc(0, new Uint8Array(0), 0), new Uint8Array(0));
  assert.throws(() => file.rpc(0, new Uint8Array(most.length + 1), 16), { name: 'EMSGSIZE', rule: /in_len/ });
  assert.throws(() => file.rpc(0, REQUEST, most.length + 1), { name: 'EMSGSIZE', rule: /out_len/ });
});

test("the driver's errno is the caller's", () => {
  const { options, file } = rawMachine();
  for (const errno of ['EIO', 'ENOMEM', 'ENXIO', 'ETIMEDOUT', 'EBUSY', 'EAGAIN', 'ENOSPC', 'EINTR'] as const) {
    options.rpc = refuseRpc(errno);
    assert.throws(() => file.rpc(0, REQUEST, 16), { name: errno });
  }
  options.rpc = echo;
  assert.deepEqual(file.rpc(0, REQUEST, 16), REQUEST);
});

test('info: any length, a failing driver, none at all; no room means that the driver is not asked', () => {
  const { options, file } = rawMachine();
  for (const length of [0, 1, 8, 16, 40]) {
    options.info = Uint8Array.from({ length }, (_, i) => i * 7 + 3);
    for (const room of [1, 8, 16, 32]) {
      const data = options.info.slice(0, room);
      assert.deepEqual(file.info(room), { deviceType: 0x7e, dataLength: length, data });
    }
  }
  options.infoErrno = 'ENXIO';
  assert.throws(() => file.info(8), { name: 'ENXIO' });
  assert.deepEqual(file.info(0), { deviceType: 0x7e, dataLength: 0, data: new Uint8Array(0) });

  const { file: bare } = rawMachine({ info: undefined, deviceType: 0xffffffff });
  assert.deepEqual(bare.info(8), { deviceType: 0xffffffff, dataLength: 0, data: new Uint8Array(0) });
});

test("open fails with the driver's errno", () => {
  const { fwctl, transport } = machine();
  const options = rawOptions({ openErrno: 'ENOSPC' });
  const { fileOps } = fwctl.register(fwctl.alloc(), rawFwctl(options));
  assert.throws(() => transport.openDevice(fileOps), { name: 'ENOSPC' });
  options.openErrno = undefined;
  transport.openDevice(fileOps).close();
});

test('the capability is asked for at the time of the call, and for scope 3 alone', () => {
  const { fwctl, transport } = machine();
  const asked: number[] = [];
  let capable = true;
  const caller = plainCaller({
    capable: (cap) => {
      asked.push(cap);
      return capable;
    },
  });
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), new ScriptedDriver()).fileOps, { caller });
  for (const scope of [0, 1, 2]) file.rpc(scope, REQUEST, 16);
  assert.throws(() => file.rpc(4, REQUEST, 16), { name: 'EOPNOTSUPP' });
  assert.deepEqual(asked, []);
  file.rpc(3, REQUEST, 16);
  capable = false;
  assert.throws(() => file.rpc(3, REQUEST, 16), { name: 'EPERM' });
  assert.deepEqual(asked, [CAP_SYS_RAWIO, CAP_SYS_RAWIO]);
});

test('a held answer is copied out when it is let go; calls of one file overlap', async () => {
  const { fwctl, transport } = machine();
  const driver = new ScriptedDriver();
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), driver).fileOps);
  const held = newHeld();
  driver.held = held;
  assert.throws(() => file.rpc(0, REQUEST, 16), /holds its answer back: use rpcLate/);
  release(held);
  const later = newHeld();
  driver.held = later;
  const late = file.rpcLate(1, REQUEST, 16);
  assert.deepEqual([...file.rpc(2, REQUEST, 16)], [1, 1, 1, 1], 'not held up by the other');
  release(later);
  assert.deepEqual([...(await late)], [1, 1, 1, 1]);
  assert.deepEqual(
    driver.rpcs.map(({ scope }) => scope),
    [0, 1, 2],
  );
});

test('every refusal says its rule and, where it can, its remedy', () => {
  const { file } = rawMachine();
  const refusals = [() => file.rpc(4, REQUEST, 16), () => file.rpc(0, new Uint8Array(3_000_000), 16)];
  for (const refused of refusals) {
    assert.throws(refused, (error: { rule?: string; remedy?: string }) => {
      assert.match(error.rule ?? '', /^\S.*[^.]$/);
      assert.match(error.remedy ?? '', /^\S.*[^.]$/);
      return true;
    });
  }
});
