import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { fieldText, printable, type ShownField } from '../../../../../src/abi/shown-field.ts';
import type { IoctlEvent, RpcPart } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { eventJson, isoTime } from '../../../../../src/host/interceptors/trace/trace-json.ts';
import { eventText } from '../../../../../src/host/interceptors/trace/trace-text.ts';
import { durationText, timeText } from '../../../../../src/host/interceptors/trace/trace-words.ts';
import { untimed } from './trace-fixture.ts';

const PLAIN = { fields: 'none', color: false } as const;

const part: RpcPart = {
  kind: 'rpc',
  scope: 0,
  inLen: 16,
  outLen: 4112,
  uid: 1,
  request: {
    numbers: { opcode: 0x100, op_mod: 1 },
    names: { opcode: 'QUERY_HCA_CAP' },
    command: 'QUERY_HCA_CAP(GENERAL, current)',
    fields: [],
  },
  requestHex: undefined,
  delivered: true,
  reply: { status: 0, statusName: 'OK', codes: { syndrome: 0 }, fields: [], keys: [] },
  replyHex: undefined,
  changed: [],
};

const event: IoctlEvent = {
  kind: 'ioctl',
  timeUs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) * 1000 + 912,
  device: 'fwctl0',
  driver: 'mlx5',
  file: 1,
  comm: 'mlx5ctl',
  tid: 4711,
  callerUid: 0,
  durationUs: 38.4,
  cmd: 0x9a01,
  part,
  held: false,
  outcome: { kind: 'ok', value: 0 },
};

const many: readonly ShownField[] = Array.from({ length: 300 }, (_, i) => [`f${i}`, i]);

function withReply(changes: Partial<NonNullable<RpcPart['reply']>>, changed: readonly ShownField[] = []): IoctlEvent {
  return {
    ...event,
    part: {
      ...part,
      changed,
      reply: { status: 0, statusName: 'OK', codes: { syndrome: 0 }, fields: [], keys: [], ...changes },
    },
  };
}

test('key fields fill the line up to 168 columns and no further', () => {
  const line = eventText(withReply({ keys: many }), PLAIN);
  assert.match(line, /-> OK {2}f0=0 f1=1 .* \.\.\. {2}38us$/);
  assert.ok(line.length <= 168, `${line.length} columns`);
  assert.ok(line.length > 150, `${line.length} columns`);
});

