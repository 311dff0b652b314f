import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { Loopback } from '../../../../src/firmware/pds/loopback.ts';

function fnv1a64(bytes: Uint8Array): bigint {
  return bytes.reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
}

test('it says what it was sent, cut at what is asked for', () => {
  const firmware = new Loopback();
  for (const [sent, asked] of [
    [0, 0],
    [1, 17],
    [32, 64],
    [8192, 4096],
  ] as const) {
    const request = messageBuffer(8192);
    for (let i = 0; i < request.length; i++) request.bytes[i] = i * 7 + 11;
    const response = messageBuffer(4096);
    response.bytes.fill(0xee);
    const completion = firmware.rpc({
      op: 0x10002,
      ep: 0x80000001,
      request: { ...request, length: sent },
      response: { ...response, length: asked },
    });
    assert.deepEqual(completion, { status: 0, err: 0 });
    const want = Buffer.from(Uint8Array.from({ length: 4096 }, (_, i) => i * 5 + 1));
    for (const [i, value] of [0x80000001, 0x10002, sent, asked].entries()) want.writeUInt32LE(value, 4 * i);
    want.writeBigUInt64LE(fnv1a64(request.bytes.subarray(0, sent)), 16);
    want.write('PDS-LOOPBACK-FW!', 24, 'latin1');
    want.fill(0xee, asked);
    assert.ok(want.equals(response.bytes), `${sent}, ${asked}`);
  }
  assert.equal(firmware.rpcs, 4);
});

test('the operations of its endpoints', () => {
  const firmware = new Loopback();
  assert.deepEqual(
    firmware.endpoints.map((ep) => firmware.query(ep).length),
    [22, 2, 1, 0, 1, 1, 1],
  );
  assert.deepEqual(firmware.query(1)[17], { id: 0x00050021, attribute: 8 });
});

test('a completion that is late, a command that is not delivered', () => {
  const timers: (() => void)[] = [];
  const clock = {
    monotonicNs: () => 0,
    wallMs: () => 0,
    after(_ms: number, run: () => void) {
      timers.push(run);
      return () => {};
    },
  };
  const firmware = new Loopback({ delayMs: 5, status: 12 }, clock);
  const command = { op: 1, ep: 1, request: messageBuffer(0), response: messageBuffer(8) };
  const late = firmware.rpc(command);
  assert.ok('onRelease' in late && !late.released);
  timers[0]?.();
  assert.deepEqual(late.get(), { status: 12, err: 0 });
  assert.deepEqual([...command.response.bytes], new Array(8).fill(0), 'a refusal answers nothing');
  firmware.options.deliver = () => {
    throw new Error('no');
  };
  assert.throws(() => firmware.rpc(command), /^Error: no$/);
  assert.equal(firmware.rpcs, 2);
});
