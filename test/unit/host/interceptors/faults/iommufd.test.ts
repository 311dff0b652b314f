/**
 * Faults at iommufd's ioctls: which are struck, what comes of
 * them, and that an injected errno leaves no trace in the objects.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../../../../src/abi/iommufd.ts';
import { iommufdAbi } from '../../../../../src/abi/iommufd-profiles.ts';
import * as vfio from '../../../../../src/abi/iommufd-vfio.ts';
import { DeviceFaults } from '../../../../../src/host/interceptors/faults/device-faults.ts';
import { Faults } from '../../../../../src/host/interceptors/faults/faults.ts';
import { faultyCommands } from '../../../../../src/host/interceptors/faults/faults-commands.ts';
import { FaultPlan } from '../../../../../src/host/interceptors/faults/plan.ts';
import { systemClock } from '../../../../../src/host/machine/clock.ts';
import { iommufdFileOps } from '../../../../../src/iommufd/fops.ts';
import { iommufdCommands } from '../../../../../src/iommufd/ioctls.ts';
import { plainCaller } from '../../../../../src/transport/inprocess.ts';
import { InprocessCall } from '../../../../../src/transport/inprocess-call.ts';
import { UserMemory } from '../../../../../src/transport/user-memory.ts';
import { IOMMUFD, IommuFile, iommuHost, words } from '../../machine/iommufd-rig.ts';
import { parseFault, readFault } from './read-fault.ts';

const ENOENT = -2;
const ENOMEM = -12;
const EINVAL = -22;
const PAGE = 0x1000n;

function faulty(...texts: string[]) {
  const faults = new FaultPlan();
  for (const text of texts) faults.add(readFault(text));
  const host = iommuHost({ interceptors: [new Faults(faults, systemClock)] });
  return { faults, host, file: new IommuFile(host) };
}

const complaint = (text: string): string => {
  const found: string[] = [];
  parseFault(text, (column, message) => found.push(`${column}: ${message}`));
  return found.join('\n');
};

test('every ioctl can be struck by its name, with its prefix and without, and by its number', () => {
  const profile = iommufdAbi('linux-6.12');
  assert.ok(profile);
  const commands = iommufdCommands(profile);
  assert.equal(commands.length, 21);
  for (const { name, number } of commands) {
    for (const text of [name, name.replace(/^IOMMU_/, ''), name.toLowerCase(), `0x${number.toString(16)}`])
      assert.equal(readFault(`ioctl:command=${text}:error=EIO`).selectors.command, number, text);
  }
});

test('an injected errno does nothing else: no object, no mapping, nothing written', () => {
  const { file, faults } = faulty(
    'ioctl:command=IOAS_ALLOC:error=ENOMEM:when=2',
    'ioctl:command=IOAS_MAP:error=ENOMEM:count=1',
  );
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0), 0);
  assert.equal(file.u32(8), 1);
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0xabc), ENOMEM);
  assert.equal(file.u32(8), 0xabc, 'nothing was written');
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0), 0);
  assert.equal(file.u32(8), 2, 'the id was not used up');
  const map = [40, 6, 1, 0, 0x10000n, PAGE, 0n] as const;
  assert.equal(file.call(abi.IOMMU_IOAS_MAP, ...map), ENOMEM);
  assert.equal(file.u64(32), 0n);
  assert.equal(file.call(abi.IOMMU_IOAS_UNMAP, 24, 1, PAGE, PAGE), ENOENT, 'nothing was mapped');
  assert.equal(file.call(abi.IOMMU_IOAS_MAP, ...map), 0);
  assert.equal(file.u64(32), PAGE, 'no address was used up');
  assert.deepEqual(
    faults.list().map(({ calls, strikes }) => [calls, strikes]),
    [
      [3, 1],
      [2, 1],
    ],
  );
});

test('what the dispatch refuses is not struck and not counted, as for RPCs', () => {
  const { file, faults } = faulty('ioctl:error=EIO:when=2');
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 4), EINVAL);
  assert.equal(file.value(abi.IOMMU_IOAS_ALLOC, 8), -14);
  assert.equal(file.call(0x3b99), -25);
  assert.equal(file.call(vfio.VFIO_IOMMU_MAP_DMA, 8), EINVAL, 'argsz');
  assert.equal(faults.list()[0]?.calls, 0);
  assert.equal(file.call(abi.IOMMU_DESTROY, 8, 7), ENOENT);
  assert.equal(file.call(vfio.VFIO_GET_API_VERSION), -5);
});

test('by node, by comm, and by VFIO’s name on either node', () => {
  const { file, host } = faulty(
    'ioctl:device=vfio:command=VFIO_GET_API_VERSION:error=EPERM',
    'ioctl:device=iommu:comm=nobody:error=EIO',
    'ioctl:command=VFIO_CHECK_EXTENSION:error=EACCES',
  );
  const other = new IommuFile(host, 'vfio');
  assert.equal(file.value(vfio.VFIO_GET_API_VERSION, 0), 0);
  assert.equal(other.value(vfio.VFIO_GET_API_VERSION, 0), -1);
  assert.equal(file.value(vfio.VFIO_CHECK_EXTENSION, 3), -13);
  assert.equal(other.value(vfio.VFIO_CHECK_EXTENSION, 3), -13);
});

test('every, probability and seed, count', () => {
  const struck = (text: string): number[] => {
    const { file } = faulty(text);
    return Array.from({ length: 12 }, (_, at) => (file.call(abi.IOMMU_DESTROY, 8, 9) === -5 ? at + 1 : 0)).filter(
      Boolean,
    );
  };
  assert.deepEqual(struck('ioctl:error=EIO:every=5'), [5, 10]);
  assert.deepEqual(struck('ioctl:error=EIO:when=2+3:count=2'), [2, 5]);
  const chance = struck('ioctl:error=EIO:probability=50%:seed=3');
  assert.deepEqual(chance, struck('ioctl:error=EIO:probability=50%:seed=3'));
  assert.ok(chance.length > 0 && chance.length < 12);
});

test('a delay and a hang hold their own caller back, a refusal too, and fault release lets go', async () => {
  const { file, faults } = faulty('ioctl:command=IOAS_ALLOC:hang', 'ioctl:command=DESTROY:delay=30ms');
  let answer: number | undefined;
  const hanging = file.late(abi.IOMMU_IOAS_ALLOC, 12, 0, 0).then((result) => (answer = result));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(answer, undefined);
  assert.equal(faults.list()[0]?.held, 1);
  const other = new IommuFile(file.host);
  assert.equal(other.call(abi.IOMMU_IOAS_UNMAP, 24, 1, PAGE, PAGE), ENOENT, 'nobody else waits');
  faults.release(1);
  assert.equal(await hanging, 0);
  const start = performance.now();
  assert.equal(await file.late(abi.IOMMU_DESTROY, 8, 77), ENOENT);
  assert.ok(performance.now() - start >= 29, 'a refusal comes late too');
});

test('a late errno comes late, and does nothing', async () => {
  const { file, faults } = faulty('ioctl:command=IOAS_ALLOC:error=EINTR:hang:count=1');
  const hanging = file.late(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
  assert.equal(faults.release(), 1);
  assert.equal(await hanging, -4);
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0), 0);
  assert.equal(file.u32(8), 1);
});

test('an ioctl that its transport begins again is one call', () => {
  const plan = new FaultPlan();
  plan.add(readFault('ioctl:error=EIO:when=3'));
  plan.add(readFault('ioctl:hang:when=100'));
  const place = { name: 'iommu', spec: IOMMUFD, dialect: undefined, ioctls: undefined, unplug: () => {} };
  const deviceFaults = new DeviceFaults(plan, systemClock, place);
  const profile = iommufdAbi('linux-6.12');
  assert.ok(profile);
  const memory = new UserMemory();
  const at = memory.allocate(4096);
  /** Breaks each array off twice, as CUSE's retry does page by page. */
  class Broken extends InprocessCall {
    runs = 0;
    begun = {};
    override get ioctl(): object {
      return this.begun;
    }
    override copyFromUser(pointer: number, skip: number, target: number, length: number): number {
      if (pointer !== 0 && this.runs < 2) throw new Error('more is needed');
      return super.copyFromUser(pointer, skip, target, length);
    }
  }
  const call = new Broken(memory, plainCaller());
  const { open } = iommufdFileOps({ abi: profile, around: (commands) => faultyCommands(commands, deviceFaults) });
  const file = open(plainCaller(), 2);
  assert.ok('ioctl' in file);
  const ask = (cmd: number, structure: Uint8Array) => {
    memory.view(at, structure.length).set(structure);
    call.begun = {};
    for (call.runs = 0; ; call.runs++) {
      try {
        call.start(call.caller, cmd, at);
        return file.ioctl(call);
      } catch (error) {
        if ((error as Error).name !== 'Error') return (error as Error).name;
      }
    }
  };
  ask(abi.IOMMU_IOAS_ALLOC, words(12, 0, 0));
  const allow = words(24, 1, 1, 0, BigInt(at + 256));
  memory.view(at + 256, 16).set(words(0n, 0xffffn));
  assert.equal(ask(abi.IOMMU_IOAS_ALLOW_IOVAS, allow), 0);
  assert.deepEqual([plan.list()[0]?.calls, plan.list()[1]?.held], [2, 0]);
  assert.equal(ask(abi.IOMMU_IOAS_ALLOW_IOVAS, allow), 'EIO');
});

