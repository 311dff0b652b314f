import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../../../../../src/abi/clock.ts';
import { type AbiProfile, abiProfile } from '../../../../../src/abi/profiles.ts';
import { openReplay } from '../../../../../src/emulator/replay-file.ts';
import type { FwctlOps } from '../../../../../src/fwctl/ops.ts';
import { DEFAULT_DEVICE } from '../../../../../src/host/config/defaults.ts';
import type { FunctionSpec } from '../../../../../src/host/config/device-spec.ts';
import { Faults } from '../../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../../src/host/interceptors/faults/plan.ts';
import type { Language } from '../../../../../src/host/interceptors/recording/difference.ts';
import { parseRecording } from '../../../../../src/host/interceptors/recording/format.ts';
import { type PassedFile, passThroughFwctl } from '../../../../../src/host/interceptors/recording/pass-through.ts';
import { Player, type ReplayOrder } from '../../../../../src/host/interceptors/recording/player.ts';
import { RecordHub, type RecordRequest } from '../../../../../src/host/interceptors/recording/record-hub.ts';
import { recordTaps } from '../../../../../src/host/interceptors/recording/record-tap.ts';
import { replayFwctl } from '../../../../../src/host/interceptors/recording/replay.ts';
import { recording } from '../../../../../src/host/interceptors/recording/running-recording.ts';
import { systemClock } from '../../../../../src/host/machine/clock.ts';
import { fwctlRows } from '../../../../../src/host/machine/driver-row.ts';
import { DRIVERS } from '../../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../../src/host/machine/host.ts';
import { accessRegister, queryHcaCap } from '../../../../../src/testkit/requests.ts';
import { type InprocessFile, InprocessTransport } from '../../../../../src/transport/inprocess.ts';
import { MESSAGES, readFault } from '../faults/read-fault.ts';
import { HandClock } from '../trace/trace-fixture.ts';

const abi = abiProfile('latest') as AbiProfile;

/** A machine whose first device is recorded. */
function recorded(masked: string[] = [], ...faults: string[]) {
  return recordedBy(systemClock, masked, faults);
}

function recordedBy(clock: Clock, masked: string[], faults: string[] = []) {
  const lines: string[] = [];
  const { recorder, running } = recording((line) => lines.push(line), MESSAGES, { masked });
  const plan = new FaultPlan();
  for (const fault of faults) plan.add(readFault(fault));
  const host = new Host({
    abi,
    clock,
    drivers: DRIVERS,
    interceptors: [new Faults(plan, clock), recordTaps({ running })],
  });
  const { fileOps } = host.plug(DEFAULT_DEVICE);
  return { fileOps, recorder, plan, lines, transport: new InprocessTransport() };
}

function languageOf(driver: string): Language {
  const dialect = fwctlRows(DRIVERS).find(({ name }) => name === driver)?.dialect;
  const messages = MESSAGES.get(driver);
  assert.ok(dialect && messages);
  return { dialect, messages };
}

function replayed(lines: readonly string[], order: ReplayOrder = 'strict') {
  const made = parseRecording(lines.join('\n'), 'rec.jsonl');
  const player = new Player(made, 'rec.jsonl', order, languageOf);
  const [device] = made.devices;
  assert.ok(device !== undefined && 'type' in device);
  const { dialect } = languageOf(device.driver);
  const ops = replayFwctl(device, dialect, player, () => {}) as FwctlOps<unknown>;
  const host = new Host({
    abi,
    clock: systemClock,
    drivers: DRIVERS,
    instead: { probe: () => ({ ops, minor: 0 }), commands: () => undefined },
  });
  return { player, fileOps: host.plug(DEFAULT_DEVICE).fileOps, transport: new InprocessTransport() };
}

const PAOS = accessRegister('PAOS', { local_port: 1 });

