/** Profile files of drivers whose values have a shape: read, refused by place, shown and read back, compared. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  ascii,
  bytes,
  record,
  type ShapedProfile,
  table,
  text,
  type ValueOf,
  whole,
} from '../../../../src/abi/profile-shape.ts';
import { partKey, withParts } from '../../../../src/host/machine/shaped-key.ts';
import { ShapedLiveValues } from '../../../../src/host/machine/shaped-live-values.ts';
import { driverOfProfile } from '../../../../src/host/profiles/profile-driver.ts';
import { profileJson, profileYaml } from '../../../../src/host/profiles/profile-text.ts';
import { shapedProfiles } from '../../../../src/host/profiles/shaped-profiles.ts';

const SHAPE = record({
  chip: whole(0xffff),
  speed: whole(2, { names: { slow: 0, fast: 1 }, powerUp: true }),
  label: ascii(8),
  files: table(
    { kind: ascii(4), ordinal: whole(9, { unlessTold: 0 }) },
    record({ file: text(/./, 'a path', { path: true, unlessTold: '' }), data: bytes(8, { unlessTold: '' }) }),
  ),
});
type Values = ValueOf<typeof SHAPE>;
const TOY: ShapedProfile<Values> = {
  name: 'toy1',
  title: 'Toy',
  values: { chip: 7, speed: 1, label: '123', files: { 'log:0': { file: '', data: '00ff' } } },
};
const profiles = shapedProfiles<Values>({
  driver: 'toy',
  shape: SHAPE,
  builtIn: [TOY],
  names: [{ name: 'toy-plain', title: 'nothing' }],
  summary: ({ files }) => `${Object.keys(files).length} files`,
  pciDevice: ({ chip }) => chip,
});
const tools = await profiles.tools?.();
assert.ok(tools);

function problems(written: string): string[] {
  try {
    tools?.parse(written, '/d/f.yaml');
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

test('changes to a base, rows by key and in a list, paths beside the file', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'shaped-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'p.yaml');
  writeFileSync(
    path,
    'driver: toy\nbase: toy1\nlabel: 0012\nfiles:\n  - {kind: pkg, file: a.bin}\n  - {kind: log, data: "01"}\n',
  );
  assert.equal(profiles.readFile(path) !== undefined, true);
  assert.deepEqual(profiles.resolve({ profile: path })?.values, {
    ...TOY.values,
    label: '0012',
    files: { 'log:0': { file: '', data: '01' }, 'pkg:0': { file: join(directory, 'a.bin'), data: '' } },
  });
  writeFileSync(path, 'base: toy1\nfiles: {log: null}\nspeed: slow\n');
  assert.deepEqual(profiles.resolve({ profile: path })?.values, { ...TOY.values, speed: 0, files: {} });
  assert.equal(profiles.resolve({ profile: 'toy-plain' }), undefined);
  assert.equal(profiles.nameOf(7), 'toy1');
});

test('a text that a request brings along names no file', () => {
  const text = 'base: toy1\nfiles:\n  - {kind: pkg, file: /etc/shadow}\n';
  assert.throws(
    () => profiles.readFile('/d/f.yaml', text),
    /f\.yaml:3:\d+: a profile that a request brings along names no file/,
  );
  const file = { content: profiles.readFile('/d/f.yaml', 'base: toy1\nlabel: mine\n'), brought: true };
  assert.equal(profiles.resolve({ profile: '/d/f.yaml', file })?.values.label, 'mine');
});

test('problems have their places, all in one go', () => {
  assert.deepEqual(problems('base: toy1\nchip: 65536\nfiles:\n  - kind: toolong\n  - kind: log\n    ordnal: 1\n'), [
    '/d/f.yaml:2:7: chip: wanted is a whole number from 0 to 65535',
    '/d/f.yaml:4:5: files.0: kind: wanted is at most 4 printable ASCII characters',
    '/d/f.yaml:6:5: files.1.ordnal: there is no value ordnal (values: file, data)',
  ]);
  assert.deepEqual(problems('bse: toy1\nspeed: 1\n'), [
    '/d/f.yaml:1:1: unknown key "bse" (keys: driver, base, name, title, chip, speed, label, files); did you mean base?',
    '/d/f.yaml:1:1: name is missing; write it, or a base to start from',
    '/d/f.yaml:1:1: title is missing; write it, or a base to start from',
  ]);
  assert.deepEqual(problems('name: x\ntitle: y\nspeed: 1\n'), [
    '/d/f.yaml:1:1: chip, label are missing; write that, or a base to start from',
  ]);
  assert.match(
    problems('base: toy2')[0] ?? '',
    /:1:7: there is no built-in profile "toy2" \(toy1\); did you mean toy1/,
  );
  assert.match(problems('- 1')[0] ?? '', /:1:1: a profile is a list of KEY: VALUE lines, e.g. "base: toy1"/);
  assert.match(problems('driver: other\nbase: toy1')[0] ?? '', /:1:9: this is read as a profile of driver toy/);
});

test('what is shown is read back as the same, in YAML and in JSON, and differences are told', () => {
  const tree = tools.builtIn('toy1');
  assert.ok(tree);
  assert.equal(tools.summary(tree), '1 files');
  for (const written of [profileYaml(tree), profileJson(tree)]) {
    assert.deepEqual(tools.differences(tree, tools.parse(written, 'f.yaml')), []);
  }
  const other = tools.parse('base: toy1\nspeed: slow\nfiles: {log: null}\n', 'f.yaml');
  assert.deepEqual(
    tools.differences(tree, other).map(({ path, shown }) => [path, ...shown]),
    [
      ['speed', '"fast"', '"slow"'],
      ['files.log:0.file', '""', 'absent'],
      ['files.log:0.data', '"00ff"', 'absent'],
    ],
  );
});

test("a file's driver is what it says, or its base's", () => {
  const owners = [
    { name: 'mlx5', profiles: ['connectx6dx'] },
    { name: 'toy', profiles: ['toy1'] },
  ];
  const owner = (written: string) => driverOfProfile(written, 'f', owners)?.name;
  assert.equal(owner('driver: toy'), 'toy');
  assert.equal(owner('{"base": "toy1"}'), 'toy');
  assert.equal(owner('driver: nobody\nbase: toy1'), undefined);
  assert.equal(owner('name: x'), undefined);
  assert.equal(owner('{'), undefined);
});

test('live values: read by any spelling of a name, changed, refused', () => {
  let { values } = TOY;
  const live = new ShapedLiveValues(SHAPE, {
    liveValues: () => values,
    adopt(next: Values) {
      values = next;
    },
  });
  assert.deepEqual(live.identity(), { chip: 7, speed: 'fast', label: '123' });
  assert.deepEqual(live.get('files.log'), { 'files.log.file': '', 'files.log.data': '00ff' });
  live.set('files.log.data', 'hex:aa');
  assert.deepEqual(live.get('files.log:0.data'), { 'files.log:0.data': 'aa' });
  assert.throws(() => live.set('speed', 0), /speed: it says what is made at power-up/);
  assert.throws(() => live.get('chp'), /there is no such value.*did you mean chip/);
  assert.throws(() => live.set('chip', 65536), /ValueError: chip: wanted is a whole number/);
});

test("a part of the shape as a device's own key", () => {
  const key = partKey(SHAPE, 'files', 'Files.', '[]');
  assert.deepEqual(key.paths, ['file']);
  const data = key.read('[{"kind": "pkg", "data": "01"}]');
  assert.deepEqual(withParts(SHAPE, TOY.values, { files: data }).files, {
    'log:0': { file: '', data: '00ff' },
    'pkg:0': { file: '', data: '01' },
  });
  assert.equal(withParts(SHAPE, TOY.values, { files: undefined }).label, '123');
  assert.throws(() => key.read('x'), /files is a list, or lines of NAME: VALUE/);
  assert.throws(() => key.read('[{"kind": "toolong"}]'), /files\.0: kind: wanted is at most 4/);
});
