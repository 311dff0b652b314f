/**
 * What the recorded cases do not reach: every ioctl number,
 * adjoining allowed ranges, garbage, and the tables themselves.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ERRNO } from '../../../src/abi/errno.ts';
import { type IommufdAbiName, iommufdAbi } from '../../../src/abi/iommufd-profiles.ts';
import { iommufdFileOps } from '../../../src/iommufd/fops.ts';
import { iommufdRows } from '../../../src/iommufd/ioctls.ts';
import { type InprocessFile, InprocessTransport, plainCaller } from '../../../src/transport/inprocess.ts';

const BAD_POINTER = 8;

class Machine {
  readonly transport = new InprocessTransport();
  readonly file: InprocessFile;
  readonly argument: number;
  readonly struct: DataView;

  constructor(name: IommufdAbiName, thp = false) {
    const abi = iommufdAbi(name);
    assert.ok(abi);
    this.file = this.transport.openDevice(iommufdFileOps({ abi, thp }));
    this.argument = this.transport.memory.allocate(1 << 20);
    const bytes = this.transport.memory.view(this.argument, 1 << 20);
    this.struct = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** An ioctl with a structure of 32-bit words, from its size on. */
  call(cmd: number, ...words: (number | bigint)[]): number {
    let at = 0;
    for (const word of words) {
      if (typeof word === 'bigint') this.struct.setBigUint64(at, word, true);
      else this.struct.setUint32(at, word, true);
      at += typeof word === 'bigint' ? 8 : 4;
    }
    return this.file.ioctl(cmd, this.argument) as number;
  }
}

describe('the ioctls of /dev/iommu', () => {
  it('reads the size word of any number first in v3 and RFC; in 6.12 only within its own range of nr', () => {
    for (const name of ['iommufd-rfc', 'iommufd-v3', 'linux-6.12'] as const) {
      const { file } = new Machine(name);
      const counts = new Map<number, number>();
      for (let cmd = 0; cmd < 0x10000; cmd++) {
        const result = file.ioctl(cmd, BAD_POINTER) as number;
        counts.set(result, (counts.get(result) ?? 0) + 1);
      }
      if (name !== 'linux-6.12') assert.deepEqual([...counts], [[-ERRNO.EFAULT, 65536]]);
      else {
        // 15 nr of 256 types, three VFIO structures; and three VFIO calls whose argument is a value
        assert.equal(counts.get(-ERRNO.EFAULT), 15 * 256 + 3);
        assert.equal(counts.get(-ERRNO.ENOTTY), 65536 - 15 * 256 - 6);
      }
    }
  });

  it('knows a command by the exact 32-bit word', () => {
    const machine = new Machine('linux-6.12');
    assert.equal(machine.call(0x3b80, 8, 77), -ERRNO.ENOENT);
    for (const cmd of [0x80083b80, 0x40083b80, 0xc0083b80, 0x3a80, 0x3b8f, 0x80003b64])
      assert.equal(machine.call(cmd, 8, 77), -ERRNO.ENOTTY, cmd.toString(16));
  });

  it('has every command of Linux 6.12, and of v3 the one', () => {
    const rows = (name: IommufdAbiName) => iommufdRows(iommufdAbi(name) as NonNullable<ReturnType<typeof iommufdAbi>>);
    assert.deepEqual(
      rows('iommufd-v3').map((row) => row.name),
      ['IOMMU_DESTROY'],
    );
    assert.deepEqual(
      rows('linux-6.12').map((row) => row.number),
      Array.from({ length: 15 }, (_, nr) => 0x3b80 + nr),
    );
  });

  it('takes adjoining allowed ranges for one, in any order', () => {
    const machine = new Machine('linux-6.12');
    assert.equal(machine.call(0x3b81, 12, 0, 0), 0);
    const array = machine.argument + 4096;
    const ranges = [0x102000n, 0x102fffn, 0x100000n, 0x101fffn];
    ranges.forEach((value, i) => {
      machine.struct.setBigUint64(4096 + 8 * i, value, true);
    });
    assert.equal(machine.call(0x3b82, 24, 1, 2, 0, BigInt(array)), 0);
    assert.equal(machine.call(0x3b85, 40, 6, 1, 0, 0x10000000n, 0x3000n, 0n), 0);
    assert.equal(machine.struct.getBigUint64(32, true), 0x100000n);
    assert.equal(machine.call(0x3b85, 40, 6, 1, 0, 0x10000000n, 0x1000n, 0n), -ERRNO.ENOSPC);
  });

  it('reads a list of allowed ranges over many pages, and stops at the first bad entry', () => {
    const machine = new Machine('linux-6.12');
    assert.equal(machine.call(0x3b81, 12, 0, 0), 0);
    const base = 4096 + 1000 + 5;
    const count = 3000;
    for (let i = 0; i < count; i++) {
      machine.struct.setBigUint64(base + 16 * i, BigInt(i) * 0x2000n, true);
      machine.struct.setBigUint64(base + 16 * i + 8, BigInt(i) * 0x2000n + 0xfffn, true);
    }
    const array = BigInt(machine.argument + base);
    assert.equal(machine.call(0x3b82, 24, 1, count, 0, array), 0);
    assert.equal(machine.call(0x3b82, 24, 1, 0xffffffff, 0, array), -ERRNO.EINVAL, 'zeroes behind the list');
    const toTheEnd = BigInt(machine.argument + (1 << 20) - 16);
    machine.struct.setBigUint64((1 << 20) - 8, 5n, true);
    assert.equal(machine.call(0x3b82, 24, 1, 2, 0, toTheEnd), -ERRNO.EFAULT);
  });

  it('says EMFILE for a fault queue where no descriptor can be given, and changes nothing', () => {
    const machine = new Machine('linux-6.12');
    assert.equal(machine.call(0x3b8e, 16, 0, 0, 0), -ERRNO.EMFILE);
    assert.equal(machine.call(0x3b81, 12, 0, 0), 0);
    assert.equal(machine.struct.getUint32(8, true), 1);
  });

  it('never throws and never hangs, whatever bytes come', () => {
    const machine = new Machine('linux-6.12', true);
    const word = fc.oneof(fc.constantFrom(0, 1, 2, 3, 7, 16, 24, 40, 0xffffffff), fc.nat(0xffffffff));
    const caller = plainCaller({ capable: () => false });
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0x3b60, max: 0x3b90 }), fc.nat(0xffffffff)),
        fc.array(word, { minLength: 1, maxLength: 16 }),
        fc.boolean(),
        (cmd, words, sized) => {
          words.forEach((value, i) => {
            machine.struct.setUint32(4 * i, value, true);
          });
          if (sized) machine.struct.setUint32(0, 48, true);
          const result = machine.file.ioctl(cmd, machine.argument, caller) as number;
          assert.ok(Number.isInteger(result) && result > -4096 && result <= 1, `${result}`);
        },
      ),
      { numRuns: 5000 },
    );
    machine.file.close();
  });
});
