/** Driver iommufd of a machine: how it is written, what is plugged, and what the trace says of its ioctls. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../../../src/abi/iommufd.ts';
import { IOMMUFD_PROFILES, iommufdAbi } from '../../../../src/abi/iommufd-profiles.ts';
import * as vfio from '../../../../src/abi/iommufd-vfio.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import type { ControlContext } from '../../../../src/control/context.ts';
import { METHODS } from '../../../../src/control/methods.ts';
import type { StatsAnswer } from '../../../../src/control/stats-answer.ts';
import { loadSettings } from '../../../../src/emulator/settings.ts';
import { DEFAULT_DEVICE } from '../../../../src/host/config/defaults.ts';
import type { DeviceSpec } from '../../../../src/host/config/device-spec.ts';
import { iommufdKeys, iommufdProfile } from '../../../../src/host/config/iommufd-spec.ts';
import { Faults } from '../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../src/host/interceptors/faults/plan.ts';
import { Stats } from '../../../../src/host/interceptors/stats/stats.ts';
import type { TraceEvent } from '../../../../src/host/interceptors/trace/trace-event.ts';
import { eventJson } from '../../../../src/host/interceptors/trace/trace-json.ts';
import { eventText } from '../../../../src/host/interceptors/trace/trace-text.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host, type HostOptions } from '../../../../src/host/machine/host.ts';
import { iommufdTrace } from '../../../../src/iommufd/describe.ts';
import { iommufdRows } from '../../../../src/iommufd/ioctls.ts';
import { VFIO_IOCTLS } from '../../../../src/iommufd/vfio.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';
import { MESSAGES, readFault } from '../interceptors/faults/read-fault.ts';
import { traceFileOps } from '../interceptors/trace/trace-fixture.ts';
import { IommuFile } from './iommufd-rig.ts';

const SPEC: DeviceSpec = { driver: 'iommufd', profile: 'iommufd', mode: 0o660, uid: 0, gid: 0, overrides: {} };

const settings = (...device: string[]) => loadSettings({ device }, async () => DRIVERS);

function machine(options: Partial<HostOptions> = {}): Host {
  const profile = abiProfile('latest');
  assert.ok(profile);
  return new Host({ abi: profile, clock: systemClock, drivers: DRIVERS, ...options });
}

describe('--device iommufd', () => {
  it('is one device on no bus, Linux 6.12 unless told', async () => {
    const { devices } = await settings('iommufd', 'connectx6dx');
    const [first, second] = devices;
    assert.deepEqual(first, SPEC);
    assert.deepEqual(iommufdKeys(SPEC), { abi: 'linux-6.12', thp: false });
    assert.equal(iommufdProfile(SPEC).name, 'linux-6.12');
    assert.equal(second?.pci, DEFAULT_DEVICE.pci);
    const told = await settings('iommufd,abi=iommufd-v3,thp=1,mode=0600');
    const own = { abi: 'iommufd-v3', thp: '1' };
    assert.deepEqual(told.devices, [{ ...SPEC, mode: 0o600, own, keys: { abi: 'iommufd-v3', thp: true } }]);
  });

  for (const [specs, message] of [
    [['iommufd,pci=0000:00:0b.0'], /column 13: driver iommufd is on no bus; take it out/],
    [['iommufd,count=2'], /column 15: a machine has one iommufd; take it out/],
    [['iommufd', 'driver=iommufd'], /a machine has one iommufd; take this one out/],
    [['iommufd,abi=linux-6.13'], /there is no iommufd of "linux-6\.13" \(abi: .*\); did you mean linux-6\.12\?/],
    [['iommufd,thp=maybe'], /thp is true or false/],
    [['iommufd,firmware=loopback'], /firmware is of driver mlx5(, \w+)*; write driver: mlx5, or take it out/],
    [['iommufd,set.caps.GENERAL.log_max_qp=1'], /has no values to set/],
    [['connectx6dx,abi=linux-6.12'], /abi is of driver iommufd; write driver: iommufd, or take it out/],
  ] as const) {
    it(`refuses ${specs.join(' ')}`, async () => {
      await assert.rejects(settings(...specs), message);
    });
  }
});

describe('iommufd of a machine', () => {
  it('has the kernel’s nodes beside fwctl’s', () => {
    const host = machine();
    const { nodes } = host.plug(SPEC);
    assert.deepEqual(
      nodes.map(({ path, class: kind, minor, mode }) => [path, kind, minor, mode]),
      [
        ['iommu', 'misc', 256, 0o660],
        ['vfio/vfio', 'misc', 196, 0o666],
      ],
    );
    assert.equal(host.plug(DEFAULT_DEVICE).nodes[0]?.path, 'fwctl/fwctl0');
    assert.throws(() => host.plug(SPEC), /there is iommu already/);
    assert.throws(() => host.unplug('iommu'), /on no bus/);
    assert.deepEqual(
      host.devices().map(({ name }) => name),
      ['iommu', 'fwctl0'],
    );
  });

  it('has no VFIO node before there was VFIO compatibility', () => {
    const { nodes } = machine().plug({ ...SPEC, keys: { abi: 'iommufd-v3', thp: false } });
    assert.deepEqual(
      nodes.map(({ path }) => path),
      ['iommu'],
    );
  });

  it('is nowhere when it cannot be shown', () => {
    const host = machine();
    host.onChange(({ kind }) => {
      if (kind === 'plug') throw new Error('not now');
    });
    assert.throws(() => host.plug(SPEC), /not now/);
    assert.deepEqual(host.devices(), []);
  });

  it('has opens that faults strike at, node by node', () => {
    const faults = new FaultPlan();
    faults.add(readFault('open:device=iommu:error=EMFILE:count=1'));
    const [iommu, vfioNode] = machine({ interceptors: [new Faults(faults, systemClock)] }).plug(SPEC).nodes;
    assert.ok(iommu && vfioNode);
    const transport = new InprocessTransport();
    transport.openDevice(vfioNode.fileOps);
    assert.throws(() => transport.openDevice(iommu.fileOps), { name: 'EMFILE' });
    assert.equal(transport.openDevice(iommu.fileOps).ioctl(vfio.VFIO_GET_API_VERSION, 0), 0);
  });

  it('keeps its counters when the machine is reset', () => {
    const stats = new Stats(systemClock);
    const [node] = machine({ interceptors: [stats] }).plug(SPEC).nodes;
    assert.ok(node);
    stats.forget();
    new InprocessTransport().openDevice(node.fileOps);
    assert.equal(stats.devices().find(({ name }) => name === 'iommu')?.opened, 1);
  });

  it('counts the calls of each node, by the ioctls’ names', async () => {
    const stats = new Stats(systemClock);
    const host = machine({ interceptors: [stats] });
    const file = new IommuFile(host, 'vfio');
    const of = (device: string) => stats.devices().find(({ name }) => name === device);
    const nodes = ['iommu', 'vfio'].map((name) => [of(name)?.openFiles, of(name)?.opened]);
    assert.deepEqual(nodes, [
      [0, 0],
      [1, 1],
    ]);
    file.value(vfio.VFIO_GET_API_VERSION, 0);
    file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
    file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
    file.call(abi.IOMMU_IOAS_MAP, 40, 6, 9, 0, 0n, 0x1000n, 0n);
    file.call(abi.IOMMU_IOAS_MAP, 8);
    file.value(0x3b99, 0);
    const context = {
      host,
      stats,
      version: '',
      verb: 'run',
      messages: async () => MESSAGES,
    } as unknown as ControlContext;
    const answer = async (verb: string) =>
      (await METHODS.find((method) => method.verb === verb)?.handle({} as never, context, { uid: () => 0 })) as never;
    const { devices }: StatsAnswer = await answer('stats');
    assert.deepEqual(
      devices.map(({ name, plugged }) => [name, plugged]),
      [
        ['iommu', true],
        ['vfio', true],
      ],
    );
    assert.deepEqual(devices.find(({ name }) => name === 'vfio')?.calls, [
      { command: 'VFIO_GET_API_VERSION', outcome: 'ok', count: 1 },
      { command: 'IOMMU_IOAS_ALLOC', outcome: 'ok', count: 2 },
      { command: 'IOMMU_IOAS_MAP', outcome: 'ENOENT', count: 1 },
      { command: 'IOMMU_IOAS_MAP', outcome: 'EINVAL', count: 1 },
      { command: 'ioctl', outcome: 'ENOTTY', count: 1 },
    ]);
    assert.match(
      await answer('metrics'),
      /^fwctl_emu_calls_total\{device="vfio",command="IOMMU_IOAS_ALLOC",outcome="ok"\} 2$/m,
    );
  });
});

/** One traced open file of /dev/iommu, and memory to put structures in. */
class Traced {
  readonly events: TraceEvent[] = [];
  readonly transport = new InprocessTransport();
  readonly file;
  readonly argument: number;

