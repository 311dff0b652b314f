/** `--device SPEC`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigProblem } from '../../../../src/host/config/config-error.ts';
import type { DeviceEntry } from '../../../../src/host/config/device-entry.ts';
import { allDeviceKeys } from '../../../../src/host/config/device-keys.ts';
import { overrideValue, parseDeviceOption } from '../../../../src/host/config/device-option.ts';
import { catalogueOf } from '../../../../src/host/machine/catalogue.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';

const known = Object.keys(allDeviceKeys(catalogueOf(DRIVERS).drivers));

function parse(text: string): { entry: DeviceEntry; problems: string[] } {
  const problems: ConfigProblem[] = [];
  const { entry } = parseDeviceOption(text, known, problems);
  return { entry, problems: problems.map(({ column, message }) => `${column}: ${message}`) };
}

const GOOD: readonly [string, DeviceEntry][] = [
  ['connectx6dx', { profile: 'connectx6dx' }],
  ['connectx6dx,pci=0000:00:0b.0,mode=0666', { profile: 'connectx6dx', pci: '0000:00:0b.0', mode: '0666' }],
  ['driver=raw,owner=alice,group=7', { driver: 'raw', owner: 'alice', group: '7' }],
  ['count=4', { count: 4 }],
  ['driver=raw,rpc=hex:00,info=7', { driver: 'raw', own: { rpc: 'hex:00', info: '7' } }],
  ['x,set.caps.a=0x10,set.caps.b=a=b', { profile: 'x', set: { 'caps.a': 16, 'caps.b': 'a=b' } }],
];
for (const [text, entry] of GOOD) {
  test(`read: ${text}`, () => assert.deepEqual(parse(text), { entry, problems: [] }));
}

const WRONG: readonly [string, RegExp][] = [
  ['', /^1: a KEY=VALUE is missing/],
  ['connectx6dx,', /^13: a KEY=VALUE is missing/],
  ['connectx6dx,mod=0666', /^13: unknown key "mod" \(keys: driver, .*set\.NAME, live\.NAME\); did you mean mode\?/],
  ['connectx6dx,bluefield3', /^13: unknown key "bluefield3"/],
  ['connectx6dx,pci', /^13: pci has no value; write pci=VALUE/],
  ['connectx6dx,pci=', /^17: pci has no value/],
  ['connectx6dx,profile=x', /^13: profile is given twice/],
  ['count=x', /^7: count is a whole number, not "x"/],
  ['set=1', /^1: unknown key "set"/],
  ['set.=1', /^1: unknown key "set\."/],
];
for (const [text, problem] of WRONG) {
  test(`refused: ${text}`, () => {
    const { problems } = parse(text);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', problem);
  });
}

test('later complaints stand at the value of their key', () => {
  const problems: ConfigProblem[] = [];
  const { complain } = parseDeviceOption('connectx6dx,mode=1,set.a.b=2', known, problems);
  complain('mode', 'm');
  complain('set.a.b', 's');
  complain(undefined, 'u');
  assert.deepEqual(
    problems.map(({ column, place }) => [column, place]),
    [18, 28, 1].map((column) => [column, `--device connectx6dx,mode=1,set.a.b=2: column ${column}`]),
  );
});

test('values are read as in a file', () => {
  assert.equal(overrideValue('true'), true);
  assert.equal(overrideValue('-5'), -5);
  assert.equal(overrideValue('0xFFFFFFFFFFFFFFFF'), 0xffff_ffff_ffff_ffffn);
  assert.equal(overrideValue('0o17'), 15);
  assert.equal(overrideValue('22.36.1010'), '22.36.1010');
});
