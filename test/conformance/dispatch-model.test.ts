/**
 * Arbitrary sequences of ioctls against a second reading of the kernel (model/kernel-model.ts): the errno, every byte
 * of the caller's memory, the taint, the log, and what reached the firmware. In this process, and by both ways of
 * reaching a caller's memory.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PAGE, PROT, UserMemory } from '../../src/transport/user-memory.ts';
import { KERNELS, type KernelName } from './golden.ts';
import { DEVICES, Emulated, firmwareReply, type WayIn } from './model/emulated.ts';
import { KernelModel } from './model/kernel-model.ts';
import { MODEL_BASE, MODEL_PAGES, ModelMemory, type PageUse } from './model/model-memory.ts';
import { lay, type Scenario, type Step, scenarios } from './model/scenario.ts';
import { byRequests, inProcess } from './model/ways-in.ts';

const BASE = Number(MODEL_BASE);
const PROTECTION = { rw: PROT.READ_WRITE, ro: PROT.READ, none: PROT.NONE } as const;
/** Scenarios of one to four ioctls each. */
const RUNS = { 'in this process': 2000, 'by thread id': 800, 'by ioctl retry': 400 } as const;
/** FWCTL_MODEL_TIMES=50: so many times as many. */
const TIMES = Number(process.env.FWCTL_MODEL_TIMES ?? 1);

class Property {
  readonly memory = new UserMemory();
  /** How often each answer was given, so that a property that tests nothing is seen. */
  readonly answers = new Map<string, number>();
  private readonly kernel: KernelName;
  private readonly way: WayIn;

  constructor(kernel: KernelName, way: (memory: UserMemory) => WayIn) {
    this.kernel = kernel;
    this.memory.map(BASE, MODEL_PAGES * PAGE);
    this.way = way(this.memory);
  }

  check(scenario: Scenario): void {
    const { way, kernel } = this;
    const model = new ModelMemory(scenario.pages);
    const ours = this.memory.view(BASE, MODEL_PAGES * PAGE).fill(0);
    for (const [page, use] of scenario.pages.entries()) this.memory.protect(BASE + page * PAGE, PAGE, PROTECTION[use]);
    const emulated = new Emulated(kernel, scenario, way);
    const expected = new KernelModel(kernel, model, { deliver: scenario.deliver, reply: firmwareReply });
    const gone = new Set<number>();
    for (const [i, step] of scenario.steps.entries()) {
      const caller = way.caller(step);
      if (step.unplug && !gone.has(step.device)) {
        gone.add(step.device);
        emulated.unplug(step.device);
      }
      lay(model, step);
      fc.pre(way.longest === undefined || !asksForMore(model, step, way.longest));
      ours.set(model.bytes);
      const device = emulated.devices[step.device];
      assert.ok(device);
      const want = expected.ioctl(device, step.device, gone.has(step.device), step.cmd, step.argument, caller);
      const have = emulated.ioctl(step.device, step.cmd, step.argument, caller);
      const where = `call ${i}`;
      assert.equal(have, want, where);
      assert.equal(firstDifference(ours, model.bytes), undefined, `${where} (${want}): memory`);
      assert.equal(emulated.taint.value, expected.tainted, `${where}: taint`);
      assert.deepEqual(
        emulated.kmsg.records().map(({ text }) => text),
        expected.log,
        `${where}: log`,
      );
      assert.deepEqual(emulated.delivered, expected.delivered, `${where}: what reached the device`);
      this.answers.set(want, (this.answers.get(want) ?? 0) + 1);
    }
  }
}

/** Whether the answer has more bytes than the way carries; what is refused for its length is not meant. */
function asksForMore(model: ModelMemory, { cmd, argument }: Step, longest: number): boolean {
  const word = model.read(argument + 12n, 4);
  if (word.length < 4) return false;
  const length = new DataView(word.buffer).getUint32(0, true);
  return length > longest && (cmd === 0x9a00 || length <= 2 * 1024 * 1024);
}

function firstDifference(have: Uint8Array, want: Uint8Array): string | undefined {
  if (Buffer.compare(have, want) === 0) return undefined;
  const at = have.findIndex((byte, i) => byte !== want[i]);
  return `at offset ${at}: ${have[at]}, not ${want[at]}`;
}

const WAYS: Readonly<Record<keyof typeof RUNS, (memory: UserMemory) => WayIn>> = {
  'in this process': inProcess,
  'by thread id': (memory) => byRequests(memory, false),
  'by ioctl retry': (memory) => byRequests(memory, true),
};

/** FWCTL_INFO or FWCTL_RPC of a program whose memory ends `room` bytes behind its structure's start. */
function atTheEnd(cmd: number, room: number, size: number, stray: number | undefined): Scenario {
  const end = MODEL_BASE + BigInt(PAGE);
  const step: Step = {
    device: 0,
    unplug: false,
    cmd,
    argument: end - BigInt(room),
    words: [size, 0, 16, 16],
    pointers: [MODEL_BASE + 2n * BigInt(PAGE), MODEL_BASE + 3n * BigInt(PAGE)],
    opcode: 0x100,
    opMod: 0,
    stray: stray === undefined ? undefined : { offset: stray, value: 1 },
    capable: true,
    comm: 'x',
    pid: 1,
    compat: false,
  };
  const pages = Array.from({ length: MODEL_PAGES }, (_, page): PageUse => (page === 1 ? 'none' : 'rw'));
  return { pages, deliver: undefined, rawMode: 'echo', rawInfo: new Uint8Array(0), steps: [step] };
}

it('every size, every stray byte of the tail and every end of memory around both structures', () => {
  const property = new Property('mainline', inProcess);
  for (const [cmd, known] of [
    [0x9a00, 24],
    [0x9a01, 32],
  ] as const) {
    for (let size = known - 2; size <= known + 12; size++) {
      for (let room = known - 2; room <= known + 14; room++) {
        property.check(atTheEnd(cmd, room, size, undefined));
        for (let stray = known; stray <= known + 13; stray++) property.check(atTheEnd(cmd, room, size, stray));
      }
    }
  }
  assert.deepEqual([...property.answers.keys()].sort(), ['E2BIG', 'EFAULT', 'EINVAL', 'OK']);
});

describe('arbitrary ioctls answer as the model of the kernel does', () => {
  for (const { kernel } of KERNELS) {
    for (const name of Object.keys(RUNS) as (keyof typeof RUNS)[]) {
      it(`${kernel}, ${name}`, () => {
        const property = new Property(kernel, WAYS[name]);
        fc.assert(
          fc.property(scenarios(DEVICES[kernel]), (scenario) => property.check(scenario)),
          { numRuns: RUNS[name] * TIMES },
        );
        for (const answer of [
          'OK',
          'ENOTTY',
          'EFAULT',
          'EINVAL',
          'E2BIG',
          'ENODEV',
          'EMSGSIZE',
          'EOPNOTSUPP',
          'EBADMSG',
        ]) {
          assert.ok(property.answers.has(answer), `${answer} never came: ${JSON.stringify([...property.answers])}`);
        }
      });
    }
  }
});
