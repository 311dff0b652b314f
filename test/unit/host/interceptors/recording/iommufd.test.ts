/**
 * Recording and replay of iommufd in this process: what is in the
 * file, what a replay compares, what it writes, what it refuses.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../../../../src/abi/iommufd.ts';
import * as vfio from '../../../../../src/abi/iommufd-vfio.ts';
import { Faults } from '../../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../../src/host/interceptors/faults/plan.ts';
import { CallRecorder } from '../../../../../src/host/interceptors/recording/call-recorder.ts';
import { CommandRecorder } from '../../../../../src/host/interceptors/recording/command-recorder.ts';
import { parseRecording } from '../../../../../src/host/interceptors/recording/format.ts';
import { Player, type ReplayOrder } from '../../../../../src/host/interceptors/recording/player.ts';
import { type RecordSwitch, recordTaps } from '../../../../../src/host/interceptors/recording/record-tap.ts';
import { Recorder } from '../../../../../src/host/interceptors/recording/recorder.ts';
import { replayCommands } from '../../../../../src/host/interceptors/recording/replay-commands.ts';
import { systemClock } from '../../../../../src/host/machine/clock.ts';
import { PROT } from '../../../../../src/transport/user-memory.ts';
import { IommuFile, iommuHost, type Word, words } from '../../machine/iommufd-rig.ts';
import { MESSAGES, readFault } from '../faults/read-fault.ts';

const PAGE = 0x1000n;

function recorded(...faults: string[]) {
  const lines: string[] = [];
  const recorder = new Recorder((line) => lines.push(line), MESSAGES);
  const state: RecordSwitch = { running: runningOf(recorder) };
  const plan = new FaultPlan();
  for (const fault of faults) plan.add(readFault(fault));
  const host = iommuHost({ interceptors: [new Faults(plan, systemClock), recordTaps(state)] });
  return { host, lines, recorder, plan, state };
}

function runningOf(recorder: Recorder, only?: string) {
  return { calls: new CallRecorder(recorder, only), commands: new CommandRecorder(recorder, only) };
}

function replayed(lines: readonly string[], order: ReplayOrder = 'strict') {
  const player = new Player(parseRecording(lines.join('\n'), 'rec.jsonl'), 'rec.jsonl', order, (driver) =>
    assert.fail(`${driver} has no RPCs`),
  );
  const host = iommuHost({
    instead: { probe: () => undefined, commands: (node) => replayCommands(node, player, () => {}) },
  });
  return { player, host };
}

/** What a program with its memory somewhere hears. `shift`: its array is so far behind. */
function talk(file: IommuFile, shift: number): unknown[] {
  const heard: unknown[] = [];
  const array = file.array + shift;
  const ask = (cmd: number, ...values: readonly Word[]) => {
    const result = file.call(cmd, ...values);
    const structure = new Uint8Array(file.transport.memory.view(file.argument, 128));
    // its own address is no answer
    if (cmd === abi.IOMMU_IOAS_MAP || cmd === abi.IOMMU_IOAS_IOVA_RANGES) structure.fill(0, 16, 24);
    if (cmd === abi.IOMMU_IOAS_ALLOW_IOVAS) structure.fill(0, 16, 24);
    if (cmd === abi.IOMMU_HWPT_INVALIDATE) structure.fill(0, 8, 16);
    heard.push([cmd, result, Buffer.from(structure).toString('hex')]);
  };
  ask(abi.IOMMU_IOAS_ALLOC, 12, 0, 0xdeadbeef);
  ask(abi.IOMMU_IOAS_MAP, 40, 6, 1, 0, BigInt(array), PAGE, 0n);
  // 300 ranges: more than a page of them
  const ranges = Array.from({ length: 300 }, (_, at) => [
    BigInt(at) * 0x10000n,
    BigInt(at) * 0x10000n + 0x7fffn,
  ]).flat();
  file.transport.memory.view(array, 4800).set(words(...ranges));
  ask(abi.IOMMU_IOAS_ALLOW_IOVAS, 24, 1, 300, 0, BigInt(array));
  ask(abi.IOMMU_IOAS_MAP, 40, 6, 1, 0, BigInt(array), 0x4000n, 0n);
  ask(abi.IOMMU_IOAS_IOVA_RANGES, 32, 1, 2, 0, BigInt(array), 0n);
  heard.push(Buffer.from(file.transport.memory.view(array, 32)).toString('hex'));
  ask(abi.IOMMU_IOAS_IOVA_RANGES, 32, 1, 0, 0, BigInt(array), 0n);
  ask(abi.IOMMU_OPTION, 24, 1, 1, 1, 0xffffn);
  ask(abi.IOMMU_HWPT_INVALIDATE, 32, 7, BigInt(array), 1, 16, 2, 0);
  ask(abi.IOMMU_VFIO_IOAS, 12, 1, 1);
  ask(vfio.VFIO_IOMMU_GET_INFO, 72, 0, 0n, 0n);
  ask(vfio.VFIO_IOMMU_UNMAP_DMA, 24, 2, 0n, 0n);
  heard.push(file.value(vfio.VFIO_CHECK_EXTENSION, 3), file.value(vfio.VFIO_SET_IOMMU, 9));
  ask(abi.IOMMU_DESTROY, 8, 1);
  ask(abi.IOMMU_DESTROY, 8, 1);
  file.file.close();
  return heard;
}

