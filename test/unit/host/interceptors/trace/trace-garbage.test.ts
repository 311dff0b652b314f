/** Whatever stands in a frame, an event is made, written, and nothing is thrown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Held } from '../../../../../src/abi/held.ts';
import { mlx5Messages } from '../../../../../src/drivers/mlx5/dialect/messages.ts';
import type { TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { eventJson } from '../../../../../src/host/interceptors/trace/trace-json.ts';
import { eventText } from '../../../../../src/host/interceptors/trace/trace-text.ts';
import { FRAME } from '../../../../../src/kernel/call.ts';
import { Errno } from '../../../../../src/kernel/errno.ts';
import { plainCaller } from '../../../../../src/transport/inprocess.ts';
import { ArrayCall, abiNamed, HandClock, TOOL, traceFileOps } from './trace-fixture.ts';

const MEMORY = 4096;

/** A random driver below: copies random ranges in and out, and ends in any way. */
const behaviour = fc.record({
  cmd: fc.constantFrom(0x9a00, 0x9a01, 0x9a02, 0xffffffff),
  structure: fc.oneof(
    fc.uint8Array({ maxLength: 40, size: 'max' }),
    fc.uint8Array({ minLength: 32, maxLength: 32, max: 2 }),
  ),
  opcode: fc.constantFrom(0x100, 0x805, 0xb0c, 0xa05, 0x101, 0xffff),
  opMod: fc.nat(0xffff),
  payload: fc.uint8Array({ maxLength: 300, size: 'max' }),
  register: fc.constantFrom(0x9020, 0x5006, 0x6001, 0xffff, 0),
  reply: fc.uint8Array({ maxLength: 400, size: 'max' }),
  status: fc.constantFrom(0, 0, 3, 0xfe),
  steps: fc.nat(4),
  ending: fc.constantFrom('ok', 'EBADMSG', 'EFAULT', 'bug', 'text'),
  comm: fc.string(),
});

test('garbage frames', () => {
  const events: TraceEvent[] = [];
  const names = new Set<string>();
  let step: (call: ArrayCall) => number = () => 0;
  const wrapped = traceFileOps(
    { open: () => ({ ioctl: (call) => step(call as ArrayCall), release: () => {} }) },
    {
      device: 'fwctl0',
      abi: abiNamed('linux-7.3'),
      clock: new HandClock(),
      sink: (event) => events.push(event),
      messages: mlx5Messages,
    },
  );
  const file = wrapped.open(TOOL, 2);
  assert.ok(!(file instanceof Held));
  fc.assert(
    fc.property(behaviour, (b) => {
      const memory = new Uint8Array(MEMORY);
      memory.set(b.structure, 0);
      const view = new DataView(memory.buffer);
      if (b.structure.length >= 32) view.setUint32(0, 32, true);
      memory.set(b.payload, 1024);
      view.setUint16(1024, b.opcode);
      view.setUint16(1024 + 6, b.opMod);
      view.setUint16(1024 + 10, b.register);
      const call = new ArrayCall(memory, plainCaller({ tid: 1, comm: () => b.comm }));
      call.cmd = b.cmd;
      step = (traced) => {
        if (b.steps > 0) traced.copyFromUser(FRAME.arg, 0, FRAME.ucmd, b.structure.length);
        traced.view.setBigUint64(FRAME.ucmd + 16, 1024n, true);
        traced.view.setBigUint64(FRAME.ucmd + 24, 2048n, true);
        if (b.steps > 1) traced.copyFromUser(FRAME.ucmd + 16, 0, FRAME.in, b.payload.length);
        traced.bytes.set(b.reply, FRAME.out);
        traced.bytes[FRAME.out] = b.status;
        if (b.steps > 2) traced.copyToUser(FRAME.ucmd + 24, 0, FRAME.out, b.reply.length);
        if (b.steps > 3) traced.commit();
        if (b.ending === 'ok') return 0;
        if (b.ending === 'bug') throw new TypeError('bug');
        if (b.ending === 'text') throw 'text';
        throw new Errno(b.ending === 'EFAULT' ? 'EFAULT' : 'EBADMSG', 'rule');
      };
      const before = events.length;
      try {
        file.ioctl(call);
        assert.equal(b.ending, 'ok');
      } catch {
        assert.notEqual(b.ending, 'ok');
      }
      assert.equal(events.length, before + 1);
      const event = events.at(-1) as TraceEvent;
      const text = eventText(event, { fields: 'all', color: false });
      assert.doesNotMatch(text, /[^ -~\n]/);
      JSON.parse(eventJson(event));
      if (event.kind === 'ioctl' && event.part?.kind === 'rpc' && event.part.request)
        names.add(event.part.request.command);
      if (b.steps < 2 && event.kind === 'ioctl' && event.part?.kind === 'rpc')
        assert.equal(event.part.request, undefined);
      events.length = 0;
    }),
    { numRuns: 3000 },
  );
  // the property is of use only where payloads were decoded
  assert.ok(names.size > 20, `${names.size} commands decoded`);
});
