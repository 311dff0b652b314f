/** The history against the trace: what is decoded later is what would have been said at once. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadPast, type Past, pastCall } from '../../../src/control/inspector/past.ts';
import { reportDevices, reportEvents } from '../../../src/control/inspector/past-report.ts';
import { parseFault } from '../../../src/host/interceptors/faults/parse.ts';
import { detailOf, shapeOf } from '../../../src/host/interceptors/trace/call-shape.ts';
import { eventOfJson } from '../../../src/host/interceptors/trace/event-of-json.ts';
import type { PastEvent } from '../../../src/host/interceptors/trace/past-events.ts';
import type { TraceEvent } from '../../../src/host/interceptors/trace/trace-event.ts';
import { eventJson } from '../../../src/host/interceptors/trace/trace-json.ts';
import { type InprocessFile, InprocessTransport } from '../../../src/transport/inprocess.ts';
import { command, registerCommand } from '../host/interceptors/trace/trace-fixture.ts';
import { Rig } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.close());

function openFile(name = 'fwctl0'): InprocessFile {
  const device = rig.host.devices().find((one) => one.name === name);
  if (device === undefined) throw new Error(name);
  return new InprocessTransport().openDevice(device.fileOps);
}

const past = (): Promise<Past> => loadPast({ ...rig.context, history: rig.history, messages: rig.context.messages });

/** Without times, and what a trace says of the call before. */
function told(event: PastEvent): object {
  const { time, us, changed, uid, ...rest } = JSON.parse(eventJson(event as TraceEvent, true));
  return event.kind === 'close' ? rest : { ...rest, uid };
}

test('every kind of event, later and at once', async () => {
  const traced: TraceEvent[] = [];
  await rig.trace.subscribe({ detail: 'all', raw: true, listener: (event) => traced.push(event) });
  const file = openFile();
  file.info(64);
  file.rpc(0, command(0x100, 1), 4112);
  file.rpc(1, registerCommand(0x9020, 1, 160), 176);
  assert.throws(() => file.rpc(0, registerCommand(0x9020, 1, 160), 176));
  assert.throws(() => file.rpc(9, command(0x100, 1), 4112));
  file.rpc(2, registerCommand(0x9999, 1, 160), 176); // the firmware refuses it; and it taints
  file.ioctl(0x5401, 0);
  file.ioctl(0x9a01, 0xdead0000);
  file.close();
  const { events } = await past();
  const { first, next } = rig.history.ring;
  const later = [];
  for (let number = first; number < next; number++) {
    const event = events.event(number, 'all');
    if (event !== undefined && event.kind !== 'plug') later.push(told(event));
  }
  assert.equal(later.length, traced.length);
  assert.deepEqual(later, traced.map(told));
});

test('a held call is seen while it is held, with the fault that holds it', async () => {
  const messages = await rig.context.messages();
  const fault = parseFault('rpc:opcode=QUERY_HCA_CAP:hang', messages, (_, message) => assert.fail(message));
  if (fault === undefined) return;
  const id = rig.context.faults.add(fault);
  const file = openFile();
  const late = file.rpcLate(0, command(0x100, 1), 4112);
  const { events } = await past();
  const [pending] = [...rig.history.pending];
  assert.ok(pending);
  const shown = events.pendingEvent(pending);
  assert.equal(
    shown.kind === 'ioctl' && shown.part?.kind === 'rpc' && shown.part.request?.command,
    'QUERY_HCA_CAP(GENERAL, current)',
  );
  rig.context.faults.release(id);
  await late;
  assert.equal(rig.history.pending.size, 0);
  const kinds = [];
  for (let n = rig.history.ring.first; n < rig.history.ring.next; n++) kinds.push(events.event(n, 'keys'));
  const strike = kinds.find((event) => event?.kind === 'strike');
  assert.deepEqual(
    { ...strike, timeUs: 0 },
    { kind: 'strike', device: 'fwctl0', file: 1, id, text: fault.text, timeUs: 0 },
  );
  const call = kinds.at(-1);
  assert.equal(call?.kind === 'ioctl' && call.held, true);
});

test('fields lie where the bytes say, to the bit', async () => {
  const file = openFile();
  const request = registerCommand(0x9020, 1, 160);
  file.rpc(1, request, 176);
  const call = pastCall(await past(), rig.history.ring.next - 1);
  assert.deepEqual(
    call?.messages.map(({ title, length }) => [title, length]),
    [
      ['request', 176],
      ['reply', 176],
    ],
  );
  const [asked, answered] = call?.messages ?? [];
  assert.deepEqual(
    asked?.fields.slice(0, 3).map(([name, value]) => [name, value]),
    [
      ['opcode', 'ACCESS_REG'],
      ['op_mod', '1'],
      ['register_id', 'MGIR 0x9020'],
    ],
  );
  // fw_info.major is a byte of its own; in_dev's bits are told by a mask
  const narrow = answered?.fields.filter(([, , , , mask]) => mask !== undefined) ?? [];
  assert.ok(narrow.length > 0, 'MGIR has fields narrower than a byte');
  for (const [name, value, from, to, mask = ''] of narrow) {
    const bits = BigInt(`0x${mask}`);
    const whole = BigInt(`0x${answered?.hex.slice(2 * from, 2 * to)}`);
    const shift = BigInt([...bits.toString(2)].reverse().indexOf('1'));
    assert.equal((whole & bits) >> shift, BigInt(value), name);
  }
});