test('a recording replayed answers byte by byte, arrays and refusals too, wherever the program’s memory is', () => {
  const first = recorded('ioctl:command=OPTION:error=EPERM');
  const heard = talk(new IommuFile(first.host), 0);
  assert.equal(first.recorder.lines.close(), 0);
  for (const order of ['strict', 'match'] as const) {
    const { player, host } = replayed(first.lines, order);
    assert.deepEqual(talk(new IommuFile(host), 0x5010), heard);
    assert.deepEqual(player.misses, []);
    assert.equal(player.unused, 0);
  }
});

test('the file: one format with fwctl’s, named and commented, without addresses', () => {
  const { host, lines, recorder } = recorded();
  const file = new IommuFile(host);
  file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0xdeadbeef);
  file.call(abi.IOMMU_IOAS_MAP, 40, 6, 1, 0, 0x7fff12345000n, PAGE, 0n);
  file.call(abi.IOMMU_IOAS_MAP, 8);
  file.value(0x3b99, 0);
  recorder.lines.close();
  const rows = lines.map((line) => JSON.parse(line) as unknown);
  assert.deepEqual(rows.slice(1), [
    { device: 'iommu', driver: 'iommufd', abi: 'linux-6.12', thp: false },
    { open: 'iommu', file: 1, comm: 'node' },
    {
      ioctl: 'iommu',
      file: 1,
      name: 'IOMMU_IOAS_ALLOC',
      about: 'IOMMU_IOAS_ALLOC flags=0 -> OK out_ioas_id=1',
      in: '0c',
      in_len: 12,
      out: [[0, '0c0000000000000001000000']],
    },
    {
      ioctl: 'iommu',
      file: 1,
      name: 'IOMMU_IOAS_MAP',
      about: 'IOMMU_IOAS_MAP flags=WRITEABLE|READABLE ioas_id=1 length=0x1000 iova=0x0 -> OK iova=0x1000',
      in: '2800000006000000010000000000000000000000000000000010',
      in_len: 40,
      out: [
        [0, '28000000060000000100000000000000'],
        [24, '00100000000000000010000000000000'],
      ],
    },
  ]);
  assert.doesNotMatch(lines.join(''), /12345/);
});