test('one long text is cut, and says so', () => {
  const line = eventText(withReply({ keys: [['node_desc', 'long '.repeat(50)]] }), PLAIN);
  assert.match(line, /-> OK {2}node_desc="long long .*\.\.\. {2}38us$/);
  assert.ok(line.length <= 168, `${line.length} columns`);
});

test('on the line, a field goes by the last part of its name', () => {
  const keys: ShownField[] = [['hw_info.hw_dev_id', 0x212]];
  const lines = eventText(withReply({ keys, fields: keys }), { ...PLAIN, fields: 'all' }).split('\n');
  assert.match(lines[0] ?? '', /-> OK {2}hw_dev_id=0x212 {2}38us$/);
  assert.equal(lines[1], '    hw_info.hw_dev_id=0x212');
});

test('fields none, changed, all', () => {
  const full = withReply({ fields: many }, many.slice(0, 2));
  assert.equal(eventText(full, PLAIN).split('\n').length, 1);
  assert.deepEqual(
    eventText(full, { ...PLAIN, fields: 'changed' })
      .split('\n')
      .slice(1),
    ['    f0=0 f1=1'],
  );
  const lines = eventText(full, { ...PLAIN, fields: 'all' })
    .split('\n')
    .slice(1);
  assert.equal(lines.join(' ').match(/f\d+=\d+/g)?.length, 300);
  assert.ok(lines.every((line) => line.startsWith('    ') && line.length <= 122));
});

test('nothing that a program chose reaches the terminal', () => {
  const evil = '\u001b[2J\nfake\u007f\u00ff';
  const line = eventText(
    { ...withReply({ keys: [['node_desc', evil]] }), comm: evil },
    { fields: 'all', color: false },
  );
  assert.doesNotMatch(line, /[^ -~]/);
  assert.match(line, /\\x1b\[2J\\x0afake\\x7f\\xff\/4711/);
});

test('colour marks failures, and is not there unless asked for', () => {
  const refused: IoctlEvent = {
    ...event,
    outcome: { kind: 'refused', errno: 'EPERM', rule: 'no', fix: 'do', passes: undefined },
  };
  const colored = eventText(refused, { ...PLAIN, color: true });
  assert.ok(colored.includes('\u001b[31mEPERM: no\u001b[39m'), colored);
  assert.ok(!eventText(refused, PLAIN).includes('\u001b'));
  // colour does not change what fits on a line
  const wide = withReply({ keys: many });
  assert.equal(stripVTControlCharacters(eventText(wide, { ...PLAIN, color: true })), eventText(wide, PLAIN));
});

test('a caller outside of the pid namespace has no thread id', () => {
  assert.match(untimed(eventText({ ...event, tid: 0 }, PLAIN)), /^fwctl0 #1 mlx5ctl\/\? /);
});

test('words', () => {
  assert.match(timeText(event.timeUs), /^\d\d:\d\d:05\.678912$/);
  assert.equal(isoTime(event.timeUs), '2026-01-02T03:04:05.678912Z');
  assert.equal(durationText(999.4), '999us');
  assert.equal(durationText(1500), '1.5ms');
  assert.equal(durationText(61e6), '61.0s');
  assert.equal(fieldText(['hw_info.hw_dev_id', 0x212]), 'hw_info.hw_dev_id=0x212');
  assert.equal(fieldText(['log_max_qp', 17]), 'log_max_qp=17');
  assert.equal(fieldText(['guid', 0xe41d2d0300000001n]), 'guid=0xe41d2d0300000001');
  assert.equal(fieldText(['node_desc', 'MT4125 ConnectX6Dx']), 'node_desc="MT4125 ConnectX6Dx"');
  assert.equal(fieldText(['x', '']), 'x=""');
  assert.equal(printable('a\\b\n'), 'a\\x5cb\\x0a');
});

test('JSON: one line, stable keys, 64-bit values unrounded', () => {
  const line = eventJson(
    withReply({
      fields: [
        ['guid', 0xe41d2d0300000001n],
        ['small', 5n],
        ['text', 'a\nb'],
      ],
    }),
  );
  assert.doesNotMatch(line, /\n/);
  const object = JSON.parse(line);
  assert.deepEqual(Object.keys(object), [
    'time',
    'event',
    'device',
    'file',
    'comm',
    'tid',
    'caller_uid',
    'us',
    'cmd',
    'held',
    'name',
    'scope',
    'scope_name',
    'in_len',
    'out_len',
    'uid',
    'request',
    'delivered',
    'reply',
    'changed',
    'result',
  ]);
  assert.equal(object.request.command, 'QUERY_HCA_CAP(GENERAL, current)');
  assert.deepEqual([object.request.opcode, object.request.op_mod, object.reply.syndrome], [0x100, 1, 0]);
  assert.deepEqual(object.reply.fields, { guid: String(0xe41d2d0300000001n), small: 5, text: 'a\nb' });
  assert.equal(object.result, 0);
});

test('JSON of the other events', () => {
  const refused = JSON.parse(
    eventJson({
      ...event,
      part: undefined,
      outcome: {
        kind: 'refused',
        errno: 'EBADMSG',
        rule: 'r',
        fix: undefined,
        passes: [{ abi: 'v2', scopes: [0, 1] }],
      },
    }),
  );
  assert.equal(refused.errno, 'EBADMSG');
  assert.deepEqual(refused.passes, [{ abi: 'v2', scopes: [0, 1] }]);
  assert.ok(!('fix' in refused) && !('result' in refused));
  const { outcome: _outcome, cmd: _cmd, part: _part, held: _held, ...base } = event;
  assert.equal(JSON.parse(eventJson({ ...base, kind: 'close', uid: 3, ioctls: 2 })).ioctls, 2);
  assert.equal(
    JSON.parse(eventJson({ kind: 'kmsg', timeUs: 0, level: 4, text: 'x' })).time,
    '1970-01-01T00:00:00.000000Z',
  );
});