test('the fault that a call is copied as strikes that call', async () => {
  const file = openFile();
  const requests = [command(0x100, 1), registerCommand(0x9020, 1, 160), command(0x10a, 0)];
  const read = await rig.context.messages();
  for (const request of requests) {
    file.rpc(1, request, 4112);
    const text = pastCall(await past(), rig.history.ring.next - 1)?.fault ?? '';
    const fault = parseFault(text, read, (_, message) => assert.fail(`${text}: ${message}`));
    assert.ok(fault, text);
    const id = rig.context.faults.add(fault);
    assert.throws(() => file.rpc(1, request, 4112), { name: 'EIO' }, text);
    rig.context.faults.remove(id);
  }
});

test('a report of 10,000 calls of every sort has under 2 MB, and tells each as the live page is told it', async () => {
  const big = new Rig({ entries: 16 * 1024, bytes: 64 * 1024 * 1024 });
  try {
    const device = big.host.devices()[0];
    const file = new InprocessTransport().openDevice((device as NonNullable<typeof device>).fileOps);
    // temperature, counters, the whole of the capabilities, a register that refuses, a scope that does
    const calls = [
      () => file.rpc(1, registerCommand(0x900a, 1, 32), 48),
      () => file.rpc(1, registerCommand(0x5008, 1, 256), 272),
      () => file.rpc(0, command(0x100, 1), 4112),
      () => file.rpc(2, registerCommand(0x9999, 1, 160), 176),
      () => assert.throws(() => file.rpc(0, registerCommand(0x9020, 1, 160), 176)),
    ];
    for (let i = 0; i < 10_000; i++) calls[i % calls.length]?.();
    const read = await loadPast({ ...big.context, history: big.history, messages: big.context.messages });
    const events = reportEvents(read.events);
    assert.equal(events.rows.length / 5, big.history.ring.next);
    const size = gzipSync(JSON.stringify({ events, devices: reportDevices(big.host) }), { level: 9 }).length * (4 / 3);
    assert.ok(size < 2 * 1024 * 1024, `${size} bytes`);
    for (const number of [2, 3, 4, 5, 6, 7777, 10_001]) {
      const [, , , , at] = events.rows.slice(5 * number, 5 * number + 5);
      const { messages, fault } = events.details[at ?? -1] ?? { messages: [] };
      const live = pastCall(read, number);
      assert.equal(fault, live?.fault);
      const unpacked = messages.map((id) => {
        const [title, layout, hex, length, values] = events.messages[id] as (typeof events.messages)[number];
        const fields = events.layouts[layout]?.map(([name, ...place], i) => [name, values[i], ...place]);
        return { title, hex, length, fields };
      });
      assert.deepEqual(unpacked, live?.messages, `event ${number}`);
    }
  } finally {
    big.close();
  }
});

test('lines of a JSON trace become the events that they were', async () => {
  const traced: TraceEvent[] = [];
  await rig.trace.subscribe({ detail: 'all', raw: true, listener: (event) => traced.push(event) });
  const file = openFile();
  file.info(64);
  file.rpc(1, registerCommand(0x9020, 1, 160), 176);
  assert.throws(() => file.rpc(0, registerCommand(0x9020, 1, 160), 176));
  file.rpc(2, registerCommand(0x9999, 1, 160), 176);
  file.close();
  const messages = await rig.context.messages();
  for (const event of traced) {
    const line = eventJson(event, true);
    const again = eventOfJson(line, messages);
    assert.ok(typeof again === 'object');
    const known = 'driver' in again ? messages.get(again.driver ?? '') : undefined;
    // but INFO's driver, which no line has
    const driver = 'driver' in event && event.kind === 'ioctl' && event.part?.kind === 'rpc' ? event.driver : undefined;
    const told = 'driver' in event ? { ...event, driver } : event;
    assert.deepEqual(
      JSON.parse(JSON.stringify(shapeOf(again, known))),
      JSON.parse(JSON.stringify(shapeOf(told, known))),
    );
    if (event.kind !== 'ioctl' || event.part?.kind !== 'rpc') continue;
    assert.deepEqual(detailOf(again, known), detailOf(event, known));
  }
  assert.equal(eventOfJson('{"event":"dropped","count":7}', messages), 7);
  assert.throws(() => eventOfJson('{"time":"2026-12-01T00:00:00.000000Z","event":"open"}', messages), /no device/);
  assert.throws(() => eventOfJson('{"event":"open"}', messages), /no time/);
});
