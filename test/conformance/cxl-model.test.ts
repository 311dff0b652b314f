/**
 * Arbitrary RPCs to arbitrary CXL devices against a second reading of the driver (model/cxl-model.ts): the errno, every
 * byte of the caller's memory, and each command that the mailbox got. By all ways of reaching a caller's memory.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { errnoName } from '../../src/abi/errno.ts';
import { abiProfile } from '../../src/abi/profiles.ts';
import { cxlFwctl } from '../../src/drivers/cxl/driver.ts';
import type { CxlMailbox } from '../../src/firmware/cxl/mailbox.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { PAGE, UserMemory } from '../../src/transport/user-memory.ts';
import {
  type CxlDevice,
  type CxlFeature,
  type CxlMachine,
  type CxlReaction,
  cxlRpc,
  entryOf,
  SCRUB,
  SPPR,
} from './model/cxl-model.ts';
import type { WayIn } from './model/emulated.ts';
import { byRequests, inProcess } from './model/ways-in.ts';

const BASE = 0x2000000000;
const [IN, OUT] = [BASE + PAGE, BASE + 5 * PAGE];
const PAGES = 9;
const ROOM = { in: OUT - IN, out: BASE + PAGES * PAGE - OUT } as const;
const TIMES = Number(process.env.FWCTL_MODEL_TIMES ?? 1);
const WAYS = {
  'in this process': [inProcess, 2000],
  'by thread id': [(memory: UserMemory) => byRequests(memory, false), 600],
  'by ioctl retry': [(memory: UserMemory) => byRequests(memory, true), 300],
} as const;

interface Rpc {
  readonly scope: number;
  readonly request: Uint8Array;
  readonly outLength: number;
}

interface Scenario {
  readonly features: readonly CxlFeature[];
  readonly capability: number;
  readonly payloadSize: number;
  /** Of 16 commands, so many go wrong. */
  readonly trouble: number;
  readonly rpcs: readonly Rpc[];
}

const UUIDS = [SCRUB, SPPR, 'ff'.repeat(16), 'feed', 'beef', '0'].map((start) => start.padEnd(32, '0'));
const u8 = fc.nat({ max: 0xff });
const u16 = fc.oneof(fc.nat({ max: 64 }), fc.nat({ max: 0xffff }));
const u32 = fc.nat({ max: 0xffffffff });
const bit = fc.nat({ max: 15 }).map((n) => 1 << n);
const effects = fc.oneof(
  { weight: 1, arbitrary: bit },
  { weight: 3, arbitrary: fc.constantFrom(0, 0x201, 0x202, 0x203, 0xe01) },
  { weight: 1, arbitrary: fc.array(bit, { maxLength: 4 }).map((bits) => bits.reduce((a, b) => a | b, 0)) },
);
const feature = fc.record({
  uuid: fc.constantFrom(...UUIDS),
  getSize: u16,
  setSize: u16,
  flags: fc.oneof(fc.constantFrom(0x61, 0x61, 0x60, 0xffffffff), u32),
  effects,
});
const uuid = fc.constantFrom(...UUIDS, '11'.repeat(16)).map((hex) => [...Buffer.from(hex, 'hex')]);
const sizes = fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat({ max: 60 }) });
const le = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

const payload = fc.oneof(
  fc.tuple(fc.oneof(fc.nat({ max: 500 }), u32), u16).map(([count, start]) => ({
    opcode: 0x500,
    bytes: [...le(count, 4), ...le(start % 9, 2), 0, 0],
  })),
  fc.tuple(uuid, u16, fc.nat({ max: 1500 }), u8).map(([id, offset, count, selection]) => ({
    opcode: 0x501,
    bytes: [...id, ...le(offset, 2), ...le(count, 2), selection % 5],
  })),
  fc.tuple(uuid, u32, u16, u8, fc.uint8Array({ maxLength: 1200 })).map(([id, flags, offset, version, data]) => ({
    opcode: 0x502,
    bytes: [...id, ...le(flags, 4), ...le(offset, 2), version % 3, ...Array(9).fill(7), ...data],
  })),
  fc.record({ opcode: fc.oneof(u16, fc.constantFrom(0x503, 0x4ff, 0x10501)), bytes: fc.constant(Array(40).fill(0)) }),
);
const rpc: fc.Arbitrary<Rpc> = fc
  .tuple(
    payload,
    fc.constantFrom(0, 1, 2, 3, 3, 3),
    sizes,
    sizes,
    fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(8, ROOM.out, ROOM.out)),
    u32,
  )
  .map(([{ opcode, bytes }, scope, opSize, length, outLength, flags]) => {
    const whole = [...le(opcode, 4), ...le(flags, 4), ...le(opSize ?? bytes.length, 4), ...le(flags, 4), ...bytes];
    return { scope, request: Uint8Array.from(whole).slice(0, length), outLength };
  });