  constructor() {
    const fwctl = abiProfile('latest');
    const [node] = machine().plug(SPEC).nodes;
    assert.ok(fwctl && node);
    const sink = (event: TraceEvent) => void this.events.push(event);
    const ioctls = iommufdTrace(iommufdProfile(SPEC));
    const traced = traceFileOps(node.fileOps, { device: 'iommu', abi: fwctl, clock: systemClock, sink, ioctls });
    this.file = this.transport.openDevice(traced);
    this.argument = this.transport.memory.allocate(4096);
  }

  /** The text between the caller and the time, of one ioctl with these words from its size on. */
  text(cmd: number, ...words: (number | bigint)[]): string {
    const view = new DataView(new ArrayBuffer(256));
    let at = 0;
    for (const word of words) {
      if (typeof word === 'bigint') view.setBigUint64(at, word, true);
      else view.setUint32(at, word, true);
      at += typeof word === 'bigint' ? 8 : 4;
    }
    const bytes = this.transport.memory.view(this.argument, 256);
    bytes.set(new Uint8Array(view.buffer));
    this.file.ioctl(cmd, this.argument);
    const line = eventText(this.last(), { fields: 'none', color: false });
    return line.replace(/^\S+ iommu #1 \S+ /, '').replace(/ {2}\S+$/, '');
  }

  last(): TraceEvent {
    const event = this.events.at(-1);
    assert.ok(event);
    return event;
  }
}

describe('the trace of iommufd', () => {
  it('names the ioctl, its members and what became of them', () => {
    const traced = new Traced();
    assert.equal(traced.text(abi.IOMMU_IOAS_ALLOC, 12, 0), 'IOMMU_IOAS_ALLOC flags=0 -> OK  out_ioas_id=1');
    assert.equal(
      traced.text(abi.IOMMU_IOAS_MAP, 40, 6, 1, 0, 0x10000n, 0x2000n, 0n),
      'IOMMU_IOAS_MAP flags=WRITEABLE|READABLE ioas_id=1 user_va=0x10000 length=0x2000 iova=0x0 -> OK  iova=0x1000',
    );
    assert.equal(JSON.parse(eventJson(traced.last())).answer.iova, '0x1000');
    assert.match(
      traced.text(abi.IOMMU_IOAS_MAP, 40, 0x106, 1, 9, 0x10000n, 0x2000n, 0n),
      /^IOMMU_IOAS_MAP flags=WRITEABLE\|READABLE\|0x100 ioas_id=1 __reserved=9 .* -> EOPNOTSUPP: flags has a bit/,
    );
    assert.match(traced.text(abi.IOMMU_DESTROY, 8, 7), /^IOMMU_DESTROY id=7 -> ENOENT: no object .* fix: use an id/);
    assert.match(
      traced.text(abi.IOMMU_IOAS_IOVA_RANGES, 32, 1, 0, 0, 0n),
      /num_iovas=0 .*-> EMSGSIZE: there are more ranges/,
    );
  });

  it('shows no member that did not come, and none of an earlier call', () => {
    const traced = new Traced();
    traced.text(abi.IOMMU_HWPT_ALLOC, 48, 0, 1, 2, 0, 0, 0x77, 0x88);
    assert.match(traced.text(abi.IOMMU_HWPT_ALLOC, 24, 0, 1, 2), /^IOMMU_HWPT_ALLOC flags=0 dev_id=1 pt_id=2 ->/);
    assert.match(traced.text(abi.IOMMU_IOAS_MAP, 8, 6), /^IOMMU_IOAS_MAP -> EINVAL/);
    traced.file.ioctl(abi.IOMMU_IOAS_MAP, 8);
    const event = traced.last();
    assert.ok(event.kind === 'ioctl' && event.part?.kind === 'command');
    assert.deepEqual([event.part.asked, event.part.answered], [[], []]);
  });

  it('decodes VFIO’s ioctls, by value and by structure', () => {
    const traced = new Traced();
    traced.file.ioctl(vfio.VFIO_CHECK_EXTENSION, vfio.VFIO_EXTENSION.VFIO_TYPE1v2_IOMMU);
    assert.match(
      eventText(traced.last(), { fields: 'none', color: false }),
      /VFIO_CHECK_EXTENSION extension=3 -> OK 1 /,
    );
    traced.text(abi.IOMMU_IOAS_ALLOC, 12, 0);
    traced.text(abi.IOMMU_VFIO_IOAS, 12, 1, 1);
    assert.equal(
      traced.text(vfio.VFIO_IOMMU_MAP_DMA, 32, 3, 0x10000n, 0x4000n, 0x1000n),
      'VFIO_IOMMU_MAP_DMA argsz=32 flags=READ|WRITE vaddr=0x10000 iova=0x4000 size=0x1000 -> OK',
    );
  });

  it('has a row for every ioctl of every kernel', () => {
    for (const profile of IOMMUFD_PROFILES) {
      const known = iommufdTrace(profile);
      for (const row of iommufdRows(profile)) assert.ok((known.get(row.number)?.members.length ?? 0) > 0, row.name);
      for (const row of profile.ioas ? VFIO_IOCTLS : []) assert.equal(known.get(row.number)?.name, row.name);
    }
    const v3 = iommufdAbi('iommufd-v3');
    assert.ok(v3);
    assert.deepEqual([...iommufdTrace(v3).keys()], [abi.IOMMU_DESTROY]);
  });
});