test('a miss names the call, the nearest recorded one, and the members that differ', () => {
  const { host, lines, recorder } = recorded();
  const file = new IommuFile(host);
  file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
  file.call(abi.IOMMU_IOAS_MAP, 40, 6, 1, 0, 0x10000n, PAGE, 0n);
  file.transport.memory.view(file.array, 16).set(words(0n, 0xffffn));
  file.call(abi.IOMMU_IOAS_ALLOW_IOVAS, 24, 1, 1, 0, BigInt(file.array));
  recorder.lines.close();

  const strict = replayed(lines);
  const again = new IommuFile(strict.host);
  assert.equal(again.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0), 0);
  assert.equal(again.call(abi.IOMMU_IOAS_MAP, 40, 2, 1, 0, 0x10000n, 0x2000n, 0n), -61);
  assert.equal(again.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0), -61);
  assert.deepEqual(strict.player.misses, [
    'iommu IOMMU_IOAS_MAP flags=WRITEABLE ioas_id=1 length=0x2000 iova=0x0: it is not what comes next, IOMMU_IOAS_MAP ' +
      'flags=WRITEABLE|READABLE ioas_id=1 length=0x1000 iova=0x0 -> OK iova=0x1000 at rec.jsonl:5; it differs in ' +
      'flags: WRITEABLE, recorded WRITEABLE|READABLE; length: 0x2000, recorded 0x1000; it stands nowhere else',
    'iommu IOMMU_IOAS_ALLOC flags=0: it is not what comes next, IOMMU_IOAS_MAP flags=WRITEABLE|READABLE ioas_id=1 ' +
      'length=0x1000 iova=0x0 -> OK iova=0x1000 at rec.jsonl:5; it differs in ioctl: IOMMU_IOAS_ALLOC, recorded ' +
      'IOMMU_IOAS_MAP; it stands nowhere else',
  ]);

  const match = replayed(lines, 'match');
  const any = new IommuFile(match.host);
  any.transport.memory.view(any.array, 16).set(words(0n, 0xfffen));
  assert.equal(any.call(abi.IOMMU_IOAS_ALLOW_IOVAS, 24, 1, 1, 0, BigInt(any.array)), -61);
  any.transport.memory.view(any.array, 16).set(words(0n, 0xffffn));
  assert.equal(any.call(abi.IOMMU_IOAS_ALLOW_IOVAS, 24, 1, 1, 0, BigInt(any.array)), 0);
  assert.equal(any.call(abi.IOMMU_IOAS_ALLOW_IOVAS, 24, 1, 1, 0, 0n), -61, 'unreadable');
  assert.equal(any.call(abi.IOMMU_IOAS_MAP, 40, 6, 1, 0, 0x999000n, PAGE, 0n), 0, 'another address of its own');
  assert.match(
    match.player.misses[0] ?? '',
    /the nearest is IOMMU_IOAS_ALLOW_IOVAS .*; it differs in what the structure points to$/,
  );
});

test('what the dispatch refuses is refused in a replay without being recorded; an answer that cannot be written is EFAULT', () => {
  const { host, lines, recorder } = recorded();
  new IommuFile(host).call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
  recorder.lines.close();
  const { host: again, player } = replayed(lines);
  const file = new IommuFile(again);
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 8), -22);
  assert.equal(file.value(0x3b99, file.argument), -25);
  file.call(abi.IOMMU_DESTROY, 4);
  file.transport.memory.view(file.argument, 12).set(words(12, 0, 0));
  file.transport.memory.protect(file.argument, 4096, PROT.READ);
  assert.equal(file.value(abi.IOMMU_IOAS_ALLOC, file.argument), -14);
  assert.deepEqual(player.misses, []);
});

