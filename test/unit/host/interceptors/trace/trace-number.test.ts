/** ioctl words and size words that dispatch refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingText, numberFix, sizeFix } from '../../../../../src/host/interceptors/trace/trace-number.ts';

const FWCTL = [
  { name: 'FWCTL_INFO', number: 0x9a00, bytes: 24 },
  { name: 'FWCTL_RPC', number: 0x9a01, bytes: 32 },
];

test('a word as its macro', () => {
  assert.equal(encodingText(0xc0189a00), '_IOWR(0x9a, 0, 24)');
  assert.equal(encodingText(0x80209a01), '_IOR(0x9a, 1, 32)');
  assert.equal(encodingText(0x9a01), '_IO(0x9a, 1)');
});

test('the number that was meant', () => {
  assert.equal(
    numberFix(0xc0189a00, FWCTL),
    'use FWCTL_INFO = _IO(0x9a, 0) = 0x9a00: 0xc0189a00 is _IOWR(0x9a, 0, 24)',
  );
  assert.match(numberFix(0x9a02, FWCTL) ?? '', /^use one of this node's, FWCTL_INFO 0x9a00 and FWCTL_RPC 0x9a01: /);
  assert.match(
    numberFix(1, [...FWCTL, { name: 'X', number: 0x9a02, bytes: 0 }]) ?? '',
    /FWCTL_INFO 0x9a00 to X 0x9a02/,
  );
  assert.equal(numberFix(1, []), undefined);
});

test('a size word below its structure', () => {
  const [, row] = FWCTL;
  assert.equal(sizeFix('EINVAL', 16, row), 'set fwctl_rpc.size = 32, as sizeof(struct fwctl_rpc) is: it is 16');
  assert.equal(sizeFix('EINVAL', 32, row), undefined);
  assert.equal(sizeFix('EFAULT', 16, row), undefined);
  assert.equal(sizeFix('EINVAL', undefined, row), undefined);
});