test('what makes no sense is refused in one line that says what does', () => {
  for (const effect of [
    'status=LIM_ERR',
    'syndrome=1',
    'out_len=4',
    'flip=3',
    'truncate=4',
    'ok',
    'unplug',
    'set.size=1',
  ])
    assert.match(
      complaint(`ioctl:command=IOAS_MAP:${effect}`),
      /^24: \S+ is not for ioctl, but for [a-z ]+; ioctl has error, delay, hang$/,
      effect,
    );
  assert.match(
    complaint('ioctl:opcode=NOP:error=EIO'),
    /^7: opcode is not for ioctl.*; ioctl has command, device, comm$/,
  );
  assert.match(complaint('rpc:command=IOAS_MAP:error=EIO'), /^5: command is not for rpc, but for ioctl/);
  assert.equal(
    complaint('ioctl:command=IOAS_MAPP:error=EIO'),
    '15: there is no ioctl "IOAS_MAPP"; did you mean IOAS_MAP, IOAS_COPY or IOAS_UNMAP?',
  );
  assert.match(
    complaint('ioctl:device=fwctl0:error=EIO'),
    /ioctl is of iommu and vfio; the ioctls of fwctl0 are info and rpc/,
  );
  assert.match(complaint('rpc:device=iommu:error=EIO'), /rpc is of fwctl; of iommu, open and ioctl can be struck/);
  assert.match(complaint('open:device=vfio:status=LIM_ERR'), /vfio has none; it has error, delay, hang/);
});
