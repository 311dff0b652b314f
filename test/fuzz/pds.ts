/** RPCs to a pds device. */
import { pdsDialect } from '../../src/drivers/pds/dialect/dialect.ts';
import { pdsMessages } from '../../src/drivers/pds/dialect/messages.ts';
import { pdsFwctl } from '../../src/drivers/pds/driver.ts';
import { Loopback } from '../../src/firmware/pds/loopback.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { driverCalls, place } from './driver-calls.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

export function pdsCalls(): FuzzTarget {
  const firmware = new Loopback();
  return driverCalls({
    ops: pdsFwctl(firmware) as FwctlOps<unknown>,
    dialect: pdsDialect,
    messages: pdsMessages,
    request: (random) => requestOf(random, firmware),
    firmware(random) {
      firmware.options.status = random.chance(5) ? random.below(256) : 0;
      firmware.options.err = random.chance(20) ? random.u32() : 0;
    },
  });
}

function requestOf(random: Random, { endpoints, maxRequest, maxResponse }: Loopback): Uint8Array {
  const bytes = random.bytes(random.chance(90) ? 48 + random.below(64) : random.below(64));
  if (bytes.length < 48) return bytes;
  const view = new DataView(bytes.buffer);
  const set = (at: number, likely: number) => view.setUint32(at, random.chance(90) ? likely : random.oddNumber(), true);
  set(0, 0x10000 * random.below(3) + 1 + random.below(0x22));
  set(4, random.chance(70) ? 1 : random.pick(endpoints));
  set(12, random.below(maxRequest + 2));
  set(36, random.below(maxResponse + 2));
  for (const at of [16, 40]) view.setBigUint64(at, place(random), true);
  return bytes;
}