test('a recording replayed answers byte by byte, failures too', () => {
  const first = recorded([], 'rpc:error=EBUSY:when=3', 'rpc:status=BAD_PARAM:when=4');
  const talk = ({ transport, fileOps }: Pick<ReturnType<typeof recorded>, 'transport' | 'fileOps'>) => {
    const file = transport.openDevice(fileOps);
    const heard: unknown[] = [file.info()];
    heard.push(file.rpc(0, queryHcaCap('GENERAL'), 272), file.rpc(1, PAOS, 32));
    assert.throws(() => file.rpc(1, PAOS, 32), { name: 'EBUSY' });
    heard.push(file.rpc(1, PAOS, 32));
    assert.throws(() => file.rpc(0, PAOS, 32), { name: 'EBADMSG' });
    file.close();
    return heard;
  };
  const heard = talk(first);
  assert.equal(first.recorder.lines.close(), 0);
  const second = replayed(first.lines);
  assert.deepEqual(talk(second), heard);
  assert.deepEqual(second.player.misses, []);
  assert.equal(second.player.unused, 0);
});

test('a recording is the same each time, and speaks by name', () => {
  const make = () => {
    const { transport, fileOps, lines, recorder } = recorded();
    const file = transport.openDevice(fileOps);
    file.rpc(1, PAOS, 32);
    file.close();
    recorder.lines.close();
    return lines;
  };
  assert.deepEqual(make(), make());
  const [head, device, open, rpc, close] = make().map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(head, { fwctl_emu_recording: 1, masked: [] });
  assert.equal(device?.profile, 'connectx6dx');
  assert.deepEqual(open, { open: 'fwctl0', file: 1, comm: 'node' });
  assert.match(String(rpc?.about), /^ACCESS_REG\(read PAOS 0x5006 local_port=1\) -> OK$/);
  assert.equal(rpc?.in, '080500000000000100005006000000000001');
  assert.equal((rpc?.fields as Record<string, unknown> | undefined)?.local_port, 1);
  assert.deepEqual(close, { close: 'fwctl0', file: 1 });
});

test('masked fields are not in the file, and the client saw them', () => {
  const { transport, fileOps, lines, recorder } = recorded(['psid', 'no_such_field']);
  const file = transport.openDevice(fileOps);
  const request = accessRegister('MGIR');
  const reply = file.rpc(1, request, request.length);
  recorder.lines.close();
  const text = lines.join('\n');
  const psid =
    Buffer.from(reply)
      .toString('latin1')
      .match(/MT_[0-9A-Z]+/)?.[0] ?? '';
  assert.ok(psid.length > 5);
  assert.ok(!text.includes(psid) && !text.includes(Buffer.from(psid, 'latin1').toString('hex')));
  assert.match(text, /"fw_info.psid":"\*\*\*"/);
  assert.deepEqual([...recorder.mask.unmet], ['no_such_field']);
  const again = replayed(lines);
  const masked = again.transport.openDevice(again.fileOps).rpc(1, request, request.length);
  assert.equal(masked.length, reply.length);
  assert.notDeepEqual(masked, reply);
});

test('what the device tells of the time is in the file, and masked it is not: two runs give one file', () => {
  const run = (masked: string[], seconds: number) => {
    const clock = new HandClock();
    const { transport, fileOps, lines, recorder } = recordedBy(clock, masked);
    const file = transport.openDevice(fileOps);
    clock.ns += seconds * 1e9;
    for (const register of ['MGIR', 'MTMP']) file.rpc(1, accessRegister(register), 512);
    recorder.lines.close();
    return lines.join('\n');
  };
  assert.equal(run([], 3), run([], 3));
  assert.match(run([], 3), /"hw_info\.uptime":3,/);
  assert.notEqual(run([], 0), run([], 3));
  const clocks = ['uptime', 'temperature', 'max_temperature'];
  assert.equal(run(clocks, 0), run(clocks, 3));
  assert.match(run(clocks, 0), /"hw_info\.uptime":"\*\*\*".*\n.*"temperature":"\*\*\*"/);
});

