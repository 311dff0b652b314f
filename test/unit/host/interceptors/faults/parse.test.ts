import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultKeys } from '../../../../../src/host/interceptors/faults/keys.ts';
import { repository } from '../../../../repository.ts';
import { MESSAGES, parseFault, readFault } from './read-fault.ts';

function complaintsOf(text: string): string[] {
  const complaints: string[] = [];
  const spec = parseFault(text, (column, message) => complaints.push(`${column}: ${message}`));
  assert.equal(spec === undefined, complaints.length > 0, text);
  return complaints;
}

test('what, which, effect and when are read from one text', () => {
  const spec = readFault(
    'rpc:opcode=QUERY_HCA_CAP:cap=GENERAL:device=fwctl1:scope=DEBUG_WRITE:error=EIO:when=3+2:count=4',
  );
  assert.equal(spec.what, 'rpc');
  assert.deepEqual(spec.selectors, { device: 'fwctl1', scope: 2 });
  assert.deepEqual(
    [...(spec.own ?? [])],
    [['mlx5', { selectors: { opcode: 0x100, cap: 0 }, refusal: undefined }]],
    'devices of another driver are not struck',
  );
  assert.deepEqual(spec.effects, { error: 'EIO' });
  assert.deepEqual(spec.when, { first: 3, step: 2, last: Infinity, probability: 1, seed: 0, count: 4 });
});

test('numbers stand for names, and names for numbers in any case', () => {
  const spec = readFault('rpc:opcode=0x805:register=mgir:op_mod=1:status=0x0f:syndrome=0xabc');
  assert.deepEqual(
    [...(spec.own ?? [])],
    [['mlx5', { selectors: { opcode: 0x805, register: 0x9020, op_mod: 1 }, refusal: { status: 15, syndrome: 0xabc } }]],
  );
  assert.deepEqual([spec.selectors, spec.effects], [{}, {}]);
});

test('the forms of when', () => {
  const whenOf = (text: string) => {
    const { first, step, last } = readFault(`rpc:error=EIO:${text}`).when;
    return [first, step, last];
  };
  assert.deepEqual(whenOf('when=3'), [3, 1, 3]);
  assert.deepEqual(whenOf('when=3+'), [3, 1, Infinity]);
  assert.deepEqual(whenOf('when=3+4'), [3, 4, Infinity]);
  assert.deepEqual(whenOf('when=3..9'), [3, 1, 9]);
  assert.deepEqual(whenOf('when=3..9+2'), [3, 2, 9]);
  assert.deepEqual(whenOf('every=5'), [5, 5, Infinity]);
});

test('times have units, lengths signs, fields names', () => {
  assert.equal(readFault('rpc:delay=1.5s').effects.delayMs, 1500);
  assert.equal(readFault('rpc:delay=500').effects.delayMs, 0.5);
  assert.deepEqual(readFault('rpc:out_len=-4').effects.outLength, { relative: true, value: -4 });
  assert.deepEqual(readFault('rpc:out_len=8').effects.outLength, { relative: false, value: 8 });
  assert.deepEqual(
    [...(readFault('rpc:set.size=0xffff:set.psid=MT_1').effects.set ?? [])],
    [
      ['size', 0xffff],
      ['psid', 'MT_1'],
    ],
  );
});

test('a slip is told with its column and the nearest name', () => {
  assert.deepEqual(complaintsOf('rpc:opcod=NOP:error=EIO'), [
    '5: unknown key "opcod" (keys: opcode, op_mod, register, cap, endpoint, operation, version, req_type, feature, command_id, scope, device, comm, error, status, syndrome, retval, cmd_err, short, delay, hang, unplug, ' +
      'out_len, flip, truncate, ok, when, every, probability, seed, count, set.FIELD); did you mean opcode or op_mod?',
  ]);
  assert.deepEqual(complaintsOf('rpc:opcode=QUERY_HCA_CAPS:error=EIO'), [
    '12: there is no opcode "QUERY_HCA_CAPS"; did you mean QUERY_HCA_CAP, SET_HCA_CAP or QUERY_VHCA_STATE?',
  ]);
  assert.match(complaintsOf('rpc:error=EIOO')[0] ?? '', /^11: there is no errno "EIOO"; did you mean EIO/);
  assert.match(
    complaintsOf('rcp:error=EIO')[0] ?? '',
    /^1: "rcp" is nothing that can fail \(open, info, rpc, ioctl\); did you mean rpc\?/,
  );
});

test('every problem is told at once', () => {
  const complaints = complaintsOf('rpc:opcode=:when=0:flip=x:hang=1');
  assert.deepEqual(
    complaints.map((text) => text.slice(0, text.indexOf(':'))),
    ['12', '18', '25', '31'],
  );
});

test('what contradicts itself is refused', () => {
  assert.match(complaintsOf('rpc:opcode=NOP')[0] ?? '', /no effect/);
  assert.match(complaintsOf('rpc:error=EIO:truncate=4')[0] ?? '', /there is no reply/);
  assert.match(complaintsOf('open:opcode=NOP:error=EIO')[0] ?? '', /^6: opcode is not for open, but for rpc/);
  assert.match(complaintsOf('rpc:error=EIO:error=EPERM')[0] ?? '', /twice/);
  assert.match(complaintsOf('rpc:delay=1s:hang')[0] ?? '', /leave one out/);
});

test('no text makes the reader throw', () => {
  const words = [
    'rpc',
    ':',
    '=',
    'error',
    'EIO',
    'when',
    '..',
    '+',
    '9'.repeat(400),
    '\0',
    'set.',
    '__proto__',
    'é',
    '%',
  ];
  let state = 7;
  for (let round = 0; round < 5000; round++) {
    let text = 'rpc:';
    for (let i = 0; i < 6; i++) {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      text += words[state % words.length];
    }
    parseFault(text, () => {});
  }
});

test('the manual has every key, as it is in the table', () => {
  const manual = readFileSync(join(repository, 'docs/faults.md'), 'utf8');
  for (const row of Object.values(faultKeys([...MESSAGES.values()]))) {
    assert.ok(manual.includes(`| \`${row.example}\` | ${row.for.join(', ')} | ${row.about} |`), row.example);
    for (const what of row.for) {
      // ioctl is of other devices
      const item = what === 'ioctl' ? row.example.replace('fwctl1', 'iommu') : row.example;
      // With an effect, where the key is none itself; the example of one is not for all that the key is for.
      const effect = row.group === 'effect' ? '' : ':error=EIO';
      assert.deepEqual(complaintsOf(`${what}:${item}${effect}`), []);
    }
  }
});
