/**
 * Hops 5 to 9 of pds: an RPC with any request, payload and addresses. It answers 0 or a known errno, and what a trace
 * says of it throws nothing.
 */
import { ERRNO } from '../../src/abi/errno.ts';
import { ABI_PROFILES } from '../../src/abi/profiles.ts';
import { pdsDialect } from '../../src/drivers/pds/dialect/dialect.ts';
import { pdsMessages } from '../../src/drivers/pds/dialect/messages.ts';
import { pdsFwctl } from '../../src/drivers/pds/driver.ts';
import { Loopback } from '../../src/firmware/pds/loopback.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { InprocessTransport } from '../../src/transport/inprocess.ts';
import { PAGE, PROT } from '../../src/transport/user-memory.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hex } from './target.ts';

const BASE = 0x2000000000;
/** Of which the fourth is read-only, and the last not there. */
const PAGES = 8;
const REQUEST = BASE + PAGE;
const ERRNOS = new Set<number>(Object.values(ERRNO));

export function pdsCalls(): FuzzTarget {
  const transport = new InprocessTransport();
  const { memory } = transport;
  memory.map(BASE, PAGES * PAGE);
  memory.protect(BASE + 3 * PAGE, PAGE, PROT.READ);
  const firmware = new Loopback();
  const [abi] = ABI_PROFILES.slice(-1);
  if (abi === undefined) throw new Error('no kernel');
  const fwctl = new FwctlClass({ abi, taint: new Taint(), kmsg: new Kmsg(systemClock) });
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), pdsFwctl(firmware)).fileOps);
  return {
    name: 'pds',
    claim: 'any RPC answers 0 or a known errno, and can be described',
    run(random, note) {
      const request = requestOf(random, firmware);
      note(hex(request));
      describe(request);
      memory.view(REQUEST, request.length).set(request);
      Object.assign(firmware.options, {
        status: random.chance(5) ? random.below(256) : 0,
        err: random.chance(20) ? random.u32() : 0,
      });
      const struct = new DataView(memory.view(BASE, 32).buffer, memory.view(BASE, 32).byteOffset, 32);
      for (const [i, word] of [32, random.below(4), request.length, random.below(200)].entries())
        struct.setUint32(4 * i, word, true);
      struct.setBigUint64(16, BigInt(REQUEST), true);
      struct.setBigUint64(24, place(random), true);
      const result = file.ioctl(0x9a01, BASE);
      if (result !== 0 && !(typeof result === 'number' && ERRNOS.has(-result))) throw new Error(`the answer ${result}`);
    },
  };
}

/** Right for the most part, or nothing would come far. */
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

function place(random: Random): bigint {
  return BigInt(random.chance(90) ? BASE + random.below((PAGES + 1) * PAGE) : random.oddNumber());
}

function describe(bytes: Uint8Array): void {
  const message = { bytes, view: new DataView(bytes.buffer), length: bytes.length };
  pdsDialect.select(message, {});
  const command = pdsDialect.command(message);
  if (command >= 0) pdsMessages.commandName(command);
  pdsMessages.statusName(pdsDialect.status(message, bytes.length));
  if (bytes.length >= pdsMessages.requestHeader) {
    pdsMessages.request(bytes, bytes.length);
    pdsMessages.reply(bytes, bytes.length, bytes, bytes.length, 'all');
  }
  for (const field of pdsMessages.requestFields(message.view)) field.read(message.view);
  pdsMessages.head(message.view);
  pdsDialect.buffers(message);
}