test('a late answer does not change the order, and one that never came is left out', async () => {
  const { transport, fileOps, lines, recorder, plan } = recorded([], 'rpc:register=PAOS:hang');
  const file = transport.openDevice(fileOps);
  const late = file.rpcLate(1, PAOS, 32);
  file.rpc(0, queryHcaCap('ODP'), 272);
  assert.equal(lines.length, 3, 'the query waits for its place');
  plan.release();
  await late;
  assert.match(lines[3] ?? '', /PAOS/);
  assert.match(lines[4] ?? '', /ODP/);
  void file.rpcLate(1, PAOS, 32);
  assert.equal(recorder.lines.close(), 1);
});

test('a miss names the request, what was due, and the fields that differ', () => {
  const { transport, fileOps, lines, recorder } = recorded();
  const file = transport.openDevice(fileOps);
  file.rpc(1, PAOS, 32);
  file.rpc(0, queryHcaCap('GENERAL'), 272);
  recorder.lines.close();
  const strict = replayed(lines);
  const again = strict.transport.openDevice(strict.fileOps);
  assert.throws(() => again.rpc(1, accessRegister('PAOS', { local_port: 2 }), 32), { name: 'ENODATA' });
  assert.throws(() => again.rpc(0, queryHcaCap('GENERAL'), 272), { name: 'ENODATA' });
  assert.equal(again.rpc(1, PAOS, 32)[0], 0);
  const [first, second] = strict.player.misses;
  assert.match(
    first ?? '',
    /^fwctl0 ACCESS_REG\(read PAOS 0x5006 local_port=2\): it is not what comes next, ACCESS_REG\(.*local_port=1\) -> OK at rec\.jsonl:4; it differs in local_port: 2, recorded 1; it stands nowhere else$/,
  );
  assert.match(second ?? '', /opcode: QUERY_HCA_CAP, recorded ACCESS_REG; .*it stands at rec\.jsonl:5 \(--match/);

  const match = replayed(lines, 'match');
  const any = match.transport.openDevice(match.fileOps);
  assert.equal(any.rpc(0, queryHcaCap('GENERAL'), 272)[0], 0);
  assert.equal(any.rpc(1, PAOS, 32)[0], 0);
  assert.equal(any.rpc(1, PAOS, 32)[0], 0, 'used again');
  assert.throws(() => any.rpc(0, queryHcaCap('GENERAL'), 200), { name: 'ENODATA' });
  assert.match(
    match.player.misses[0] ?? '',
    /the nearest is QUERY_HCA_CAP\(GENERAL, current\) -> OK at rec\.jsonl:5; it differs in out_len: 200, recorded 272/,
  );
});

test('the uid that a client puts into a request does not matter, as it does not to the kernel', () => {
  const { transport, fileOps, lines, recorder } = recorded();
  transport.openDevice(fileOps).rpc(1, PAOS, 32);
  recorder.lines.close();
  const other = PAOS.slice();
  other[3] = 77;
  const again = replayed(lines);
  assert.equal(again.transport.openDevice(again.fileOps).rpc(1, other, 32)[0], 0);
});

test('a file that is no recording is refused with its line', () => {
  const refusal = (...lines: string[]) => {
    try {
      parseRecording(lines.join('\n'), 'x.jsonl');
      return 'taken';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const head = '{"fwctl_emu_recording":1,"masked":[]}';
  const device = '{"device":"fwctl0","type":1,"driver":"mlx5","profile":"p","pci":"0000:00:0a.0"}';
  assert.match(refusal(''), /x\.jsonl: it is empty/);
  assert.match(refusal('nonsense'), /x\.jsonl:1: this is no JSON object/);
  assert.match(refusal('{"fwctl_emu_recording":9}'), /x\.jsonl:1: the first line/);
  assert.match(refusal(head, '{"open":"fwctl0","file":1,"comm":"a"}'), /x\.jsonl:2: there is no line/);
  assert.match(
    refusal(head, device, '{"rpc":"fwctl0","file":1,"scope":0,"in":"0","in_len":1,"out_len":2}'),
    /x\.jsonl:3: "in" is missing or wrong/,
  );
  assert.match(
    refusal(head, device, '{"rpc":"fwctl0","file":1,"scope":0,"in":"00","in_len":1e9,"out_len":2}'),
    /"in_len"/,
  );
  assert.equal(refusal(head, device, '', '{"close":"fwctl0","file":1}'), 'taken');
});

test('a pass-through device gives what the node gives: data, lengths, errnos', async () => {
  const asked: string[] = [];
  const node: PassedFile = {
    info: async () => ({ value: { data: Uint8Array.from([7, 0, 0, 0]) } }),
    rpc: async (scope, request, outLength) => {
      asked.push(`${scope} ${request.length} ${outLength}`);
      if (scope === 2) return { errno: 74 };
      return { value: { reply: Uint8Array.from([1, 2, 3]), length: 9 } };
    },
    close: async () => void asked.push('close'),
  };
  let refuse = false;
  const open = async () => {
    if (refuse) throw Object.assign(new Error('busy'), { errno: -16, code: 'EBUSY' });
    return node;
  };
  const host = new Host({
    abi,
    clock: systemClock,
    drivers: DRIVERS,
    instead: {
      probe: () => ({ ops: passThroughFwctl(3, { buffers: () => [] }, open) as FwctlOps<unknown>, minor: 5 }),
      commands: () => undefined,
    },
  });
  const device = host.plug(DEFAULT_DEVICE);
  assert.equal(device.name, 'fwctl5');
  const transport = new InprocessTransport();
  const file = await transport.openDeviceLate(device.fileOps);
  assert.deepEqual(file.info(), { deviceType: 3, data: Uint8Array.from([7, 0, 0, 0]), dataLength: 4 });
  assert.deepEqual([...(await file.rpcLate(1, Uint8Array.from([1]), 3))], [1, 2, 3]);
  await assert.rejects(file.rpcLate(2, Uint8Array.from([1]), 3), { name: 'EBADMSG' });
  file.close();
  refuse = true;
  await assert.rejects(transport.openDeviceLate(device.fileOps), { name: 'EBUSY' });
  assert.deepEqual(asked, ['1 1 3', '2 1 3', 'close']);
});

/** A machine that can be recorded at any time, and a folder. */
function recordable(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-recording-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const failures: string[] = [];
  const hub = new RecordHub(
    async () => MESSAGES,
    (why) => failures.push(why),
  );
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS, interceptors: [hub.taps] });
  const { fileOps } = host.plug(DEFAULT_DEVICE);
  const start = (name: string, more: Partial<RecordRequest> = {}) =>
    hub.start({ path: join(folder, name), replace: false, masked: [], ...more });
  const linesOf = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
  return { folder, failures, hub, host, fileOps, start, linesOf, transport: new InprocessTransport() };
}

test('a recording that begins among open files has their calls from then on, and replays', async (t) => {
  const { hub, fileOps, transport, start, linesOf } = recordable(t);
  const [first, second, idle] = [0, 1, 2].map(() => transport.openDevice(fileOps)) as [
    InprocessFile,
    InprocessFile,
    InprocessFile,
  ];
  first.rpc(1, PAOS, 32);
  assert.equal((await start('a.jsonl')).state, 'recording');
  const heard: unknown[] = [second.rpc(1, PAOS, 32), first.info(), first.rpc(0, queryHcaCap('ODP'), 272)];
  const third = transport.openDevice(fileOps);
  heard.push(third.rpc(1, PAOS, 32));
  idle.close();
  third.close();
  assert.deepEqual([hub.status().state, hub.status().exchanges], ['recording', 8]);
  assert.equal(hub.stop().state, 'complete');
  first.rpc(1, PAOS, 32);
  const lines = linesOf('a.jsonl');
  assert.deepEqual(
    lines.slice(2).map((line) => {
      const { file, already, comm, ...row } = JSON.parse(line) as Record<string, unknown>;
      return [Object.keys(row)[0], file, already ?? false].join(' ');
    }),
    [
      'open 1 true',
      'rpc 1 false',
      'open 2 true',
      'info 2 false',
      'rpc 2 false',
      'open 3 false',
      'rpc 3 false',
      'close 3 false',
    ],
  );
  // A client that opens both first, as this one did, is answered in strict order too.
  const again = replayed(lines);
  const [one, two] = [0, 1].map(() => again.transport.openDevice(again.fileOps)) as [InprocessFile, InprocessFile];
  const replies: unknown[] = [two.rpc(1, PAOS, 32), one.info(), one.rpc(0, queryHcaCap('ODP'), 272)];
  replies.push(again.transport.openDevice(again.fileOps).rpc(1, PAOS, 32));
  assert.deepEqual(replies, heard);
  assert.deepEqual([again.player.misses, again.player.unused], [[], 0]);
  // Another recording knows nothing of the first.
  await start('b.jsonl');
  first.rpc(1, PAOS, 32);
  first.close();
  second.close();
  hub.stop();
  assert.deepEqual(
    linesOf('b.jsonl').map((line) => Object.keys(JSON.parse(line) as object)[0]),
    ['fwctl_emu_recording', 'device', 'open', 'rpc', 'close'],
  );
});

test('one device of several; a device that is plugged again is one device', async (t) => {
  const { hub, host, fileOps, transport, start, linesOf } = recordable(t);
  const other = host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:0b.0' });
  await start('one.jsonl', { device: 'fwctl1' });
  transport.openDevice(fileOps).info();
  const file = transport.openDevice(other.fileOps);
  file.info();
  file.close();
  host.unplug('fwctl1');
  const plugged = host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:0b.0' });
  assert.equal(plugged.name, 'fwctl1');
  transport.openDevice(plugged.fileOps).rpc(1, PAOS, 32);
  hub.stop();
  const rows = linesOf('one.jsonl').map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(rows.every((row) => !JSON.stringify(row).includes('fwctl0')));
  assert.equal(rows.filter(({ device }) => device !== undefined).length, 1);
  assert.deepEqual(
    rows.flatMap(({ open, file }) => (open === undefined ? [] : [[open, file]])),
    [
      ['fwctl1', 1],
      ['fwctl1', 2],
    ],
  );
});

test('a device that was plugged again while a file was open has another number, and both are there in the replay', async (t) => {
  const { folder, hub, host, fileOps, transport, start } = recordable(t);
  await start('both.jsonl');
  transport.openDevice(fileOps);
  host.unplug('fwctl0');
  transport.openDevice(host.plug(DEFAULT_DEVICE).fileOps);
  hub.stop();
  const parts = { drivers: DRIVERS, messages: MESSAGES, say: () => {} };
  const { devices, standIns } = openReplay(join(folder, 'both.jsonl'), 'strict', parts);
  assert.deepEqual(
    devices.map((spec) => [spec.pci, standIns.probe(spec as FunctionSpec)?.minor]),
    [
      ['0000:00:0a.0', 0],
      ['0000:00:0b.0', 1],
    ],
  );
});

test('a recording of a device whose profile is a file that is not here is replayed all the same', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-replay-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { transport, fileOps, lines, recorder } = recorded();
  const reply = transport.openDevice(fileOps).rpc(1, PAOS, 32);
  recorder.lines.close();
  const path = join(folder, 'a.jsonl');
  writeFileSync(path, lines.join('\n').replace('"profile":"connectx6dx"', '"profile":"/gone/card.yaml"'));
  const parts = { drivers: DRIVERS, messages: MESSAGES, say: () => {} };
  const { devices, standIns } = openReplay(path, 'strict', parts);
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS, instead: standIns });
  const [spec] = devices;
  assert.equal(spec?.profile, '/gone/card.yaml');
  const device = host.plug(spec);
  assert.deepEqual(
    device.parents.map(({ name }) => name),
    ['0000:00:0a.0', 'mlx5_core.fwctl.0'],
  );
  assert.deepEqual(new InprocessTransport().openDevice(device.fileOps).rpc(1, PAOS, 32), reply);
});

