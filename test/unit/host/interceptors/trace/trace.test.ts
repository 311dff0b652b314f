import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../../src/abi/held.ts';
import type { IoctlEvent, TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { FRAME } from '../../../../../src/kernel/call.ts';
import { Errno } from '../../../../../src/kernel/errno.ts';
import type { FileOps } from '../../../../../src/kernel/file-ops.ts';
import { plainCaller } from '../../../../../src/transport/inprocess.ts';
import {
  ArrayCall,
  abiNamed,
  command,
  HandClock,
  registerCommand,
  TOOL,
  tracedMlx5,
  traceFileOps,
} from './trace-fixture.ts';

const silent = (): undefined => undefined;
const WHO = 'fwctl0 #1 mlx5ctl/4711';

/** FileOps whose one file does `ioctl`. */
function fileOpsDoing(ioctl: (call: ArrayCall) => number | Held<number>): FileOps {
  return { open: () => ({ ioctl: (call) => ioctl(call as ArrayCall), release: () => {} }) };
}

function traced(fileOps: FileOps) {
  const events: TraceEvent[] = [];
  const clock = new HandClock();
  const wrapped = traceFileOps(fileOps, {
    device: 'fwctl0',
    abi: abiNamed('linux-7.3'),
    clock,
    sink: (event) => events.push(event),
  });
  return { events, clock, wrapped };
}

test('open, info, RPC and close are one line each', () => {
  const { fileOps, transport, lines, clock } = tracedMlx5((request, reply) => {
    assert.equal(request.view.getUint16(0), 0x100);
    clock.pass(0.038);
    // GENERAL: log_max_qp, 5 bits at bit 155; num_ports, 8 bits at bit 440
    reply.bytes[16 + 19] = 17;
    reply.bytes[16 + 55] = 1;
    return undefined;
  });
  const file = transport.openDevice(fileOps, { caller: TOOL });
  file.info(8);
  file.rpc(0, command(0x100, 1), 4112);
  clock.pass(2);
  file.close();
  const [open, info, rpc, close] = lines();
  assert.equal(open, `${WHO} open(O_RDWR) -> OK  0us`);
  assert.equal(info, `${WHO} INFO data_len=8 -> OK  type=mlx5 uid=1 uctx_caps=0x0 data_len=8  0us`);
  assert.equal(
    rpc,
    `${WHO} RPC scope=CONFIGURATION QUERY_HCA_CAP(GENERAL, current) uid=1 in=16 out=4112 -> OK` +
      '  log_max_qp=17 log_max_cq=0 ...  38us',
  );
  assert.equal(close, `${WHO} close uid=1  after 2 ioctls  2.0ms`);
});

test('files are numbered, a close carries its own opener and uid', () => {
  const { fileOps, transport, events } = tracedMlx5(silent);
  const first = transport.openDevice(fileOps, { caller: plainCaller({ tid: 1, comm: () => 'one' }) });
  const second = transport.openDevice(fileOps, { caller: plainCaller({ tid: 2, comm: () => 'two' }) });
  first.info(8);
  second.info(8);
  second.close();
  first.close();
  const closes = events.filter((event) => event.kind === 'close');
  assert.deepEqual(
    closes.map(({ file, comm, uid, ioctls }) => ({ file, comm, uid, ioctls })),
    [
      { file: 2, comm: 'two', uid: 2, ioctls: 1 },
      { file: 1, comm: 'one', uid: 1, ioctls: 1 },
    ],
  );
});

test('a scope refusal names the rule, who passes it, and the fix', () => {
  const { fileOps, transport, lines } = tracedMlx5(silent);
  const file = transport.openDevice(fileOps, { caller: TOOL });
  assert.throws(() => file.rpc(0, registerCommand(0x9020, 1, 160), 176), { name: 'EBADMSG' });
  const line = lines()[1] ?? '';
  assert.match(
    line,
    /RPC scope=CONFIGURATION ACCESS_REG\(read MGIR 0x9020\) in=176 out=176 -> EBADMSG: .*DEBUG_READ_ONLY/,
  );
  assert.match(
    line,
    / {2}\| passes: scope 1,2,3; abi v2 with scope 0 {2}\| fix: set fwctl_rpc\.scope = FWCTL_RPC_DEBUG_READ_ONLY \(fwctl-emu scopes --driver mlx5\)/,
  );
  // the uid is the driver's to put in, and it did not get there
  assert.doesNotMatch(line, /uid=/);
});

test('a command that another kernel alone passes, and one that none does', () => {
  const old = tracedMlx5(silent, 'v2');
  const file = old.transport.openDevice(old.fileOps, { caller: TOOL });
  assert.throws(() => file.rpc(1, command(0x80d, 0), 16), { name: 'EBADMSG' });
  assert.match(
    old.lines()[1] ?? '',
    /passes: abi linux-6\.15 with scope 1; .*abi linux-7\.3 with scope 1 {2}\| fix: .*--abi linux-6\.15/,
  );

  const { transport, fileOps, lines } = tracedMlx5(silent);
  assert.throws(() => transport.openDevice(fileOps, { caller: TOOL }).rpc(3, command(0x800, 0), 16), {
    name: 'EBADMSG',
  });
  assert.match(lines().at(-1) ?? '', /passes: in no scope of any kernel/);
});

test('refusals before the request is read decode nothing of it', () => {
  const { fileOps, transport, events, lines } = tracedMlx5(silent);
  const file = transport.openDevice(fileOps, { caller: plainCaller({ ...TOOL, capable: () => false }) });
  file.rpc(0, command(0x100, 1), 64);
  assert.throws(() => file.rpc(3, command(0x100, 1), 64), { name: 'EPERM' });
  const refused = events.at(-1) as IoctlEvent;
  assert.equal(refused.part?.kind === 'rpc' && refused.part.request, undefined);
  assert.match(
    lines().at(-1) ?? '',
    /RPC scope=DEBUG_WRITE_FULL in=16 out=64 -> EPERM: .*CAP_SYS_RAWIO.* \| fix: run with CAP_SYS_RAWIO/,
  );
});

test('what an earlier call left in the frame is never shown', () => {
  const { fileOps, transport, events, lines } = tracedMlx5(silent);
  const file = transport.openDevice(fileOps, { caller: TOOL });
  file.rpc(0, command(0x100, 1), 64);
  assert.equal(file.ioctl(0x9a01, 0x10), -14);
  assert.equal((events.at(-1) as IoctlEvent).part, undefined);
  assert.match(lines().at(-1) ?? '', / RPC -> EFAULT: the size word/);
  assert.equal(file.ioctl(0xc0189a00, 0x10), -25);
  assert.match(lines().at(-1) ?? '', / ioctl 0xc0189a00 -> ENOTTY: .*fix: /);
  assert.equal(file.ioctl(0x5413, 0x10), -25);
  assert.match(lines().at(-1) ?? '', / ioctl 0x5413 -> ENOTTY/);
});

test('a size word below the structure hides the bytes behind it', () => {
  const { fileOps, transport, events } = tracedMlx5(silent);
  const file = transport.openDevice(fileOps, { caller: TOOL });
  const argument = transport.memory.allocate(64);
  transport.memory.view(argument, 64).fill(0x77);
  new DataView(transport.memory.view(argument, 64).buffer).setUint32(
    transport.memory.view(argument, 64).byteOffset,
    8,
    true,
  );
  assert.equal(file.ioctl(0x9a01, argument), -22);
  assert.equal((events.at(-1) as IoctlEvent).part, undefined);
});

test('a firmware status is told with its syndrome and is no errno', () => {
  const { fileOps, transport, lines } = tracedMlx5((_request, reply) => {
    reply.bytes[0] = 3;
    reply.view.setUint32(4, 0x4bb88f);
    return undefined;
  });
  transport.openDevice(fileOps, { caller: TOOL }).rpc(1, registerCommand(0x5006, 1, 16), 32);
  assert.match(
    lines().at(-1) ?? '',
    /-> firmware BAD_PARAM\(0x3\) syndrome 0x4bb88f: bad parameter, and the syndrome is not of the emulated firmware {2}0us$/,
  );
});

test('an RPC that ran, whose answer could not be written, says so', () => {
  const { fileOps, transport, lines } = tracedMlx5(silent);
  const file = transport.openDevice(fileOps, { caller: TOOL });
  const { memory } = transport;
  const argument = memory.allocate(64);
  const request = memory.allocate(64);
  memory.view(request, 16).set(command(0x100, 1));
  const bytes = memory.view(argument, 32);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, 32, true);
  view.setUint32(8, 16, true);
  view.setUint32(12, 64, true);
  view.setBigUint64(16, BigInt(request), true);
  view.setBigUint64(24, 0x10n, true);
  assert.equal(file.ioctl(0x9a01, argument), -14);
  assert.match(
    lines().at(-1) ?? '',
    /QUERY_HCA_CAP\(GENERAL, current\) uid=1 .* -> EFAULT: .* \| the command was executed/,
  );
});

