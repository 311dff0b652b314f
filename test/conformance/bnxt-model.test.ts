/**
 * Arbitrary ioctls to bnxt devices of both rule sets, against a second reading of the driver (model/bnxt-model.ts): the
 * errno, every byte of the caller's memory, what reached the firmware. In this process, and by both ways of reaching a
 * caller's memory.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ErrnoName, errnoName } from '../../src/abi/errno.ts';
import type { MessageBuffer } from '../../src/abi/message-buffer.ts';
import { abiProfile } from '../../src/abi/profiles.ts';
import { bnxtFwctl } from '../../src/drivers/bnxt/driver.ts';
import { type Hwrm, type HwrmBuffer, Undelivered } from '../../src/firmware/bnxt/hwrm.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { PAGE, PROT, UserMemory } from '../../src/transport/user-memory.ts';
import {
  type BnxtFirmware,
  type BnxtKernel,
  BnxtModel,
  type BnxtRequestRow,
  bnxtRequests,
  deliveredText,
  withoutAddresses,
} from './model/bnxt-model.ts';
import type { WayIn } from './model/emulated.ts';
import { KernelModel } from './model/kernel-model.ts';
import { MODEL_BASE, MODEL_PAGES, ModelMemory, type PageUse } from './model/model-memory.ts';
import { byRequests, inProcess } from './model/ways-in.ts';

const BASE = Number(MODEL_BASE);
const PROTECTION = { rw: PROT.READ_WRITE, ro: PROT.READ, none: PROT.NONE } as const;
const RUNS = { 'in this process': 1500, 'by thread id': 600, 'by ioctl retry': 300 } as const;
const WAYS: Readonly<Record<keyof typeof RUNS, (memory: UserMemory) => WayIn>> = {
  'in this process': inProcess,
  'by thread id': (memory) => byRequests(memory, false),
  'by ioctl retry': (memory) => byRequests(memory, true),
};
/** FWCTL_MODEL_TIMES=50: so many times as many. */
const TIMES = Number(process.env.FWCTL_MODEL_TIMES ?? 1);
const ABIS = { '7.2': 'linux-7.1', '7.3': 'linux-7.3' } as const;

interface Step {
  readonly info: boolean;
  readonly scope: number;
  readonly request: Uint8Array;
  readonly inLength: number;
  readonly outLength: number;
  readonly argument: bigint;
  readonly in: bigint;
  readonly out: bigint;
  readonly capable: boolean;
}

interface Scenario {
  readonly pages: readonly PageUse[];
  readonly stopped: boolean;
  readonly undelivered: number;
  readonly responseBytes: number;
  readonly steps: readonly Step[];
}

const ROWS = bnxtRequests('7.3');
const withBuffers = (count: number) => [...ROWS].filter(([, { buffers }]) => buffers?.fields.length === count);
const ONE_BUFFER = withBuffers(1).map(([type]) => type);
const TWO_BUFFERS = withBuffers(2).map(([type]) => type);

const page = fc.nat({ max: MODEL_PAGES });
const offset = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: PAGE - 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: -48, max: 48 }) },
);
const address = fc.oneof(
  { weight: 15, arbitrary: fc.tuple(page, offset).map(([at, by]) => MODEL_BASE + BigInt(at * PAGE + by)) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 8n, 1n << 63n, 2n ** 64n - 20n) },
);
const bufferUnits = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 300 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 4096, 16384, 16385, 32768, 32769, 65535, 65536, 65537) },
);

/** A request with its lengths and addresses where its row has them. */
const request = fc
  .record({
    type: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...ONE_BUFFER) },
      { weight: 3, arbitrary: fc.constantFrom(...TWO_BUFFERS) },
      { weight: 2, arbitrary: fc.constantFrom(...ROWS.keys()) },
      { weight: 1, arbitrary: fc.nat({ max: 0xffff }) },
    ),
    body: fc.uint8Array({ minLength: 128, maxLength: 128 }),
    units: fc.tuple(bufferUnits, bufferUnits),
    addresses: fc.tuple(address, address),
  })
  .map(({ type, body, units, addresses }) => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    view.setUint16(0, type, true);
    const row = ROWS.get(type)?.buffers;
    for (const [n, { addr_off, len_off, len_width }] of (row?.fields ?? []).entries()) {
      view.setBigUint64(addr_off, addresses[n] as bigint, true);
      if (len_off === undefined) continue;
      if (len_width === 2) view.setUint16(len_off, units[n] as number, true);
      else view.setUint32(len_off, units[n] as number, true);
    }
    return { bytes: body, right: row?.in_len ?? 24 };
  });

