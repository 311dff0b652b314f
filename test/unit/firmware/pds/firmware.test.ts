import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { PDS_EXAMPLE } from '../../../../src/devices/pds/pds-example.ts';
import { PdsFirmware } from '../../../../src/firmware/pds/firmware.ts';

function of(rows: Readonly<Record<string, { reply?: string; status?: number; retval?: number }>>): PdsFirmware {
  const operations = Object.fromEntries(
    Object.entries(rows).map(([id, row]) => [id, { attribute: 0, reply: 'none', status: 0, retval: 0, ...row }]),
  );
  return new PdsFirmware({ ...PDS_EXAMPLE.values, endpoints: { '0x7': { operations } } });
}

function call(firmware: PdsFirmware, op: number, sent: string, asked: number, ep = 7) {
  const request = messageBuffer(64);
  request.bytes.set(Buffer.from(sent));
  const response = messageBuffer(64);
  const completion = firmware.rpc({
    op,
    ep,
    request: { ...request, length: sent.length },
    response: { ...response, length: asked },
  });
  assert.ok(
    response.bytes.subarray(asked).every((byte) => byte === 0),
    'nothing behind what was asked for',
  );
  return { ...completion, out: Buffer.from(response.bytes.subarray(0, asked)).toString('latin1') };
}

test('a reply is the request, bytes of its own or nothing, cut and filled', () => {
  const firmware = of({
    '0x1': { reply: 'echo' },
    '0x2': { reply: 'text:firmware' },
    '0x3': {},
    '0x4': { reply: 'HEX:61 62' },
  });
  assert.equal(call(firmware, 4, '', 3).out, 'ab\0');
  assert.deepEqual(call(firmware, 1, 'hello', 3), { status: 0, err: 0, out: 'hel' });
  assert.deepEqual(call(firmware, 1, 'hello', 7), { status: 0, err: 0, out: 'hello\0\0' });
  assert.deepEqual(call(firmware, 2, 'hello', 9), { status: 0, err: 0, out: 'firmware\0' });
  assert.deepEqual(call(firmware, 2, '', 0), { status: 0, err: 0, out: '' });
  assert.deepEqual(call(firmware, 3, 'hello', 2), { status: 0, err: 0, out: '\0\0' });
});

test('what one operation was last sent, another gives back', () => {
  const firmware = of({ '0x10002': {}, '0x10003': { reply: 'last:0x2' } });
  assert.equal(call(firmware, 3, '', 4).out, '\0\0\0\0');
  call(firmware, 2, 'first', 0);
  assert.equal(call(firmware, 3, 'ignored', 6).out, 'first\0');
  call(firmware, 2, 'b', 0);
  assert.equal(call(firmware, 3, '', 6).out, 'b\0\0\0\0\0');
});

test('the two ways to fail leave the response empty and keep nothing', () => {
  const firmware = of({
    '0x1': { status: 12, reply: 'echo' },
    '0x2': { retval: 5, reply: 'echo' },
    '0x3': { reply: 'last:2' },
  });
  assert.deepEqual(call(firmware, 1, 'x', 1), { status: 12, err: 0, out: '\0' });
  assert.deepEqual(call(firmware, 2, 'x', 1), { status: 0, err: 5, out: '\0' });
  assert.equal(call(firmware, 3, '', 1).out, '\0');
});

test('of rows with one command the first whose version reaches', () => {
  const firmware = of({
    '0x10004': { reply: 'text:1' },
    '0x30004': { reply: 'text:3' },
    '0x20004': { reply: 'text:2' },
  });
  const by = [0, 1, 2, 3].map((version) => call(firmware, version * 0x10000 + 4, '', 1).out);
  assert.deepEqual(by, ['1', '1', '3', '3']);
  // bits 31 to 24 mean nothing
  assert.equal(call(firmware, 0xab010004, '', 1).out, '1');
  assert.equal(call(firmware, 0x00040004, '', 1).status, 2);
  assert.equal(call(firmware, 5, '', 1).status, 2);
  assert.equal(call(firmware, 4, '', 1, 8).status, 7);
});

test('the example has every attribute, and one endpoint to play with', () => {
  const firmware = new PdsFirmware(PDS_EXAMPLE.values);
  const attributes = firmware.endpoints.flatMap((ep) => firmware.query(ep).map(({ attribute }) => attribute));
  assert.deepEqual(
    [...new Set(attributes)].sort((a, b) => a - b),
    [0, 2, 4, 8, 0x10, 0x20],
  );
  assert.equal(call(firmware, 1, '', 15, 1).out, 'pds-example 1.0');
  call(firmware, 2, 'on', 0, 1);
  assert.equal(call(firmware, 3, '', 2, 1).out, 'on');
});
