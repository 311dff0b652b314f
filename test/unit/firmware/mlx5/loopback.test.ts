import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { Loopback } from '../../../../src/firmware/mlx5/loopback.ts';

/** A request with a context's uid. */
function userRequest(length: number) {
  const request = messageBuffer(length);
  for (let i = 0; i < length; i++) request.bytes[i] = i * 3 + 7;
  request.view.setUint16(0, 0x100);
  request.view.setUint16(2, 5);
  request.view.setUint16(6, 1);
  return request;
}

function fnv(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

test('the answer shows opcode, uid, op_mod, lengths and the hash of the request', () => {
  const firmware = new Loopback({ status: 8, syndrome: 0xabcdef });
  const request = userRequest(100);
  const reply = messageBuffer(64);
  assert.equal(firmware.exec(request, reply), undefined);
  const hashed = request.bytes.slice().fill(0, 2, 4);
  const expected = Buffer.alloc(64);
  expected.writeUInt8(8, 0);
  expected.writeUInt32BE(0xabcdef, 4);
  expected.writeUInt16BE(0x100, 16);
  expected.writeUInt16BE(5, 18);
  expected.writeUInt16BE(1, 20);
  expected.writeUInt32BE(100, 24);
  expected.writeUInt32BE(64, 28);
  expected.writeBigUInt64BE(fnv(hashed), 32);
  expected.write('LOOPBACK-FIRMWR!', 40);
  assert.equal(Buffer.from(reply.bytes).toString('hex'), expected.toString('hex'));
  assert.deepEqual(firmware.counters, { fwCalls: 1, uctxCreated: 0, uctxDestroyed: 0 });
});

test('an answer is cut at the length asked for', () => {
  const reply = messageBuffer(64);
  reply.length = 19;
  new Loopback().exec(userRequest(16), reply);
  assert.deepEqual([...reply.bytes.subarray(16, 20)], [1, 0, 0, 0]);
});

test('contexts: created, counted, destroyed once', () => {
  const firmware = new Loopback();
  const create = messageBuffer(64);
  create.view.setUint16(0, 0xa04);
  const reply = messageBuffer(16);
  firmware.exec(create, reply);
  firmware.exec(create, reply);
  assert.equal(reply.view.getUint16(10), 2);
  const destroy = messageBuffer(16);
  destroy.view.setUint16(0, 0xa06);
  destroy.view.setUint16(10, 1);
  reply.bytes.fill(0);
  firmware.exec(destroy, reply);
  assert.equal(reply.bytes[0], 0);
  firmware.exec(destroy, reply);
  assert.equal(reply.bytes[0], 5, 'BAD_RES');
  assert.equal(firmware.uctxLive, 1);
  const unknown = messageBuffer(16);
  reply.bytes.fill(0);
  firmware.exec(unknown, reply);
  assert.equal(reply.bytes[0], 2, 'BAD_OP');
});

test('a delay holds the answer, which is complete', () => {
  const timers: { ms: number; callback: () => void }[] = [];
  const after = (ms: number, callback: () => void) => {
    timers.push({ ms, callback });
    return () => {};
  };
  const firmware = new Loopback({ delayMs: 600 }, { monotonicNs: () => 0, wallMs: () => 0, after });
  const reply = messageBuffer(64);
  const held = firmware.exec(userRequest(16), reply);
  assert.equal(held?.released, false);
  assert.equal(reply.view.getUint16(16), 0x100);
  assert.equal(timers[0]?.ms, 600);
  timers[0]?.callback();
  assert.equal(held?.released, true);
});

test('what deliver throws is thrown, and the call is counted', () => {
  const firmware = new Loopback();
  firmware.options.deliver = () => {
    throw new RangeError('lost');
  };
  assert.throws(() => firmware.exec(userRequest(16), messageBuffer(16)), RangeError);
  assert.equal(firmware.counters.fwCalls, 1);
});
