/**
 * Hops 5 to 9 of one driver: an RPC with any request, payload and addresses. It answers 0 or a known errno, and what a
 * trace says of it throws nothing.
 */
import { ERRNO } from '../../src/abi/errno.ts';
import { ABI_PROFILES } from '../../src/abi/profiles.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import type { Dialect, Messages } from '../../src/fwctl/dialect.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { InprocessTransport } from '../../src/transport/inprocess.ts';
import { PAGE, PROT } from '../../src/transport/user-memory.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hex } from './target.ts';

export interface FuzzedDriver {
  readonly ops: FwctlOps<unknown>;
  readonly dialect: Dialect;
  readonly messages: Messages;
  /** Right for the most part, or nothing would come far. At most a page. */
  request(random: Random): Uint8Array;
  /** What the firmware does at this call. */
  firmware(random: Random): void;
}

const BASE = 0x2000000000;
/** Of which the fourth is read-only, and the last not there. */
const PAGES = 8;
const REQUEST = BASE + PAGE;
const ERRNOS = new Set<number>(Object.values(ERRNO));

/** An address: in those pages, mostly. */
export function place(random: Random): bigint {
  return BigInt(random.chance(90) ? BASE + random.below((PAGES + 1) * PAGE) : random.oddNumber());
}

export function driverCalls(driver: FuzzedDriver): FuzzTarget {
  const transport = new InprocessTransport();
  const { memory } = transport;
  memory.map(BASE, PAGES * PAGE);
  memory.protect(BASE + 3 * PAGE, PAGE, PROT.READ);
  const abi = ABI_PROFILES.at(-1);
  if (abi === undefined) throw new Error('no kernel');
  const fwctl = new FwctlClass({ abi, taint: new Taint(), kmsg: new Kmsg(systemClock) });
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), driver.ops).fileOps);
  return {
    name: driver.dialect.driver,
    claim: 'any RPC answers 0 or a known errno, and can be described',
    run(random, note) {
      const request = driver.request(random);
      note(hex(request));
      describe(driver, request);
      memory.view(REQUEST, request.length).set(request);
      driver.firmware(random);
      const view = memory.view(BASE, 32);
      const struct = new DataView(view.buffer, view.byteOffset, 32);
      const outLength = random.chance(90) ? random.below(200) : random.below(3 * PAGE);
      for (const [i, word] of [32, random.below(4), request.length, outLength].entries())
        struct.setUint32(4 * i, word, true);
      struct.setBigUint64(16, BigInt(REQUEST), true);
      struct.setBigUint64(24, place(random), true);
      const result = file.ioctl(0x9a01, BASE);
      if (result !== 0 && !(typeof result === 'number' && ERRNOS.has(-result))) throw new Error(`the answer ${result}`);
    },
  };
}

function describe({ dialect, messages }: FuzzedDriver, bytes: Uint8Array): void {
  const message = { bytes, view: new DataView(bytes.buffer), length: bytes.length };
  dialect.select(message, {});
  const command = dialect.command(message);
  if (command >= 0) messages.commandName(command);
  messages.statusName(dialect.status(message, bytes.length));
  if (bytes.length >= messages.requestHeader) messages.request(bytes, bytes.length);
  if (bytes.length >= messages.requestHeader && bytes.length >= messages.replyHeader)
    messages.reply(bytes, bytes.length, bytes, bytes.length, 'all');
  for (const field of messages.requestFields(message.view)) field.read(message.view);
  for (const field of messages.replyFields(message.view, message.view)) field.read(message.view);
  messages.head(message.view);
  dialect.buffers(message);
}