const step: fc.Arbitrary<Step> = fc
  .record({
    info: fc.nat({ max: 9 }).map((n) => n === 0),
    scope: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(1, 2, 3) }, { weight: 1, arbitrary: fc.nat({ max: 4 }) }),
    request,
    otherLength: fc.nat({ max: 7 }).chain((n) => (n === 0 ? fc.nat({ max: 140 }) : fc.constant(undefined))),
    outLength: fc.oneof(fc.nat({ max: 200 }), fc.constantFrom(7, 8, 16, 4096)),
    argument: address,
    in: address,
    out: address,
    capable: fc.boolean(),
  })
  .map(({ request: { bytes, right }, otherLength, ...rest }) => ({
    ...rest,
    request: bytes,
    inLength: otherLength ?? right,
  }));

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  pages: fc.array(fc.constantFrom<PageUse>('rw', 'rw', 'rw', 'rw', 'rw', 'rw', 'ro', 'none'), {
    minLength: MODEL_PAGES,
    maxLength: MODEL_PAGES,
  }),
  stopped: fc.nat({ max: 15 }).map((n) => n === 0),
  undelivered: fc.constantFrom(0, 0, 0, 0, 16, 110),
  responseBytes: fc.nat({ max: 96 }),
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
});

/** Bytes that depend on all that arrived. */
function scripted({ stopped, undelivered, responseBytes }: Scenario): BnxtFirmware {
  return {
    stopped,
    undelivered,
    answer(bytes, given) {
      const sum = [bytes, ...given].reduce(
        (total, each) => each.reduce((t, b, i) => (t * 31 + b + i) % 65521, total),
        7,
      );
      return Uint8Array.from({ length: responseBytes }, (_, i) => (sum + i * 7) & 0xff);
    },
    fill: (n, length) => Uint8Array.from({ length }, (_, i) => (i < length / 2 ? i * 3 + n + 1 : 0)),
  };
}

/** The scripted firmware behind the product's door. */
class NotingHwrm implements Hwrm {
  readonly delivered: string[] = [];
  private readonly firmware: BnxtFirmware;
  private readonly rows: ReadonlyMap<number, BnxtRequestRow>;

  constructor(firmware: BnxtFirmware, rows: ReadonlyMap<number, BnxtRequestRow>) {
    this.firmware = firmware;
    this.rows = rows;
  }

  get stopped(): boolean {
    return this.firmware.stopped;
  }

  exec(message: MessageBuffer, response: MessageBuffer, buffers: readonly HwrmBuffer[], timeoutMs: number): undefined {
    const { firmware } = this;
    const row = this.rows.get(message.view.getUint16(0, true));
    const bare = withoutAddresses(message.bytes.subarray(0, message.length), row);
    const given = buffers.filter(({ toDevice }) => toDevice).map(({ bytes }) => bytes);
    this.delivered.push(deliveredText(timeoutMs, response.length, bare, given));
    if (firmware.undelivered !== 0) throw new Undelivered(errnoName(firmware.undelivered) as ErrnoName);
    assert.ok(response.bytes.subarray(0, response.length).every((byte) => byte === 0));
    response.bytes.set(firmware.answer(bare, given).subarray(0, response.length));
    for (const [n, { toDevice, bytes }] of buffers.entries()) if (!toDevice) bytes.set(firmware.fill(n, bytes.length));
    return undefined;
  }
}

class Property {
  readonly memory = new UserMemory();
  /** How often each answer was given, so that a property that tests nothing is seen. */
  readonly answers = new Map<string, number>();
  private readonly kernel: BnxtKernel;
  private readonly way: WayIn;
  private readonly rows: ReadonlyMap<number, BnxtRequestRow>;