test('no file is replaced unless asked, none is written through a link, and there is one recording at a time', async (t) => {
  const { folder, hub, start } = recordable(t);
  writeFileSync(join(folder, 'old.jsonl'), 'old');
  await assert.rejects(start('old.jsonl'), /old\.jsonl exists; give another name, or replace it \(--force\)/);
  writeFileSync(join(folder, 'broken.jsonl.part'), 'half');
  await assert.rejects(start('broken.jsonl'), /broken\.jsonl\.part exists: another recording writes it, or one was/);
  symlinkSync(join(folder, 'old.jsonl'), join(folder, 'link.jsonl.part'));
  await assert.rejects(start('link.jsonl', { replace: true }), /link\.jsonl\.part cannot be written \(ELOOP\)/);
  mkdirSync(join(folder, 'directory'));
  await assert.rejects(start('directory', { replace: true }), /directory is a directory; give another name/);
  writeFileSync(join(folder, 'notes.part'), 'mine');
  await assert.rejects(start('notes', { replace: true }), /notes\.part is there, and is no recording that was broken/);
  assert.equal(readFileSync(join(folder, 'notes.part'), 'utf8'), 'mine');
  assert.equal(spawnSync('mkfifo', [join(folder, 'pipe.part')]).status, 0);
  await assert.rejects(start('pipe', { replace: true }), /pipe\.part is a FIFO; give another name/);
  assert.ok(lstatSync(join(folder, 'pipe.part')).isFIFO());
  await assert.rejects(start('no/such.jsonl'), /cannot be written \(ENOENT\)/);
  assert.equal(readFileSync(join(folder, 'old.jsonl'), 'utf8'), 'old');
  assert.equal(hub.status().state, 'none');
  const both = await Promise.allSettled([start('one.jsonl'), start('two.jsonl')]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  hub.stop();
  await start('old.jsonl', { replace: true });
  await assert.rejects(start('new.jsonl'), /old\.jsonl is being recorded; stop that first/);
  assert.equal(readFileSync(join(folder, 'old.jsonl'), 'utf8'), 'old', 'it is replaced when the new one is complete');
  hub.stop();
  assert.match(readFileSync(join(folder, 'old.jsonl'), 'utf8'), /^\{"fwctl_emu_recording":1/);
  writeFileSync(join(folder, 'again.jsonl.part'), '{"fwctl_emu_recording":1,"masked":[]}\nhalf');
  await start('again.jsonl', { replace: true });
  hub.stop();
  assert.doesNotMatch(readFileSync(join(folder, 'again.jsonl'), 'utf8'), /half/);
  // What takes the name meanwhile is not replaced either.
  await start('late.jsonl');
  writeFileSync(join(folder, 'late.jsonl'), 'mine');
  const { state, failure } = hub.stop();
  assert.equal(state, 'failed');
  assert.match(failure ?? '', /late\.jsonl cannot be made \(EEXIST\); what was written is in .*late\.jsonl\.part/);
  assert.equal(readFileSync(join(folder, 'late.jsonl'), 'utf8'), 'mine');
  await start('odd.jsonl', { replace: true });
  assert.equal(spawnSync('mkfifo', [join(folder, 'odd.jsonl')]).status, 0);
  assert.match(hub.stop().failure ?? '', /odd\.jsonl is a FIFO; give another name; what was written is in .*\.part/);
  assert.ok(lstatSync(join(folder, 'odd.jsonl')).isFIFO());
});
