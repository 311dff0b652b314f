/**
 * Files that requests name, by who asks: the emulator's own user and root have them read; to others nothing is told of
 * a path, not even whether there is anything, and a profile's text comes along instead.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Rig } from './rig.ts';

let rig: Rig;
const at = (name: string) => join(rig.folder, name);
const OWN = process.geteuid?.() ?? 0;
const OTHER = OWN + 65_534;
const SECRET = 'topsecret: 1';
before(async () => {
  rig = await new Rig().listen();
  writeFileSync(at('good.yaml'), 'base: connectx6dx\nidentity: {fw_version: 22.1.1}\n');
  writeFileSync(at('secret.yaml'), SECRET, { mode: 0o600 });
  mkdirSync(at('directory.yaml'));
  symlinkSync('secret.yaml', at('link.yaml'));
  symlinkSync('nothing', at('dangling.yaml'));
  symlinkSync('/dev/zero', at('device.yaml'));
  assert.equal(spawnSync('mkfifo', [at('fifo.yaml')]).status, 0);
  writeFileSync(at('huge.yaml'), '#'.repeat(5 * 1024 * 1024));
});
after(() => {
  assert.deepEqual(rig.bugs, []);
  rig.close();
});
beforeEach(() => {
  rig.clientUid = OTHER;
});

const plug = (spec: string) => rig.call('POST', '/v1/devices', { spec });
const bring = (spec: string, profile: string) => rig.call('POST', '/v1/plug-profile', { spec, profile });

test('plug by another user: the same is said of any path, whatever is there', async () => {
  const named = ['good', 'secret', 'directory', 'link', 'dangling', 'device', 'fifo', 'huge', 'none'].map((name) =>
    at(`${name}.yaml`),
  );
  const others = [
    './good.yaml',
    'x.json',
    '../x',
    '/proc/self/fd/0',
    '/dev/stdin',
    '/proc/self/mem',
    '/etc/shadow',
    '/',
  ];
  const before = rig.state();
  const told = new Set<string>();
  for (const path of [...named, ...others]) {
    for (const spec of [path, `profile=${path}`, `mode=0666,profile=${path},count=2`]) {
      const { status, json } = await plug(spec);
      assert.deepEqual([status, json.error.code], [403, 'not_the_owner'], spec);
      told.add(json.error.message);
    }
  }
  const who = `the emulator would read the profile as user ${OWN}, and you are user ${OTHER}`;
  assert.deepEqual([...told], [`${who}: send its text (POST /v1/plug-profile), as "fwctl-emu plug" does`]);
  assert.equal(rig.state(), before);
});

test('plug of a firmware module by another user is refused, whether the text of a profile comes along or not', async () => {
  writeFileSync(at('firmware.mjs'), 'throw new Error("it was run")');
  for (const path of [at('firmware.mjs'), './firmware.mjs', at('none.mjs'), at('fifo.yaml')]) {
    for (const answer of [
      await plug(`connectx6dx,firmware=${path}`),
      await bring(`x.yaml,firmware=${path}`, 'base: connectx6dx'),
    ]) {
      assert.deepEqual([answer.status, answer.json.error.code], [403, 'not_the_owner']);
      assert.match(
        answer.json.error.message,
        /would use the file of firmware as user \d+, and you are user \d+: take it out/,
      );
    }
  }
  assert.equal((await plug('connectx6dx,firmware=loopback')).status, 200);
  await rig.call('DELETE', '/v1/devices/fwctl1');
});

test('plug by another user: a value that names a file is refused, however it is written', async () => {
  const before = rig.state();
  for (const [spec, key] of [
    ['nvm={"entries":{"MGMT_DATA":{"file":"PATH"}}}', 'nvm'],
    ['nvm={"entries":{"MGMT_DATA":{"\\u0066i\\u006ce":"PATH"}}}', 'nvm'],
    ['nvm=[{"file":"PATH"}]', 'nvm'],
    ['set.nvm.entries.MGMT_DATA.file=PATH', 'set.nvm.entries.MGMT_DATA.file'],
    ['set.nvm.entries.MGMT_DATA:0.file=PATH', 'set.nvm.entries.MGMT_DATA:0.file'],
  ] as const) {
    for (const path of [at('secret.yaml'), at('none'), at('fifo.yaml'), './x']) {
      for (const answer of [
        await plug(`bnxt57508,mode=0666,${spec.replace('PATH', path)}`),
        await bring(`x.yaml,${spec.replace('PATH', path)}`, 'base: bnxt57508'),
      ]) {
        assert.deepEqual([answer.status, answer.json.error.code], [403, 'not_the_owner'], spec);
        assert.match(
          answer.json.error.message,
          new RegExp(`would use the file of ${key.replaceAll('.', '\\.')} as user`),
        );
      }
    }
  }
  assert.equal(rig.state(), before);
  assert.equal((await plug('bnxt57508,nvm={"entries":{"MGMT_DATA":{"text":"file"}}}')).status, 200);
  await rig.call('DELETE', '/v1/devices/fwctl1');
});

test('record by another user is refused, whatever is at the path', async () => {
  for (const file of [at('new.jsonl'), at('good.yaml'), at('fifo.yaml'), '/etc/passwd', '/proc/self/fd/1']) {
    const { status, json } = await rig.call('POST', '/v1/record', { file, force: true });
    assert.deepEqual([status, json.error.code], [403, 'not_the_owner']);
    assert.match(
      json.error.message,
      /^the emulator would write the file as user \d+, and you are user \d+: ask that user/,
    );
  }
  assert.equal((await rig.call('DELETE', '/v1/record')).json.error.code, 'not_the_owner');
});

test('a peer that cannot be told is another user', async () => {
  rig.clientUid = -9;
  assert.equal((await plug(at('good.yaml'))).status, 403);
});

test('plug by the own user and by root: the file is read, and refused by its kind; with replug it is read anew', async () => {
  for (const uid of [OWN, 0]) {
    rig.clientUid = uid;
    const rows: readonly [string, RegExp][] = [
      ['directory.yaml', /cannot be read \(a directory\)/],
      ['link.yaml', /unknown key "topsecret"/],
      ['dangling.yaml', /no such file/],
      ['device.yaml', /\(a device\)/],
      ['fifo.yaml', /\(a FIFO\)/],
      ['huge.yaml', /5242880 bytes are too many for a profile/],
    ];
    for (const [name, why] of rows) {
      const { status, json } = await plug(at(name));
      assert.deepEqual([status, json.error.code], [400, 'bad_spec']);
      assert.match(json.error.message, why);
    }
    assert.equal((await plug(`${at('good.yaml')},count=2`)).status, 200);
    writeFileSync(at('good.yaml'), 'base: connectx6dx\nidentity: {fw_version: 22.2.2}\n');
    assert.equal((await rig.call('POST', '/v1/devices/fwctl2/replug')).status, 200);
    const versions = rig.host.devices().map(({ live }) => live?.get('identity.fw_version')['identity.fw_version']);
    assert.deepEqual(versions.slice(1), ['22.1.1', '22.2.2']);
    writeFileSync(at('good.yaml'), 'base: connectx6dx\nidentity: {fw_version: 22.1.1}\n');
    for (const name of ['fwctl1', 'fwctl2']) await rig.call('DELETE', `/v1/devices/${name}`);
  }
});

test('a text that came along is the device’s, also with replug; what is wrong in it is told', async () => {
  const name = join('/home/somebody', 'mine.yaml');
  const answer = await bring(`${name},pci=0000:03:00.0`, 'base: connectx6dx\nidentity: {fw_version: 22.9.9}\n');
  assert.deepEqual([answer.status, answer.json.plugged[0].profile], [200, name]);
  const device = '/v1/devices/0000:03:00.0';
  assert.equal((await rig.call('POST', `${device}/replug`)).status, 200);
  assert.equal((await rig.call('GET', device)).json.identity.fw_version, '22.9.9');
  await rig.call('DELETE', device);
  const wrong = await bring(name, 'base: connectx6dx\nfoo: 1\n');
  assert.deepEqual([wrong.status, wrong.json.error.code], [400, 'bad_spec']);
  assert.match(wrong.json.error.message, /mine\.yaml:2:1: unknown key "foo"/);
  assert.equal((await bring('connectx6dx', 'base: connectx6dx')).status, 400);
  const long = '#'.repeat(64 * 1024);
  assert.equal((await bring(`${name},pci=0000:03:00.0`, `${long.slice(20)}\nbase: connectx6dx`)).status, 200);
  await rig.call('DELETE', device);
  assert.match((await bring(name, `${long}\nbase: connectx6dx`)).json.error.message, /at most 65536 bytes/);
  assert.equal((await bring(name, long.repeat(3))).status, 413);
});

test('replug and reset by another user tell nothing of what has become of a file', async () => {
  rig.clientUid = OWN;
  await plug(`${at('good.yaml')},pci=0000:03:00.0`);
  for (const become of [SECRET, undefined]) {
    rmSync(at('good.yaml'));
    if (become !== undefined) writeFileSync(at('good.yaml'), become);
    rig.clientUid = OTHER;
    const told = await rig.call('POST', '/v1/devices/0000:03:00.0/replug');
    assert.deepEqual([told.status, told.json.error.code], [409, 'not_plugged']);
    assert.equal(told.json.error.message, 'a file of the emulator is not as it should be; its own user is told which');
    rig.clientUid = OWN;
    const own = await rig.call('POST', '/v1/devices/0000:03:00.0/replug');
    assert.match(own.json.error.message, become === undefined ? /no such file/ : /topsecret/);
  }
  assert.equal((await rig.call('GET', '/v1/devices/0000:03:00.0')).status, 200, 'it stays');
  rig.clientUid = OTHER;
  assert.equal((await rig.call('POST', '/v1/reset')).status, 200);
});
