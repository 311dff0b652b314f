/** Values by their shape: what may be set, how it is read from data, and what is said of the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyValues, OverrideValue } from '../../../src/abi/profile-shape.ts';
import { ascii, bytes, record, table, text, whole, wide } from '../../../src/abi/profile-shape.ts';
import {
  flatValues,
  heldName,
  isOfPowerUp,
  keyParts,
  shownValues,
  withData,
  withValue,
} from '../../../src/abi/profile-values.ts';

const POWER = whole(2, { names: { off: 0, on: 1, standby: 2 } });
const EFFECTS = whole(0xffff, { names: { reset: 1, immediate: 2, log: 0x10 }, flags: true, unlessTold: 0 });
const features = table(
  { uuid: text(/^[0-9a-f]{4}$/, 'four hex digits') },
  record({ size: whole(100, { least: 1 }), effects: EFFECTS, data: bytes(4, { unlessTold: '' }) }),
);
const SHAPE = record({
  power: POWER,
  serial: wide({ powerUp: true }),
  label: ascii(8),
  link: record({ speed: whole(400) }),
  variables: table({ option: whole(0xffff, { hex: true }), index: whole(9, { unlessTold: 0 }) }, bytes(4)),
  features,
});
const BASE: AnyValues = {
  power: 1,
  serial: 0x1234n,
  label: 'one',
  link: { speed: 100 },
  variables: { '0x5:0': '01' },
  features: { feed: { size: 4, effects: 3, data: '' } },
};

function set(path: string, input: OverrideValue): unknown {
  return flatValues(withValue(SHAPE, BASE, path, input)).get(heldName(SHAPE, path));
}

function refusal(path: string, input: OverrideValue): string {
  try {
    withValue(SHAPE, BASE, path, input);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail(`${path} was taken`);
}

test('a value of each kind is set, and the values given stay', () => {
  const before = structuredClone(BASE);
  assert.equal(set('power', 'StandBy'), 2);
  assert.equal(set('power', true), 1);
  assert.equal(set('serial', '0xffffffffffffffff'), 0xffff_ffff_ffff_ffffn);
  assert.equal(set('label', 12), '12');
  assert.equal(set('link.speed', 400), 400);
  assert.equal(set('features.feed.effects', 'log|reset'), 0x11);
  assert.equal(set('variables.5', 0x0102), '0201');
  assert.equal(set('variables.0x5:3', 'hex:0102'), '0102');
  assert.equal(set('variables.7', Uint8Array.of(9)), '09');
  assert.deepEqual(BASE, before);
});

test('a name or a value that is none is refused, with what would do', () => {
  assert.match(refusal('powr', 1), /^powr: there is no value powr: known are power, .*did you mean power\?/);
  assert.match(refusal('power', 3), /^power: wanted is a whole number from 0 to 2, or one of off, on, standby/);
  assert.match(refusal('power', 'of'), /did you mean off/);
  assert.match(refusal('serial', -1), /64 bits/);
  assert.match(refusal('label', 'too long a text'), /at most 8 printable/);
  assert.match(refusal('label.x', 1), /^label\.x: x is nothing of a single value/);
  assert.match(refusal('link', 1), /^link: wanted is one of its values: link\.speed/);
  assert.match(refusal('link.sped', 1), /did you mean speed/);
  assert.match(refusal('variables', 1), /variables\.OPTION:INDEX/);
  assert.match(refusal('variables.5:1:1', 1), /OPTION:INDEX/);
  assert.match(refusal('variables.5:11', 1), /index: wanted is a whole number from 0 to 9/);
  assert.match(refusal('variables.5', 'xyz'), /pairs of hex digits/);
  assert.match(refusal('variables.5', 0x1_0000_0000), /at most 4 bytes, not 5/);
  assert.match(refusal('variables.5.x', 1), /take \.x off/);
  assert.match(refusal('features.xyz.size', 1), /uuid: wanted is four hex digits/);
  assert.match(refusal('features.feed.effects', 'reset|imediate'), /joined by "\|", reset, immediate, log/);
});

test('a new row by set needs every value that must be told', () => {
  const row = withValue(SHAPE, BASE, 'features.fee1.size', 9);
  assert.deepEqual((row.features as AnyValues).fee1, { size: 9, effects: 0, data: '' });
  assert.match(refusal('features.fee1.effects', 1), /there is no fee1; did you mean feed\?; a new one needs size/);
});

test('data are read as a list or by key, over what was there', () => {
  const complaints: string[] = [];
  const read = (data: unknown) =>
    withData(SHAPE, BASE, data, (path, message, wrong) => complaints.push(`${path.join('.')} ${wrong}: ${message}`));
  const list = read({
    features: [
      { uuid: 'feed', effects: 'log' },
      { uuid: 'abcd', size: 1 },
    ],
  });
  assert.deepEqual(list.features, {
    feed: { size: 4, effects: 0x10, data: '' },
    abcd: { size: 1, effects: 0, data: '' },
  });
  const byKey = read({ features: { feed: null, abcd: { size: 2n } }, variables: { '0x5': null, 9: 'ff' } });
  assert.deepEqual(byKey.features, { abcd: { size: 2, effects: 0, data: '' } });
  assert.deepEqual(byKey.variables, { '0x9:0': 'ff' });
  assert.equal(complaints.length, 0);
  read({ features: [{ size: 1 }, 5, { uuid: 'feed', sise: 1 }, { uuid: 'abcd' }], link: 3, labl: 1 });
  assert.deepEqual(
    complaints.map((line) => line.replace(/ \(values.*| \(.*/, '')),
    [
      'features.0 name: uuid is missing',
      'features.1 value: wanted is a record with uuid',
      'features.2.sise name: there is no value sise',
      'features.3 value: size is missing',
      'link value: wanted is a list of NAME: VALUE lines',
      'labl name: there is no value labl',
    ],
  );
});

test('whole values lack what is not told', () => {
  const complaints: string[] = [];
  withData(SHAPE, undefined, { power: 1, serial: 1, label: '' }, (_, message) => complaints.push(message));
  assert.deepEqual(complaints, ['link is missing']);
});

test('numbers are shown by their words, tables in order, and names are held in one form', () => {
  assert.deepEqual(shownValues(SHAPE, BASE), {
    ...BASE,
    power: 'on',
    features: { feed: { size: 4, effects: 'reset|immediate', data: '' } },
  });
  const odd = withValue(SHAPE, BASE, 'features.feed.effects', 0x8001);
  assert.equal(flatValues(shownValues(SHAPE, odd)).get('features.feed.effects'), 'reset|0x8000');
  assert.equal(heldName(SHAPE, 'variables.5'), 'variables.0x5:0');
  assert.deepEqual(keyParts(SHAPE.members.variables, '0x5:3'), { option: 5, index: 3 });
  assert.equal(isOfPowerUp(SHAPE, 'serial'), true);
  assert.equal(isOfPowerUp(SHAPE, 'link.speed'), false);
});
