/**
 * What MAP, UNMAP and COPY cost with 100 and with 100,000 mappings in one address space, in process, at random places:
 * they are to stay within three times. Prints a line for each size, the least of some rounds.
 *
 *     node DIST/test/oracle-iommufd/bench.js
 */
import { IOMMU_IOAS_ALLOC, IOMMU_IOAS_COPY, IOMMU_IOAS_MAP, IOMMU_IOAS_UNMAP } from '../../src/abi/iommufd.ts';
import { iommufdAbi } from '../../src/abi/iommufd-profiles.ts';
import { iommufdFileOps } from '../../src/iommufd/fops.ts';
import { IoPagetable } from '../../src/iommufd/io-pagetable.ts';
import { InprocessTransport } from '../../src/transport/inprocess.ts';

const PAGE = 4096n;
const ROUNDS = 5;
const CALLS = 20_000;

const abi = iommufdAbi('linux-6.12');
if (abi === undefined) throw new Error('no profile');
const transport = new InprocessTransport();
const file = transport.openDevice(iommufdFileOps({ abi }));
const argument = transport.memory.allocate(4096);
const bytes = transport.memory.view(argument, 64);
const struct = new DataView(bytes.buffer, bytes.byteOffset, 64);

function call(cmd: number, words: readonly (number | bigint)[]): void {
  let at = 0;
  for (const word of words) {
    if (typeof word === 'bigint') struct.setBigUint64(at, word, true);
    else struct.setUint32(at, word, true);
    at += typeof word === 'bigint' ? 8 : 4;
  }
  const result = file.ioctl(cmd, argument);
  if (result !== 0) throw new Error(`ioctl 0x${cmd.toString(16)}: ${result}`);
}

const map = (ioas: number, index: number) =>
  call(IOMMU_IOAS_MAP, [40, 6, ioas, 0, 0x30000000n + BigInt(index) * PAGE, PAGE, 0n]);
const unmap = (ioas: number, iova: bigint) => call(IOMMU_IOAS_UNMAP, [24, ioas, iova, PAGE]);
const copy = (ioas: number, iova: bigint) => call(IOMMU_IOAS_COPY, [40, 6, ioas, ioas, PAGE, 0n, iova]);

function measure(count: number): { map: number; unmap: number; copy: number } {
  call(IOMMU_IOAS_ALLOC, [12, 0, 0]);
  const ioas = struct.getUint32(8, true);
  for (let i = 0; i < count; i++) map(ioas, i);
  const least = { map: Number.POSITIVE_INFINITY, unmap: Number.POSITIVE_INFINITY, copy: Number.POSITIVE_INFINITY };
  let seed = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const spent = { map: 0, unmap: 0, copy: 0 };
    for (let i = 0; i < CALLS; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      const index = seed % count;
      const iova = BigInt(index + 1) * PAGE;
      const start = performance.now();
      unmap(ioas, iova);
      const unmapped = performance.now();
      map(ioas, index);
      const mapped = performance.now();
      copy(ioas, BigInt(((index * 7) % count) + 1) * PAGE);
      const copied = performance.now();
      unmap(ioas, struct.getBigUint64(24, true));
      spent.unmap += unmapped - start;
      spent.map += mapped - unmapped;
      spent.copy += copied - mapped;
    }
    for (const name of ['map', 'unmap', 'copy'] as const)
      least[name] = Math.min(least[name], (spent[name] * 1000) / CALLS);
  }
  return least;
}

measure(1000);
for (const count of [100, 1000, 10_000, 100_000]) {
  const cost = measure(count);
  const text = Object.entries(cost).map(([name, us]) => `${name} ${us.toFixed(2)} us`);
  console.log(`${count} mappings: ${text.join(', ')}`);
}
const table = new IoPagetable(PAGE);
for (let i = 0n; i < 100_000n; i++) table.map(i * PAGE, PAGE, undefined, true);
console.log(`${(table.bytes / table.size).toFixed(0)} bytes a mapping`);
