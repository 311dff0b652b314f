/** What a trace comes to, and how it is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallSummary } from '../../../../../src/host/interceptors/trace/call-summary.ts';
import { summaryJson, summaryText } from '../../../../../src/host/interceptors/trace/call-summary-text.ts';
import type { IoctlEvent, RpcPart, TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';

const base = { timeUs: 0, device: 'fwctl0', driver: 'mlx5', file: 1, comm: 'x', tid: 1, callerUid: 0, durationUs: 10 };
const rpc = (scope: number, more: Partial<RpcPart>): RpcPart => ({
  kind: 'rpc',
  scope,
  inLen: 16,
  outLen: 16,
  uid: 1,
  request: {
    numbers: { opcode: 0x805 },
    names: { opcode: 'ACCESS_REG', register: 'PAOS' },
    command: 'ACCESS_REG(read PAOS)',
    fields: [],
  },
  requestHex: undefined,
  delivered: true,
  reply: undefined,
  replyHex: undefined,
  changed: [],
  ...more,
});
const call = (more: Partial<IoctlEvent>): TraceEvent => ({
  ...base,
  kind: 'ioctl',
  cmd: 0x9a01,
  part: rpc(1, {}),
  held: false,
  outcome: { kind: 'ok', value: 0 },
  ...more,
});
const refused = call({
  part: rpc(0, {}),
  durationUs: 30,
  outcome: {
    kind: 'refused',
    errno: 'EBADMSG',
    rule: 'reading needs scope 1',
    fix: 'set scope = 1',
    passes: [{ abi: 'linux-7.3', scopes: [1, 2, 3] }],
  },
});
const bad = call({
  part: rpc(1, {
    reply: {
      status: 3,
      statusName: 'BAD_PARAM',
      codes: { syndrome: 0xe00303 },
      refusal: { name: 'REGISTER_SELECTOR', rule: 'no such port', part: 'local_port=9', fix: 'take port 1' },
      fields: [],
      keys: [],
    },
  }),
});
const EVENTS: readonly TraceEvent[] = [
  { ...base, kind: 'open', flags: 2, held: false, outcome: { kind: 'ok', value: 0 } },
  call({}),
  refused,
  refused,
  bad,
  call({ cmd: 0x5401, part: undefined, outcome: { kind: 'failed', message: 'gone' } }),
  { kind: 'kmsg', timeUs: 0, level: 4, text: 'tainted' },
  { ...base, kind: 'close', uid: 1, ioctls: 5 },
];

function summary() {
  const calls = new CallSummary();
  for (const event of EVENTS) calls.take(event);
  return calls.result();
}

test('calls by command and outcome, refusals with their remedy, scopes', () => {
  const { calls, opens, refused: no, commands, refusals, scopes, log } = summary();
  assert.deepEqual([opens, calls, no, log], [1, 6, 4, ['tainted']]);
  assert.deepEqual(commands[0], {
    command: 'ACCESS_REG PAOS',
    calls: 4,
    refused: 3,
    microseconds: 80,
    longest: 30,
    outcomes: { OK: 1, EBADMSG: 2, BAD_PARAM: 1 },
  });
  assert.deepEqual(refusals[0], {
    command: 'ACCESS_REG PAOS',
    outcome: 'EBADMSG',
    by: 'kernel',
    count: 2,
    rule: 'reading needs scope 1',
    part: undefined,
    fix: 'set scope = 1',
    passes: [1, 2, 3],
  });
  assert.deepEqual(
    refusals.map(({ outcome, by }) => `${by} ${outcome}`),
    ['kernel EBADMSG', 'firmware BAD_PARAM', 'kernel EIO'],
  );
  assert.deepEqual(scopes, [
    { scope: 0, calls: 2 },
    { scope: 1, calls: 2 },
  ]);
});

test('as text', () => {
  const lines = summaryText(summary(), { status: 1, taint: 524288 }).split('\n');
  assert.equal(lines[1], '       4       3      20      30 ACCESS_REG PAOS  (OK 1, EBADMSG 2, BAD_PARAM 1)');
  assert.ok(lines.includes('2 x ACCESS_REG PAOS -> EBADMSG: reading needs scope 1'));
  assert.ok(lines.includes('    passes: scope 1,2,3'));
  assert.ok(lines.includes('1 x ACCESS_REG PAOS -> firmware BAD_PARAM: no such port: local_port=9'));
  assert.deepEqual(lines.slice(-2), ['scopes: CONFIGURATION 2, DEBUG_READ_ONLY 2', 'tainted: 524288']);
});

test('as JSON', () => {
  const json = JSON.parse(summaryJson(summary(), { status: 1, taint: 0 }));
  assert.equal(json.fwctl_emu_summary, 1);
  assert.deepEqual(json.scopes[0], { scope: 0, name: 'CONFIGURATION', calls: 2 });
  assert.deepEqual(json.refusals[0].passes_in_scopes, [1, 2, 3]);
});

test('a client that is refused in ever new ways does not fill the memory', () => {
  const calls = new CallSummary();
  for (let n = 0; n < 3000; n++)
    calls.take(call({ outcome: { kind: 'refused', errno: 'EIO', rule: `${n}`, fix: undefined, passes: undefined } }));
  assert.deepEqual([calls.result().refusals.length, calls.result().refused], [1000, 3000]);
});