  constructor(kernel: BnxtKernel, way: (memory: UserMemory) => WayIn) {
    this.kernel = kernel;
    this.rows = bnxtRequests(kernel);
    this.memory.map(BASE, MODEL_PAGES * PAGE);
    this.way = way(this.memory);
  }

  check(scenario: Scenario): void {
    const { way, kernel } = this;
    const memory = new ModelMemory(scenario.pages);
    const ours = this.memory.view(BASE, MODEL_PAGES * PAGE).fill(0);
    for (const [n, use] of scenario.pages.entries()) this.memory.protect(BASE + n * PAGE, PAGE, PROTECTION[use]);
    const abi = abiProfile(ABIS[kernel]);
    assert.ok(abi);
    const taint = new Taint();
    const kmsg = new Kmsg({ monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} });
    const fwctl = new FwctlClass({ abi, taint, kmsg });
    const hwrm = new NotingHwrm(scripted(scenario), this.rows);
    const { fileOps } = fwctl.register(fwctl.alloc(), bnxtFwctl(hwrm, abi));
    const ioctl = way.open(fileOps);
    const expected = new KernelModel('mainline', memory, { deliver: undefined, reply: () => new Uint8Array(0) });
    for (const [i, one] of scenario.steps.entries()) {
      lay(memory, one);
      ours.set(memory.bytes);
      const model = new BnxtModel(kernel);
      const device = model.device(scripted(scenario));
      const caller = way.caller({ capable: one.capable, comm: 'x', pid: 1, compat: false });
      const cmd = one.info ? 0x9a00 : 0x9a01;
      const want = expected.ioctl(device, 0, false, cmd, one.argument, caller);
      // by ioctl retry the kernel writes at the end, in order, up to the first fault and 128 KiB
      if (way.longest !== undefined) fc.pre(!model.wroteBehindFault && model.wanted + one.outLength <= way.longest);
      const result = ioctl(cmd, one.argument, caller);
      const have = result === 0 ? 'OK' : errnoName(-result);
      const where = `call ${i}, request 0x${(one.request[0] ?? 0) | ((one.request[1] ?? 0) << 8)}`;
      assert.equal(have, want, where);
      const at = Buffer.compare(ours, memory.bytes) === 0 ? -1 : ours.findIndex((byte, n) => byte !== memory.bytes[n]);
      assert.equal(at, -1, `${where} (${want}): memory at ${at}`);
      assert.deepEqual(hwrm.delivered, expected.delivered, `${where}: what reached the firmware`);
      assert.equal(taint.value, expected.tainted, `${where}: taint`);
      this.answers.set(want, (this.answers.get(want) ?? 0) + 1);
    }
  }
}

function lay(memory: ModelMemory, { info, scope, request: bytes, inLength, outLength, argument, ...at }: Step): void {
  put(memory, at.in, bytes);
  const struct = new DataView(new ArrayBuffer(info ? 24 : 32));
  struct.setUint32(0, struct.byteLength, true);
  struct.setUint32(4, info ? 0 : scope, true);
  struct.setUint32(8, info ? 0 : inLength, true);
  struct.setUint32(12, outLength, true);
  struct.setBigUint64(16, info ? at.out : at.in, true);
  if (!info) struct.setBigUint64(24, at.out, true);
  put(memory, argument, new Uint8Array(struct.buffer));
}

function put(memory: ModelMemory, to: bigint, bytes: Uint8Array): void {
  bytes.forEach((byte, i) => {
    const place = memory.place(to + BigInt(i));
    if (place !== undefined) memory.bytes[place] = byte;
  });
}

describe('arbitrary requests answer as the model of the bnxt driver does', () => {
  for (const kernel of Object.keys(ABIS) as BnxtKernel[]) {
    for (const name of Object.keys(RUNS) as (keyof typeof RUNS)[]) {
      it(`${kernel}, ${name}`, () => {
        const property = new Property(kernel, WAYS[name]);
        fc.assert(
          fc.property(scenarios, (scenario) => property.check(scenario)),
          { numRuns: RUNS[name] * TIMES },
        );
        for (const answer of ['OK', 'EFAULT', 'EINVAL', 'EPERM'])
          assert.ok(property.answers.has(answer), `${answer} never came: ${JSON.stringify([...property.answers])}`);
      });
    }
  }
});
