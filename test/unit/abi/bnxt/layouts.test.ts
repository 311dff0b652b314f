import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FieldError } from '../../../../src/abi/bits.ts';
import { BUFFER_REQUESTS } from '../../../../src/abi/bnxt/buffers.ts';
import { errorCodeName } from '../../../../src/abi/bnxt/error-codes.ts';
import { readField, requestLayout, responseLayout, writeField } from '../../../../src/abi/bnxt/layout.ts';
import { layoutsOf } from '../../../../src/abi/bnxt/request-layouts.ts';
import { REQUESTS, requestName } from '../../../../src/abi/bnxt/requests.ts';
import { SCOPE_TABLE } from '../../../../src/drivers/bnxt/scope-table.ts';
import { repository } from '../../../repository.ts';

/** NAME, bytes of the request, bytes of the response: by a compiler, from include/linux/bnxt/hsi.h of Linux 7.3. */
const SIZES = readFileSync(join(repository, 'test/golden/drivers/hwrm-sizes.txt'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [string, string, string]);
const typeOf = new Map(REQUESTS.map(({ type, name }) => [name, type]));

test('each structure ends where the compiler ends it, and its fields do not overlap', () => {
  assert.equal(SIZES.length, 77);
  for (const [name, request, response] of SIZES) {
    const type = typeOf.get(name);
    assert.ok(type !== undefined, name);
    const layouts = layoutsOf(type);
    assert.deepEqual([layouts.request.bytes, layouts.response.bytes], [Number(request), Number(response)], name);
    for (const { fields } of [layouts.request, layouts.response]) {
      assert.equal(new Set(fields.map(({ path }) => path)).size, fields.length, name);
      fields.reduce((end, { at, bytes, path }) => {
        assert.ok(at >= end, `${name}.${path}`);
        return at + bytes;
      }, 0);
    }
  }
});

test('no field of a request stands where one of its addresses does, and the sizes of the buffer table are those', () => {
  const sizes = new Map(SIZES.map(([name, request]) => [name, Number(request)]));
  assert.equal(BUFFER_REQUESTS.size, 32);
  for (const [type, { name, requestBytes, buffers }] of BUFFER_REQUESTS) {
    assert.equal(requestName(type), name);
    assert.equal(requestBytes, sizes.get(name));
    for (const { address } of buffers) {
      for (const { at, bytes, path } of layoutsOf(type).request.fields)
        assert.ok(at + bytes <= address || at >= address + 8, `${name}.${path}`);
    }
  }
});

test('every request that a kernel lets through has its name, and no two have one', () => {
  for (const { type, name } of SCOPE_TABLE) assert.equal(requestName(type), name);
  assert.equal(new Set(REQUESTS.map(({ name }) => name)).size, REQUESTS.length);
  assert.deepEqual(
    [requestName(0), requestName(0x23), requestName(0xffff)],
    ['VER_GET', 'PORT_QSTATS', 'NVM_RAW_WRITE_BLK'],
  );
  assert.equal(requestName(1), '0x1');
});

test('error codes: the firmware keeps what both could mean', () => {
  assert.deepEqual([0, 2, 0xffff, 0xfffe, 0xfff0, 0x4321].map(errorCodeName), [
    'SUCCESS',
    'INVALID_PARAMS',
    'CMD_NOT_SUPPORTED',
    'UNKNOWN_ERR',
    'UNDELIVERED_EBUSY',
    '0x4321',
  ]);
});

test('fields are read and written: little-endian numbers, runs of bytes as they stand, texts', () => {
  const { fields, bytes } = requestLayout('a b:2 -1 mac*6 c:8 name*16 d:4*2');
  assert.equal(bytes, 16 + 1 + 2 + 1 + 6 + 8 + 16 + 8);
  const view = new DataView(new ArrayBuffer(bytes));
  const field = (path: string) => {
    const found = fields.find((each) => each.path === path);
    assert.ok(found, path);
    return found;
  };
  writeField(field('b'), view, 0x1234);
  writeField(field('mac'), view, 0x0a0b0c0d0e0fn);
  writeField(field('name'), view, 'BCM57608');
  writeField(field('d[1]'), view, '7');
  assert.deepEqual([view.getUint8(17), view.getUint8(18)], [0x34, 0x12]);
  assert.deepEqual([view.getUint8(20), view.getUint8(25)], [0x0a, 0x0f]);
  assert.equal(readField(field('b'), view), 0x1234);
  assert.equal(readField(field('mac'), view), 0x0a0b0c0d0e0fn);
  assert.equal(readField(field('c'), view), 0n);
  assert.equal(readField(field('d[1]'), view), 7);
  assert.equal(Buffer.from(readField(field('name'), view) as Uint8Array).toString(), `BCM57608${'\0'.repeat(8)}`);
  assert.throws(() => writeField(field('a'), view, 256), FieldError);
  assert.throws(() => writeField(field('a'), view, 'x'), FieldError);
  assert.throws(() => writeField(field('name'), view, 'x'.repeat(17)), FieldError);
  assert.deepEqual(
    responseLayout(undefined).fields.map(({ path }) => path),
    ['error_code', 'req_type', 'seq_id', 'resp_len'],
  );
});