test('the taint warning is a line of its own, before the RPC that caused it', () => {
  const { fileOps, transport, lines } = tracedMlx5(silent);
  const file = transport.openDevice(fileOps, { caller: TOOL });
  file.rpc(2, command(0x100, 1), 64);
  const [, kmsg, rpc] = lines();
  assert.match(
    kmsg ?? '',
    /^kernel: <4> fwctl fwctl0: mlx5ctl\(1\): has requested full access to the physical device$/,
  );
  assert.match(rpc ?? '', /RPC scope=DEBUG_WRITE /);
});

test('a held RPC is traced once, when it is answered, with its duration', async () => {
  const held = new Held<undefined>();
  const { fileOps, transport, events, lines, clock } = tracedMlx5((request) =>
    request.view.getUint16(0) === 0x100 && request.view.getUint16(6) === 1 ? held : undefined,
  );
  const file = transport.openDevice(fileOps, { caller: TOOL });
  const answer = file.rpcLate(0, command(0x100, 1), 64);
  assert.equal(events.length, 1);
  // another call of the same file meanwhile
  file.rpc(0, command(0x100, 0x21), 64);
  clock.pass(1500);
  held.release(() => undefined);
  assert.equal((await answer).length, 64);
  const [, other, late] = lines();
  assert.match(other ?? '', /QUERY_HCA_CAP\(.*, current\) uid=1/);
  assert.match(late ?? '', /QUERY_HCA_CAP\(GENERAL, current\) uid=1 .*held 1\.5s$/);
  assert.equal(events[2]?.timeUs, events[0]?.timeUs);
});

