import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageBuffer } from '../../../../../src/abi/message-buffer.ts';
import { keysOf } from '../../../../../src/host/machine/driver-row.ts';
import { RAW_DRIVER } from '../../../../../src/host/machine/drivers/raw.ts';
import {
  hexNumber,
  type RawKeys,
  rawOptionsOf,
  readDeviceType,
  readDriverName,
  readInfo,
  readRpc,
} from '../../../../../src/host/machine/drivers/raw-spec.ts';
import { Errno } from '../../../../../src/kernel/errno.ts';

const SPEC = { driver: 'raw', profile: 'loopback', mode: 0o600, uid: 0, gid: 0, overrides: {} };

/** The driver's options where only these keys are told. */
function optionsOf(keys: Partial<RawKeys>) {
  return rawOptionsOf(keysOf(RAW_DRIVER, { ...SPEC, keys }) as RawKeys);
}

function answer(keys: Partial<RawKeys>, request: readonly number[] = [1, 2, 3]): number[] | string {
  const { rpc } = optionsOf(keys);
  const [asked, reply] = [messageBuffer(request.length), messageBuffer(64)];
  asked.bytes.set(request);
  try {
    return [...reply.bytes.subarray(0, rpc(asked, reply) as number)];
  } catch (error) {
    assert.ok(error instanceof Errno);
    return error.name;
  }
}

describe('a raw device as it is written', () => {
  it('answers by its word', () => {
    assert.deepEqual(answer({ rpc: 'echo' }), [1, 2, 3]);
    assert.deepEqual(answer({ rpc: readRpc('hex:00 ff:7E') }), [0, 255, 0x7e]);
    assert.deepEqual(answer({ rpc: 'hex:' }), []);
    assert.deepEqual(answer({ rpc: readRpc('length:4') }), [1, 6, 11, 16]);
    assert.equal(answer({ rpc: readRpc('errno:ENXIO') }), 'ENXIO');
  });

  it('says what is wrong with a word', () => {
    for (const [text, message] of [
      ['ecko', /rpc is echo, hex:BYTES, errno:NAME or length:N, not "ecko"/],
      ['echo:1', /rpc is echo/],
      ['', /rpc is echo/],
      ['hex:0', /"0" is not a reply in hex/],
      ['errno:EFOO', /there is no errno "EFOO"/],
      ['errno:toString', /there is no errno/],
      ['length:2097153', /length is a whole number up to 2097152/],
      ['length:-1', /length is a whole number/],
    ] as const) {
      assert.throws(() => readRpc(text), message, text);
    }
  });

  it('reads the device type of 32 bits', () => {
    assert.equal(readDeviceType('0x7e'), 0x7e);
    assert.equal(readDeviceType('4294967295'), 0xffffffff);
    for (const text of ['0x100000000', '-1', '', '1e3', 'mlx5'])
      assert.throws(() => readDeviceType(text), /32 bits/, text);
  });

  it('reads what sysfs shows of its function', () => {
    const keys = {
      pci_vendor: hexNumber('pci_vendor', 16)('0x19e5'),
      pci_class: hexNumber('pci_class', 24)('0x020000'),
    };
    const spec = { ...SPEC, pci: '0000:00:0a.0', keys: { ...keys, pci_driver: readDriverName('ubase') } };
    assert.deepEqual(RAW_DRIVER.parents(spec, keysOf(RAW_DRIVER, spec), 0), [
      {
        bus: 'pci',
        name: '0000:00:0a.0',
        driver: 'ubase',
        holds: true,
        identity: {
          vendor: 0x19e5,
          device: 0x0001,
          subsystemVendor: 0,
          subsystemDevice: 0,
          revision: 0,
          classCode: 0x020000,
        },
      },
    ]);
    for (const text of ['0x10000', '-1', '', 'x']) assert.throws(() => hexNumber('pci_vendor', 16)(text), /pci_vendor/);
    for (const text of ['', 'a/b', '..'.repeat(40)]) assert.throws(() => readDriverName(text), /pci_driver is a/);
  });

  it('has the device data that are written, none of them, or no info op', () => {
    const infoOf = (text: string) => optionsOf({ info: readInfo(text) }).info;
    assert.deepEqual(infoOf('0x030A 11'), Uint8Array.of(3, 10, 17));
    assert.deepEqual(infoOf(''), new Uint8Array(0));
    assert.equal(infoOf('none'), undefined);
    assert.throws(() => readInfo('03a'), /info is device data in hex/);
    assert.throws(() => readInfo('00'.repeat(4097)), /at most 4096/);
  });
});
