/**
 * Arbitrary RPCs to arbitrary pds devices against a second reading of the driver (model/pds-model.ts): the errno, every
 * byte of the caller's memory, and what reached the firmware. In this process, and by both ways of reaching a caller's
 * memory.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { errnoName } from '../../src/abi/errno.ts';
import { abiProfile } from '../../src/abi/profiles.ts';
import { pdsFwctl } from '../../src/drivers/pds/driver.ts';
import type { AdminQueue } from '../../src/firmware/pds/adminq.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import { Errno } from '../../src/kernel/errno.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { PAGE, PROT, UserMemory } from '../../src/transport/user-memory.ts';
import type { WayIn } from './model/emulated.ts';
import { KernelModel } from './model/kernel-model.ts';
import { MODEL_BASE, MODEL_PAGES, ModelMemory } from './model/model-memory.ts';
import { type PdsDevice, PdsModel, pdsResponse } from './model/pds-model.ts';
import { layPds, type PdsScenario, pdsScenarios } from './model/pds-scenario.ts';
import { byRequests, inProcess } from './model/ways-in.ts';

const BASE = Number(MODEL_BASE);
const PROTECTION = { rw: PROT.READ_WRITE, ro: PROT.READ, none: PROT.NONE } as const;
const FWCTL_DEVICE_TYPE_PDS = 4;
/** Scenarios of one to five calls each. */
const RUNS = { 'in this process': 2000, 'by thread id': 800, 'by ioctl retry': 400 } as const;
const WAYS: Readonly<Record<keyof typeof RUNS, (memory: UserMemory) => WayIn>> = {
  'in this process': inProcess,
  'by thread id': (memory) => byRequests(memory, false),
  'by ioctl retry': (memory) => byRequests(memory, true),
};
/** FWCTL_MODEL_TIMES=50: so many times as many. */
const TIMES = Number(process.env.FWCTL_MODEL_TIMES ?? 1);

/** The device's firmware, which notes what it was sent. */
function firmware(device: PdsDevice, delivered: string[]): AdminQueue {
  let queries = 0;
  return {
    maxRequest: device.maxRequest,
    maxResponse: device.maxResponse,
    endpoints: [...device.endpoints.keys()],
    query(ep) {
      if (device.failingQueries.includes(queries++)) throw new Errno('EIO', 'scripted');
      return (device.endpoints.get(ep) ?? []).map(([id, attribute]) => ({ id, attribute }));
    },
    rpc({ op, ep, request, response }) {
      const payload = request.bytes.slice(0, request.length);
      delivered.push(`pds ${op} ${ep} ${response.length} ${Buffer.from(payload).toString('hex')}`);
      if (device.deliver !== undefined) throw new Errno(device.deliver, 'scripted');
      assert.ok(response.bytes.subarray(0, response.length).every((byte) => byte === 0));
      response.bytes.set(pdsResponse(op, ep, payload, response.length));
      return { status: device.status, err: device.err };
    },
  };
}

class Property {
  /** How often each answer was given, so that a property that tests nothing is seen. */
  readonly answers = new Map<string, number>();
  private readonly memory = new UserMemory();
  private readonly way: WayIn;

  constructor(way: (memory: UserMemory) => WayIn) {
    this.memory.map(BASE, MODEL_PAGES * PAGE);
    this.way = way(this.memory);
  }

  check({ pages, device, steps }: PdsScenario): void {
    const { way } = this;
    const model = new ModelMemory(pages);
    const ours = this.memory.view(BASE, MODEL_PAGES * PAGE).fill(0);
    for (const [page, use] of pages.entries()) this.memory.protect(BASE + page * PAGE, PAGE, PROTECTION[use]);
    const expected = new KernelModel('mainline', model, { deliver: undefined, reply: () => new Uint8Array(0) });
    const driver = new PdsModel(device);
    const rpc = driver.rpc.bind(driver);
    const modelled = { kind: 'other', type: FWCTL_DEVICE_TYPE_PDS, info: new Uint8Array(0), rpc } as const;
    const abi = abiProfile('linux-7.3');
    assert.ok(abi);
    const taint = new Taint();
    const fwctl = new FwctlClass({
      abi,
      taint,
      kmsg: new Kmsg({ monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} }),
    });
    const delivered: string[] = [];
    const node = fwctl.register(fwctl.alloc(), pdsFwctl(firmware(device, delivered)));
    const ioctl = way.open(node.fileOps);
    let gone = false;
    for (const [i, step] of steps.entries()) {
      const caller = way.caller({ capable: step.capable, comm: 'x', pid: 1, compat: false });
      if (step.unplug && !gone) assert.equal(fwctl.unregister(node.device), undefined);
      gone ||= step.unplug;
      layPds(model, step);
      const word = model.read(step.argument + 12n, 4);
      if (word.length === 4) fc.pre(new DataView(word.buffer).getUint32(0, true) <= (way.longest ?? 2 ** 32));
      ours.set(model.bytes);
      const cmd = step.info ? 0x9a00 : 0x9a01;
      const want = expected.ioctl(modelled, 0, gone, cmd, step.argument, caller);
      const result = ioctl(cmd, step.argument, caller);
      const where = `call ${i}`;
      assert.equal(result === 0 ? 'OK' : errnoName(-result), want, where);
      assert.ok(Buffer.compare(ours, model.bytes) === 0, `${where} (${want}): memory`);
      assert.equal(taint.value, expected.tainted, `${where}: taint`);
      assert.deepEqual(delivered, expected.delivered, `${where}: what reached the firmware`);
      this.answers.set(want, (this.answers.get(want) ?? 0) + 1);
    }
  }
}

describe('arbitrary RPCs answer as the model of pds_fwctl does', () => {
  for (const name of Object.keys(RUNS) as (keyof typeof RUNS)[]) {
    it(name, () => {
      const property = new Property(WAYS[name]);
      fc.assert(
        fc.property(pdsScenarios, (scenario) => property.check(scenario)),
        { numRuns: RUNS[name] * TIMES },
      );
      for (const answer of ['OK', 'EFAULT', 'EINVAL', 'EPERM', 'ENOMEM', 'ETIMEDOUT', 'ENXIO', 'EIO', 'ENODEV'])
        assert.ok(property.answers.has(answer), `${answer} never came: ${JSON.stringify([...property.answers])}`);
      assert.ok((property.answers.get('OK') ?? 0) > RUNS[name] / 20, JSON.stringify([...property.answers]));
    });
  }
});