test('a held open, and a held refusal', () => {
  const held = new Held<{ ioctl: () => number; release: () => void }>();
  const late = new Held<number>();
  const { events, wrapped, clock } = traced({ open: () => held });
  const open = wrapped.open(TOOL, 0);
  assert.ok(open instanceof Held);
  assert.equal(events.length, 0);
  held.release(() => ({ ioctl: () => late as never, release: () => {} }));
  const file = open.get();
  const [opened] = events;
  assert.ok(opened?.kind === 'open' && opened.held);
  const answer = file.ioctl(new ArrayCall(new Uint8Array(64)));
  assert.ok(answer instanceof Held);
  clock.pass(10);
  late.release(() => {
    throw new Errno('ENODEV', 'gone');
  });
  assert.throws(() => answer.get(), { name: 'ENODEV' });
  const refused = events[1];
  assert.ok(refused?.kind === 'ioctl' && refused.held && refused.outcome.kind === 'refused');
  assert.equal(refused.outcome.errno, 'ENODEV');
  assert.equal(refused.durationUs, 10_000);
});

test('a refused open', () => {
  const { events, wrapped } = traced({
    open() {
      throw new Errno('ENXIO', 'no device has this number', 'plug it');
    },
  });
  assert.throws(() => wrapped.open(TOOL, 2), { name: 'ENXIO' });
  const [event] = events;
  assert.ok(event?.kind === 'open' && event.outcome.kind === 'refused');
  assert.equal(event.outcome.fix, 'plug it');
});

test('an exception that is no errno is told and passed on unchanged', () => {
  const bug = new TypeError('x is undefined');
  const { events, wrapped } = traced(
    fileOpsDoing(() => {
      throw bug;
    }),
  );
  const file = wrapped.open(TOOL, 2);
  assert.ok(!(file instanceof Held));
  assert.throws(() => file.ioctl(new ArrayCall(new Uint8Array(0))), bug);
  assert.deepEqual((events[1] as IoctlEvent).outcome, { kind: 'failed', message: 'x is undefined' });
});

test('a run that the transport breaks off to fetch more memory is not an ioctl', () => {
  const more = new Error('more');
  const unreachable = Object.assign(new Error('not permitted'), { errno: 1 });
  let thrown: Error | undefined = more;
  class FetchingCall extends ArrayCall {
    override copyFromUser(...args: [number, number, number, number]): number {
      if (thrown !== undefined) throw thrown;
      return super.copyFromUser(...args);
    }
  }
  const { events, wrapped } = traced(fileOpsDoing((call) => call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 4)));
  const file = wrapped.open(TOOL, 2);
  assert.ok(!(file instanceof Held));
  const call = new FetchingCall(new Uint8Array(64));
  assert.throws(() => file.ioctl(call), more);
  thrown = undefined;
  assert.equal(file.ioctl(call), 4);
  assert.equal(events.length, 2);
  thrown = unreachable;
  assert.throws(() => file.ioctl(call), unreachable);
  file.release();
  assert.deepEqual((events[2] as IoctlEvent).outcome, { kind: 'failed', message: 'not permitted' });
  assert.ok(events[3]?.kind === 'close' && events[3].ioctls === 2);
});