const scenarios: fc.Arbitrary<Scenario> = fc.record({
  features: fc.uniqueArray(feature, { selector: (one) => one.uuid, minLength: 3, maxLength: 6 }).map((some) => [
    ...some,
    // one of a user's, or there is no device
    { uuid: 'cafe'.padEnd(32, '0'), getSize: 4, setSize: 4, flags: 1, effects: 1 },
  ]),
  capability: fc.constantFrom(2, 2, 2, 2, 1, 0),
  payloadSize: fc.integer({ min: 33, max: 600 }),
  trouble: fc.constantFrom(0, 0, 3),
  rpcs: fc.array(rpc, { minLength: 1, maxLength: 5 }),
});

/** What it does depends on all of the command, so that each side gets the same for the same. */
function device({ trouble }: Scenario, got: string[]): CxlDevice {
  return (opcode, bytes, room): CxlReaction | undefined => {
    got.push(`${opcode} ${Buffer.from(bytes).toString('hex')} ${room}`);
    const sum = bytes.reduce((total, byte, i) => (total * 31 + byte + i) % 65521, got.length);
    const data = Uint8Array.from({ length: room }, (_, i) => sum + i * 7);
    if (sum % 16 >= trouble) return { code: sum % 2, data };
    if (sum % 3 === 0) return undefined;
    return sum % 3 === 1
      ? { code: sum % 31, data }
      : { code: 0, data: data.slice(0, sum % 2 === 0 ? room >> 1 : room - 1) };
  };
}

function emulated(scenario: Scenario, react: CxlDevice, way: WayIn) {
  const mailbox: CxlMailbox = {
    payloadSize: scenario.payloadSize,
    featuresCapability: scenario.capability,
    features: scenario.features.map(entryOf),
    exec(opcode, input, output) {
      const reaction = react(opcode, input, output.length);
      if (reaction === undefined) return undefined;
      if (reaction.code <= 1) output.set(reaction.data);
      return { returnCode: reaction.code, length: reaction.data.length };
    },
  };
  const abi = abiProfile('linux-7.3');
  const ops = cxlFwctl(mailbox, []);
  assert.ok(abi !== undefined && ops !== undefined);
  const kmsg = new Kmsg({ monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} });
  const fwctl = new FwctlClass({ abi, taint: new Taint(), kmsg });
  return way.open(fwctl.register(fwctl.alloc(), ops).fileOps);
}

function check(scenario: Scenario, memory: UserMemory, way: WayIn, answers: Map<string, number>): void {
  const [have, want]: [string[], string[]] = [[], []];
  const ioctl = emulated(scenario, device(scenario, have), way);
  const machine: CxlMachine = { ...scenario, device: device(scenario, want) };
  const bytes = memory.view(BASE, PAGES * PAGE);
  const caller = way.caller({ capable: true, comm: 'x', pid: 1, compat: false });
  for (const [i, { scope, request, outLength }] of scenario.rpcs.entries()) {
    bytes.fill(0xa5);
    const struct = new DataView(bytes.buffer, bytes.byteOffset, 32);
    [32, scope, request.length, outLength].forEach((word, at) => void struct.setUint32(4 * at, word, true));
    struct.setBigUint64(16, BigInt(IN), true);
    struct.setBigUint64(24, BigInt(OUT), true);
    bytes.set(request, IN - BASE);
    const expected = bytes.slice();
    const answer = scope === 3 && !caller.capable ? 'EPERM' : cxlRpc(machine, scope, request.slice(), outLength);
    if (typeof answer !== 'string') {
      expected.set(answer.subarray(0, outLength), OUT - BASE);
      new DataView(expected.buffer).setUint32(12, answer.length, true);
    }
    const result = ioctl(0x9a01, BigInt(BASE), caller);
    const name = typeof answer === 'string' ? answer : 'OK';
    assert.equal(result === 0 ? 'OK' : errnoName(-result), name, `call ${i}`);
    assert.deepEqual(have, want, `call ${i} (${name}): what the mailbox got`);
    assert.equal(Buffer.compare(bytes, expected), 0, `call ${i} (${name}): memory`);
    const opcode = request.length < 16 ? 'short' : (request[0] as number) % 4;
    answers.set(`${opcode} ${name}`, (answers.get(`${opcode} ${name}`) ?? 0) + 1);
  }
}

for (const [name, [wayIn, runs]] of Object.entries(WAYS)) {
  it(`arbitrary RPCs to CXL devices, ${name}, are answered as the model does`, () => {
    const memory = new UserMemory();
    memory.map(BASE, PAGES * PAGE);
    const way = wayIn(memory);
    const answers = new Map<string, number>();
    fc.assert(
      fc.property(scenarios, (scenario) => check(scenario, memory, way, answers)),
      { numRuns: runs * TIMES },
    );
    for (const answer of ['0 OK', '0 EINVAL', '1 OK', '1 EINVAL', '2 OK', '2 EINVAL', '2 EPERM']) {
      assert.ok(answers.has(answer), `${answer} never came: ${JSON.stringify([...answers])}`);
    }
  });
}
