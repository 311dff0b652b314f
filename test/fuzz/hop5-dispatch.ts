/**
 * Hops 5 to 8: one ioctl with any number, any address and any memory, over all three kernels. Throws nothing but Errno,
 * touches nothing outside of the caller's memory, and leaves no context or call behind.
 */
import { ERRNO } from '../../src/abi/errno.ts';
import { ABI_PROFILES } from '../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../src/drivers/mlx5/driver.ts';
import { rawFwctl, rawOptions } from '../../src/drivers/raw/driver.ts';
import { Loopback } from '../../src/firmware/mlx5/loopback.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { type InprocessFile, InprocessTransport, plainCaller } from '../../src/transport/inprocess.ts';
import { PAGE, PROT } from '../../src/transport/user-memory.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hex } from './target.ts';

const BASE = 0x2000000000;
/** Pages of memory with a hole, a read-only and a forbidden page among them. */
const PAGES = 16;
const WITHOUT_RAWIO = plainCaller({ capable: () => false });
const ERRNOS = new Set<number>(Object.values(ERRNO));

export function hop5Dispatch(): FuzzTarget {
  const transport = new InprocessTransport();
  const { memory } = transport;
  memory.map(BASE, PAGES * PAGE);
  memory.protect(BASE + 5 * PAGE, PAGE, PROT.READ);
  memory.protect(BASE + 9 * PAGE, PAGE, PROT.NONE);
  const firmware: Loopback[] = [];
  const files: InprocessFile[] = ABI_PROFILES.flatMap((abi) => {
    const fwctl = new FwctlClass({ abi, taint: new Taint(), kmsg: new Kmsg(systemClock) });
    const loopback = new Loopback();
    firmware.push(loopback);
    const drivers = [mlx5Fwctl(loopback, abi), rawFwctl(rawOptions())] as FwctlOps<unknown>[];
    return drivers.map((ops) => transport.openDevice(fwctl.register(fwctl.alloc(), ops).fileOps));
  });
  return {
    name: 'hop5',
    claim: 'any ioctl answers a whole number or a known errno, and leaves nothing behind',
    run(random, note) {
      const at = place(random);
      const structure = structureOf(random);
      const window = memory.view(BASE, PAGES * PAGE);
      const offset = at - BASE;
      if (offset >= 0 && offset < window.length) window.set(structure.subarray(0, window.length - offset), offset);
      const cmd = random.chance(85) ? 0x9a00 + random.below(2) : random.oddNumber();
      note(`cmd 0x${cmd.toString(16)} at 0x${at.toString(16)}: ${hex(structure)}`);
      const caller = random.chance(50) ? WITHOUT_RAWIO : undefined;
      const result = random.pick(files).ioctl(cmd, at, caller);
      if (typeof result !== 'number') throw new Error('held, though nothing is slow');
      if (!Number.isInteger(result) || (result < 0 && !ERRNOS.has(-result))) throw new Error(`the answer ${result}`);
      if (firmware.some(({ uctxLive }) => uctxLive !== 1)) throw new Error('contexts have come or gone');
    },
  };
}

/** Near an edge of a page more often than not. */
function place(random: Random): number {
  if (random.chance(5)) return random.oddNumber();
  const page = BASE + random.below(PAGES + 1) * PAGE;
  return random.chance(50) ? page + random.below(64) - 32 : page + random.below(PAGE);
}

function structureOf(random: Random): Uint8Array {
  const bytes = random.bytes(32 + random.below(64));
  const view = new DataView(bytes.buffer);
  if (random.chance(90)) view.setUint32(0, random.pick([24, 32, 33, 40, 64, 0, 8, random.oddNumber()]), true);
  if (random.chance(80)) view.setUint32(4, random.below(5), true);
  for (const length of [8, 12])
    if (random.chance(80)) view.setUint32(length, random.chance(70) ? random.below(200) : random.oddNumber(), true);
  for (const pointer of [16, 24]) {
    if (random.chance(80)) view.setBigUint64(pointer, BigInt(Math.max(0, place(random))), true);
  }
  return bytes;
}