test('a listener that throws harms no call', () => {
  const wrapped = traceFileOps(
    fileOpsDoing(() => 7),
    {
      device: 'fwctl0',
      abi: abiNamed('v2'),
      clock: new HandClock(),
      sink: () => {
        throw new Error('broken');
      },
    },
  );
  const file = wrapped.open(TOOL, 2);
  assert.ok(!(file instanceof Held));
  assert.equal(file.ioctl(new ArrayCall(new Uint8Array(0))), 7);
  file.release();
});

test('without a decoder, payloads are shown in hex', () => {
  const memory = new Uint8Array(256);
  const view = new DataView(memory.buffer);
  // struct fwctl_rpc at 0, in at 64, out at 128
  for (const [at, value] of [
    [0, 32],
    [4, 9],
    [8, 4],
    [12, 20],
    [16, 64],
    [24, 128],
  ] as const)
    view.setUint32(at, value, true);
  memory.set([0xde, 0xad, 0xbe, 0xef], 64);
  const { events, wrapped } = traced(
    fileOpsDoing((call) => {
      call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 32);
      call.copyFromUser(FRAME.ucmd + 16, 0, FRAME.in, 4);
      call.bytes.fill(0xa5, FRAME.out, FRAME.out + 20);
      call.copyToUser(FRAME.ucmd + 24, 0, FRAME.out, 20);
      call.commit();
      return 0;
    }),
  );
  const file = wrapped.open(TOOL, 2);
  assert.ok(!(file instanceof Held));
  const call = new ArrayCall(memory);
  call.cmd = 0x9a01;
  assert.equal(file.ioctl(call), 0);
  assert.equal(memory[147], 0xa5);
  const { part } = events[1] as IoctlEvent;
  assert.ok(part?.kind === 'rpc');
  assert.equal(part.requestHex, 'deadbeef');
  assert.equal(part.replyHex, `${'a5'.repeat(16)}...`);
  assert.equal(part.scope, 9);
  assert.equal(part.delivered, true);
});

test('changed fields: first those that are set, then those that differ', () => {
  let qp = 17;
  const { fileOps, transport, events } = tracedMlx5((_request, reply) => {
    reply.bytes[16 + 19] = qp;
    reply.bytes[16 + 55] = 1;
    return undefined;
  });
  const file = transport.openDevice(fileOps, { caller: TOOL });
  const ask = () => {
    file.rpc(0, command(0x100, 1), 4112);
    const { part } = events.at(-1) as IoctlEvent;
    return part?.kind === 'rpc' ? part.changed : undefined;
  };
  assert.deepEqual(ask(), [
    ['log_max_qp', 17],
    ['num_ports', 1],
  ]);
  assert.deepEqual(ask(), []);
  qp = 18;
  assert.deepEqual(ask(), [['log_max_qp', 18]]);
});

test('with detail `keys` the line is the same, and the event has no other fields', () => {
  const lines = (['all', 'keys'] as const).map((detail) => {
    const device = tracedMlx5(
      (_request, reply) => {
        reply.bytes.fill(0x41, 16, reply.length);
        return undefined;
      },
      'linux-7.3',
      detail,
    );
    const file = device.transport.openDevice(device.fileOps, { caller: TOOL });
    file.rpc(1, command(0x100, 1), 4112);
    file.rpc(1, registerCommand(0x9020, 1, 160), 176);
    file.rpc(1, registerCommand(0x9020, 1, 8), 24);
    file.rpc(1, registerCommand(0x6001, 1, 64), 80);
    const parts = device.events.slice(1).map((event) => (event.kind === 'ioctl' ? event.part : undefined));
    const counts = parts.map((part) => (part?.kind === 'rpc' ? part.reply?.fields.length : undefined));
    assert.equal(counts[0] === 0, detail === 'keys', `${counts}`);
    return device.lines();
  });
  assert.deepEqual(lines[0], lines[1]);
});
