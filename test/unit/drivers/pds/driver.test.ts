import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../src/abi/held.ts';
import { STATUSES } from '../../../../src/abi/pds/status.ts';
import type { AdminQueue, PdsCompletion, PdsOperation } from '../../../../src/firmware/pds/adminq.ts';
import { Loopback } from '../../../../src/firmware/pds/loopback.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { overQueue, withFaults } from './rig.ts';

const PAYLOAD = Uint8Array.from([1, 2, 3]);

function scripted(operations: readonly PdsOperation[], completion: PdsCompletion | Held<PdsCompletion>) {
  const asked: number[] = [];
  const queue: AdminQueue = {
    maxRequest: 64,
    maxResponse: 64,
    endpoints: [1, 2],
    query(ep) {
      asked.push(ep);
      return operations;
    },
    rpc: () => completion,
  };
  return { queue, asked };
}

test('info: device type 4, no data', () => {
  const { deviceType, dataLength } = overQueue(new Loopback()).info();
  assert.deepEqual({ deviceType, dataLength }, { deviceType: 4, dataLength: 0 });
});

test('each refusal has its own rule, and a remedy', () => {
  const client = overQueue(new Loopback());
  const rows = [
    [{ payload: new Uint8Array(8193) }, 'EINVAL', /in\.len is above/],
    [{ room: 4097 }, 'EINVAL', /out\.len is above/],
    [{ ep: 5 }, 'EINVAL', /no endpoint/],
    [{ op: 0x20001 }, 'EINVAL', /no such operation/],
    [{ op: 0x10002, scope: 0 }, 'EPERM', /needs scope FWCTL_RPC_DEBUG_READ_ONLY \(1\).*DEBUG_READ/],
    [{ op: 0x10004, scope: 1 }, 'EPERM', /needs scope FWCTL_RPC_DEBUG_WRITE \(2\).*DEBUG_WRITE/],
    [{ op: 0x1000e, scope: 2 }, 'EPERM', /needs scope FWCTL_RPC_DEBUG_WRITE_FULL \(3\).*not one that the kernel knows/],
    [{ payload: PAYLOAD, address: 0n }, 'EFAULT', /in\.payload cannot be read/],
  ] as const;
  for (const [asked, name, rule] of rows)
    assert.throws(() => client.call(asked), { name, rule, remedy: /^\S/ }, String(rule));
  assert.throws(() => client.rpc(0, new Uint8Array(47)), { name: 'EINVAL', rule: /in_len is below/, remedy: /^\S/ });
});

test('the first entry that has the command in this version or a later one decides the scope', () => {
  const client = overQueue(new Loopback());
  const least = (op: number) => [0, 1, 2, 3].find((scope) => passes(scope, op));
  const passes = (scope: number, op: number): boolean => {
    try {
      client.call({ scope, op });
      return true;
    } catch (error) {
      assert.equal((error as Errno).name, 'EPERM');
      return false;
    }
  };
  assert.deepEqual(
    [0, 1, 2, 3, 255].map((version) => least(version * 0x10000 + 0x20)),
    [0, 2, 2, 3, 3],
  );
  assert.equal(least(0x10021), 2, 'a later version stands before it');
  assert.equal(least(0xff010030), 0, 'bits 31 to 24 mean nothing');
});

test('an endpoint is asked once, and again where that failed', () => {
  const { queue, asked } = scripted([{ id: 1, attribute: 0 }], { status: 0, err: 0 });
  const client = overQueue(queue);
  assert.throws(() => client.call({ op: 2 }), { name: 'EINVAL' });
  client.call({ op: 1 });
  client.call({ op: 1, ep: 2 });
  assert.deepEqual(asked, [1, 2]);

  const firmware = new Loopback({
    deliverQuery() {
      throw new Errno('EIO', 'scripted');
    },
  });
  const other = overQueue(firmware);
  for (let i = 0; i < 2; i++) assert.throws(() => other.call(), { name: 'ENOMEM', remedy: /^\S/ });
  firmware.options.deliverQuery = undefined;
  assert.equal(other.call().retval, 0);
});

