/** `--trace-filter`: what fits, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IoctlEvent, TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { compileFilter, FilterError } from '../../../../../src/host/interceptors/trace/trace-filter.ts';
import { MESSAGES } from '../faults/read-fault.ts';

const statusNames = [...MESSAGES.values()].flatMap((messages) => messages.statusNames);
const base = {
  timeUs: 1,
  device: 'fwctl1',
  driver: 'mlx5',
  file: 2,
  comm: 'mlx5ctl',
  tid: 4711,
  callerUid: 1000,
  durationUs: 3,
};
const open: TraceEvent = { ...base, kind: 'open', flags: 2, held: false, outcome: { kind: 'ok', value: 0 } };
const close: TraceEvent = { ...base, kind: 'close', uid: 1, ioctls: 3 };
const kmsg: TraceEvent = { kind: 'kmsg', timeUs: 1, level: 4, text: 'x' };

function rpc(change: Partial<IoctlEvent> = {}, status = 0): TraceEvent {
  const statusName = status === 0 ? 'OK' : 'BAD_PARAM';
  return {
    ...base,
    kind: 'ioctl',
    cmd: 0x9a01,
    held: false,
    outcome: { kind: 'ok', value: 0 },
    part: {
      kind: 'rpc',
      scope: 2,
      inLen: 16,
      outLen: 16,
      uid: 1,
      request: {
        numbers: { opcode: 0x805, op_mod: 1 },
        names: { opcode: 'ACCESS_REG', register: 'MGIR' },
        command: 'ACCESS_REG(read MGIR 0x9020)',
        fields: [],
      },
      requestHex: undefined,
      delivered: true,
      reply: { status, statusName, codes: { syndrome: 0 }, fields: [], keys: [] },
      replyHex: undefined,
      changed: [],
    },
    ...change,
  };
}

const refused = rpc({ outcome: { kind: 'refused', errno: 'EPERM', rule: 'r', fix: undefined, passes: undefined } });

const rows: [string, TraceEvent, boolean][] = [
  ['device=fwctl1', open, true],
  ['device=fwctl0|fwctl1', rpc(), true],
  ['device!=fwctl1', open, false],
  ['device=fwctl0', kmsg, false],
  ['tid=4711,comm=MLX*', close, true],
  ['tid=4711,comm=other', close, false],
  ['uid=1000', open, true],
  ['file=1', open, false],
  ['kind=open|close', close, true],
  ['kind=rpc', rpc(), true],
  ['kind=ioctl', rpc(), true],
  ['kind=info', rpc(), false],
  ['kind=kmsg', kmsg, true],
  ['command=MGIR', rpc(), true],
  ['command=access_reg', rpc(), true],
  ['command=QUERY_*', rpc(), false],
  ['command=0x805', rpc(), true],
  ['command=MG', rpc(), false],
  ['command=MGIR', open, false],
  ['scope=DEBUG_WRITE', rpc(), true],
  ['scope=1', rpc(), false],
  ['outcome=ok', rpc(), true],
  ['outcome=ok', rpc({}, 3), false],
  ['outcome=firmware', rpc({}, 3), true],
  ['outcome=BAD_PARAM', rpc({}, 3), true],
  ['outcome=refused', refused, true],
  ['outcome=EPERM|EIO', refused, true],
  ['outcome!=ok', refused, true],
  ['outcome=held', rpc({ held: true }), true],
  [' kind = rpc , outcome != ok ', refused, true],
];

test('what fits', () => {
  for (const [filter, event, fits] of rows)
    assert.equal(compileFilter(filter, statusNames)(event), fits, `${filter} ${event.kind}`);
});

test('what is refused, and how it is told', () => {
  const wrong: [string, RegExp][] = [
    ['', /^the filter, column 1: "" is not KEY=VALUE/],
    ['device', /column 1: "device" is not KEY=VALUE or KEY!=VALUE \(keys: device,/],
    ['kind=rpc, devise=x', /column 11: there is no key "devise".*did you mean device/],
    ['tid=x', /column 5: tid: "x" is no number/],
    ['device=fwctl0,kind = rpc|opne', /column 26: kind: "opne" .*did you mean open/],
    ['command=a||b', /column 11: command: a value is missing/],
    ['toString=1', /is not KEY=VALUE|no key/],
    ['device=a,', /column 10: "" is not KEY=VALUE/],
    ['outcome!=EPREM', /column 10: outcome: there is no "EPREM"; did you mean EPERM/],
    ['scope=DEBUG_WRIT', /column 7: scope: there is no "DEBUG_WRIT"; did you mean DEBUG_WRITE/],
  ];
  for (const [filter, message] of wrong)
    assert.throws(
      () => compileFilter(filter, statusNames),
      (error) => error instanceof FilterError && message.test(error.message),
      filter,
    );
});

test('any text is a filter or a FilterError, and no pattern hangs', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `command=${text}`),
      ),
      (text) => {
        try {
          compileFilter(text, statusNames)(rpc());
        } catch (error) {
          assert.ok(error instanceof FilterError, String(error));
        }
      },
    ),
  );
  const slow = compileFilter(`command=${'*a'.repeat(20)}`, statusNames);
  const started = performance.now();
  slow(rpc({ comm: 'x' }));
  assert.ok(performance.now() - started < 1000);
});