test('a call that is held back keeps its place, and one that its transport begins again is one line', async () => {
  const { host, lines, recorder, plan } = recorded('ioctl:command=IOAS_ALLOC:hang');
  const file = new IommuFile(host);
  const late = file.late(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
  const other = new IommuFile(host);
  other.call(abi.IOMMU_DESTROY, 8, 1);
  assert.equal(lines.length, 3);
  plan.release();
  await late;
  assert.match(lines[3] ?? '', /IOAS_ALLOC/);
  const before = lines.length;
  const place = recorder.place();
  recorder.place().end({ close: 'iommu', file: 1 });
  assert.equal(lines.length, before, 'it waits for the one before it');
  place.cancel();
  assert.deepEqual(lines.slice(before), ['{"close":"iommu","file":1}']);
  assert.equal(recorder.lines.close(), 0);
  recorder.place().end({ close: 'iommu', file: 2 });
  assert.equal(lines.length, before + 1, 'nothing comes behind the end');
});

test('a line that is no ioctl of ours is refused with its number', () => {
  const head = '{"fwctl_emu_recording":1,"masked":[]}';
  const device = '{"device":"iommu","driver":"iommufd","abi":"linux-6.12","thp":false}';
  const refusal = (...lines: string[]): string => {
    try {
      parseRecording([head, ...lines].join('\n'), 'x.jsonl');
      return 'taken';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const ioctl = (more: object) =>
    JSON.stringify({ ioctl: 'iommu', file: 1, name: 'IOMMU_DESTROY', in: '', in_len: 8, ...more });
  assert.equal(refusal(device, ioctl({})), 'taken');
  assert.match(refusal('{"device":"iommu","driver":"mlx5","abi":"linux-6.12","thp":false}'), /x\.jsonl:2: "driver" is/);
  assert.match(
    refusal('{"device":"iommu","driver":"iommufd","abi":"linux-9","thp":false}'),
    /"abi" is missing or wrong/,
  );
  assert.match(refusal(ioctl({})), /there is no line \{"device":"iommu"/);
  assert.match(refusal(device, ioctl({ name: 'IOMMU_NOTHING' })), /x\.jsonl:3: "name" is missing or wrong/);
  assert.match(refusal(device, ioctl({ out: [[0, 'zz']] })), /"out" is missing or wrong/);
  assert.match(refusal(device, ioctl({ out: [['0', '00']] })), /"out" is/);
  assert.match(refusal(device, ioctl({ out: {} })), /"out" is/);
  assert.match(refusal(device, ioctl({ data_out: [[0, '00'.repeat(1024 * 1024 + 1)]] })), /"data_out" is/);
  assert.match(refusal(device, ioctl({ data: '00', data_len: 1e9 })), /"data_len" is/);
});

test('a file that was open before the recording is in it from its next command on; not its open and close alone', () => {
  const { host, lines, recorder, state } = recorded();
  state.running = undefined;
  const file = new IommuFile(host);
  const idle = new IommuFile(host);
  file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0);
  assert.equal(lines.length, 1, 'nothing but the head');
  state.running = runningOf(recorder);
  file.call(abi.IOMMU_DESTROY, 8, 1);
  idle.file.close();
  file.file.close();
  state.running = undefined;
  assert.deepEqual(
    lines
      .slice(2)
      .map((line) => ((one) => [one.open ?? one.close ?? one.name, one.file, one.already])(JSON.parse(line))),
    [
      ['iommu', 1, true],
      ['IOMMU_DESTROY', 1, undefined],
      ['iommu', 1, undefined],
    ],
  );
  const { player, host: other } = replayed(lines);
  const again = new IommuFile(other);
  assert.equal(again.call(abi.IOMMU_DESTROY, 8, 1), 0, 'what the recording has not seen made is there');
  again.file.close();
  assert.deepEqual(player.misses, []);
});

test('the recording of another device has nothing of iommufd', () => {
  const { host, lines, recorder, state } = recorded();
  state.running = runningOf(recorder, 'fwctl0');
  const file = new IommuFile(host);
  assert.equal(file.call(abi.IOMMU_IOAS_ALLOC, 12, 0, 0), 0);
  file.file.close();
  assert.equal(lines.length, 1);
});

test('an answer of more pieces than a frame can queue is refused with its line', () => {
  const lines = (pieces: number) => [
    '{"fwctl_emu_recording":1,"masked":[]}',
    '{"device":"iommu","driver":"iommufd","abi":"linux-6.12","thp":false}',
    '{"open":"iommu","file":1,"comm":"a"}',
    `{"ioctl":"iommu","file":1,"name":"IOMMU_DESTROY","in":"","in_len":8,"out":[${'[0,"00"],'.repeat(pieces - 1)}[0,"00"]]}`,
  ];
  assert.equal(parseRecording(lines(14).join('\n'), 'rec.jsonl').exchanges.length, 2);
  assert.throws(() => parseRecording(lines(15).join('\n'), 'rec.jsonl'), /rec\.jsonl:4.*"out" is missing or wrong/);
});