test('the reply is the request with retval in it, however much of it the client asks for', () => {
  const client = overQueue(new Loopback({ err: 0x80000007 }));
  const { reply, retval, response } = client.call({ payload: PAYLOAD });
  assert.equal(retval, 0x80000007, 'an error of the operation is no errno');
  assert.equal(Buffer.from(reply).readUInt32LE(12), 3);
  assert.equal(Buffer.from(response.subarray(24, 40)).toString('latin1'), 'PDS-LOOPBACK-FW!');
  const long = new Uint8Array(100).fill(0x77);
  long.set(reply);
  assert.deepEqual([...client.rpc(0, long, 100)], [...long]);
  assert.equal(client.rpc(0, long, 20).length, 20);
});

test('what the firmware leaves out of its response is zero', () => {
  const { response } = overQueue(new Loopback({ fill: false })).call();
  assert.deepEqual([...response], new Array(40).fill(0));
});

test('a status of the completion is an errno, and nothing is written', () => {
  for (const { status, errno } of [...STATUSES, { status: 99, errno: 'EIO' }]) {
    const { queue } = scripted([{ id: 1, attribute: 0 }], { status, err: 5 });
    assert.throws(() => overQueue(queue).call({ op: 1 }), { name: errno }, `status ${status}`);
  }
});

test('two RPCs of one device are under way at once, each with its own payloads', async () => {
  const held = [new Held<PdsCompletion>(), new Held<PdsCompletion>()];
  const { queue } = scripted([{ id: 1, attribute: 0 }], { status: 0, err: 0 });
  let calls = 0;
  const client = overQueue({
    ...queue,
    rpc({ request, response }) {
      response.bytes.set(request.bytes.subarray(0, request.length));
      return held[calls++] as Held<PdsCompletion>;
    },
  });
  const first = client.late({ op: 1, payload: PAYLOAD, room: 3 });
  const second = client.late({ op: 1, payload: Uint8Array.from([9, 8, 7]), room: 3 });
  held[1]?.release(() => ({ status: 0, err: 2 }));
  const { retval, response } = await second;
  assert.deepEqual([retval, ...response], [2, 9, 8, 7]);
  held[0]?.release(() => ({ status: 0, err: 0 }));
  assert.deepEqual([...(await first).response], [1, 2, 3]);

  held.push(new Held<PdsCompletion>());
  const third = client.late({ op: 1 });
  held[2]?.release(() => ({ status: 12, err: 0 }));
  await assert.rejects(third, { name: 'EBUSY' });
});

test('faults: status, retval, and what becomes of the response', () => {
  const struck = (fault: string) => withFaults(`rpc:endpoint=1:operation=1:version=1:${fault}`);
  assert.throws(() => struck('status=PDS_RC_ENOSPC').call(), { name: 'ENOSPC', rule: /PDS_RC_ENOSPC \(15\)/ });
  const failed = struck('retval=0x1234').call();
  assert.equal(failed.retval, 0x1234);
  assert.deepEqual([...failed.response], new Array(40).fill(0));
  const right = struck('retval=1').call({ ep: 2, payload: PAYLOAD });
  assert.equal(right.retval, 0, 'of another endpoint');
  assert.equal(struck('set.retval=9').call().retval, 9);
  assert.equal(struck('truncate=0').call().retval, 0);

  const cut = struck('truncate=52').call({ payload: PAYLOAD });
  assert.deepEqual([...cut.response.subarray(0, 4)], [1, 0, 0, 0], 'the structure is 48 bytes, the rest is response');
  assert.deepEqual([...cut.response.subarray(4)], new Array(36).fill(0));
  assert.equal(Buffer.from(cut.reply).readUInt32LE(12), 3, 'the rest of the structure is what the client sent');
  const flipped = struck('flip=1:seed=3').call({ payload: PAYLOAD });
  const clean = struck('flip=1:when=2').call({ payload: PAYLOAD });
  const bits = flipped.response.reduce((sum, byte, i) => sum + ones(byte ^ (clean.response[i] as number)), 0);
  assert.equal(bits, 1);
});

function ones(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
