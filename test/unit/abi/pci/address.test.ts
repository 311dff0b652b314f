import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPciAddress, nextPciAddress, parsePciAddress, pciNumber } from '../../../../src/abi/pci/address.ts';

test('an address is read in either form and written in one', () => {
  const read = (text: string) => {
    const address = parsePciAddress(text);
    return address && formatPciAddress(address);
  };
  assert.equal(read('0000:00:0a.0'), '0000:00:0a.0');
  assert.equal(read('AF:1F.7'), '0000:af:1f.7');
  assert.equal(read('10af:00:00.0'), '10af:00:00.0');
  for (const wrong of ['', '00:20.0', '00:0a.8', '0:0a.0', '00:0a', '00:0a.0 ', '0000:00:0a.0.0', '00000:00:0a.0']) {
    assert.equal(read(wrong), undefined, wrong);
  }
});

test('the next address goes up in device, bus and domain, and ends', () => {
  const after = (text: string) => {
    const address = parsePciAddress(text);
    const next = address && nextPciAddress(address);
    return next && formatPciAddress(next);
  };
  assert.equal(after('00:0a.1'), '0000:00:0b.1');
  assert.equal(after('00:1f.0'), '0000:01:00.0');
  assert.equal(after('0000:ff:1f.0'), '0001:00:00.0');
  assert.equal(after('ffff:ff:1f.0'), undefined);
});

test('as a number none has that of another', () => {
  const numbers = ['0000:00:00.0', '0000:00:00.7', '0000:00:01.0', '0000:01:00.0', '0001:00:00.0', 'ffff:ff:1f.7'];
  assert.deepEqual(numbers.map(pciNumber), [0, 7, 8, 0x100, 0x10000, 0xffff_ffff]);
});
