/** A plugged memory device: values set and read while it runs, kept without power, captured; firmware of one's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CXL_PROFILES } from '../../../../../../src/devices/cxl/profiles.ts';
import { cxlProfiles } from '../../../../../../src/host/machine/drivers/cxl/profiles.ts';
import { CXL_DRIVER } from '../../../../../../src/host/machine/drivers/cxl.ts';
import { DirectoryStateStore } from '../../../../../../src/host/machine/state-store.ts';
import { Errno } from '../../../../../../src/kernel/errno.ts';
import { vendor } from '../../../../drivers/cxl/rig.ts';
import { Client, machine, SPEC } from './rig.ts';

const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-cxl-'));
after(() => rmSync(scratch, { recursive: true }));
const tools = await cxlProfiles.tools?.();
assert.ok(tools);

const SCRUB = '96dad7d6-fde8-482b-a733-75774e06db8a';
const OWN = 'feed0000-0000-0000-0000-0000000000aa';
const [COLD, LONG, VOLATILE] = [vendor(1), vendor(10), vendor(11)];

test('a client sets features, whole and longer than the mailbox; an operator sees and changes them', async () => {
  const device = (await machine()).plug(SPEC);
  const client = new Client(device);
  const { live } = device;
  assert.ok(live);
  assert.equal(client.write(COLD, [1, 2]), 0);
  assert.equal(live.get(`features.${COLD}.data`)[`features.${COLD}.data`]?.toString().slice(0, 8), '01021213');
  const bytes = Array.from({ length: 4096 }, (_, i) => (i * 7) & 0xff);
  assert.equal(client.write(LONG, bytes), 0);
  assert.equal(client.read(LONG, 4096), Buffer.from(bytes).toString('hex'));
  live.set('features.PATROL_SCRUB.scrub_flags.enable', 1);
  live.set('features.PATROL_SCRUB.scrub_cycle.hours', '0x30');
  assert.equal(client.read(SCRUB, 4), '03300101');
  assert.deepEqual(live.get('features.PATROL_SCRUB.scrub_cycle'), {
    'features.PATROL_SCRUB.scrub_cycle.hours': 48,
    'features.PATROL_SCRUB.scrub_cycle.min_hours': 1,
  });
  live.set('feat_cap', 'none');
  assert.throws(() => client.read(SCRUB, 4), /EINVAL/);
  const refused: readonly (readonly [string, string | number, RegExp])[] = [
    ['features.PATROL_SCRUB.scrub_flags.enable', 2, /wanted is a whole number from 0 to 1/],
    ['features.PATROL_SCRUB.scrub_flags.enabled', 1, /there is no value|known are/],
    ['serial', 3, /power-up/],
    ['features.PATROL_SCRUB.get', 3, /power-up/],
    [`features.${OWN}.data`, '00', /there is no/],
  ];
  for (const [name, value, message] of refused) {
    assert.throws(
      () => live.set(name, value),
      (error: Error) => error.name === 'ValueError' && message.test(error.message),
      name,
    );
  }
  assert.throws(() => live.get('features.PATROL_SCRUB.hours'), /there is no such value/);
});

test('what was saved survives unplug, and with a directory the daemon; a damaged file is refused by name', async () => {
  const directory = join(scratch, 'state');
  const states = new DirectoryStateStore(directory);
  const host = await machine(states);
  const first = host.plug(SPEC);
  const client = new Client(first);
  assert.equal(client.write(COLD, [9]), 0);
  assert.equal(client.write(VOLATILE, [9]), 0);
  // not at unplug: a daemon may be killed
  const [file = ''] = readdirSync(directory);
  assert.deepEqual(JSON.parse(readFileSync(join(directory, file), 'utf8')).state.features, {
    [COLD]: `09${'1112131415161718191a1b1c1d1e1f'}`,
  });
  host.unplug(first.name);
  const again = new Client(host.plug(SPEC));
  assert.match(String(again.read(COLD, 16)), /^0911/);
  assert.match(String(again.read(COLD, 16, 1)), /^efee/);
  assert.match(String(again.read(COLD, 16, 2)), /^0911/);
  assert.match(String(again.read(VOLATILE, 16)), /^b0b1/);

  const plugs = async (profile = 'cxl-type3') => (await machine(states)).plug({ ...SPEC, profile });
  await assert.rejects(
    plugs('cxl-test'),
    /0000:00:0a\.0\.json: the saved state is not for this device \(features\.feed0000.*has no such feature/,
  );
  writeFileSync(join(directory, file), readFileSync(join(directory, file), 'utf8').replace('0911', '0a11'));
  await assert.rejects(plugs(), new RegExp(`${file}: the saved state is damaged`));
  assert.match(readFileSync(join(directory, file), 'utf8'), /0a11/);
});

test('values and features of a configuration', async () => {
  const host = await machine();
  const features = CXL_DRIVER.keys as unknown as { features: { read(text: string): unknown } };
  const read = (...rows: readonly object[]) => features.features.read(JSON.stringify(rows));
  const own = { uuid: OWN, get: 4, set: 4, flags: 'changeable|saved', effects: 'config_immediate', data: 'hex:0102' };
  const spec = {
    ...SPEC,
    keys: { features: read(own, { uuid: 'ECS', like: 'ECS' }) },
    overrides: { payload_size: 256, 'features.PATROL_SCRUB.scrub_cycle.hours': 99, [`features.${OWN}.saved`]: '0304' },
  };
  const device = host.plug(spec as typeof SPEC);
  const client = new Client(device);
  assert.equal(client.read(SCRUB, 4), '03630100');
  assert.equal(client.read(OWN, 4), '01020000');
  assert.equal(client.read(OWN, 4, 2), '03040000');
  assert.equal(client.write(LONG, Array(4096).fill(1)), 0);
  const memdev = device.parents.find(({ bus }) => bus === 'cxl');
  assert.ok(memdev?.bus === 'cxl');
  assert.equal(memdev.attributes.find(({ path }) => path === 'payload_max')?.content, '256\n');
  const wrong = (keys: object, message: RegExp) =>
    assert.throws(() => host.plug({ ...SPEC, pci: '0000:00:0b.0', keys } as typeof SPEC), message);
  wrong({ features: read({ ...own, data: 'hex:0102030405' }) }, /data: 5 bytes are more than the 4 of get/);
  wrong({ features: read({ ...own, uuid: SCRUB }) }, /it is PATROL_SCRUB again; take one out/);
  assert.throws(() => read({ ...own, uuid: 'nobody' }), /wanted is a UUID in lower case/);
  assert.throws(() => read({ ...own, flags: 'chageable' }), /did you mean changeable/);
  assert.throws(
    () => cxlProfiles.checkOverrides('cxl-type3', { 'features.SPPR.op_mod': 1 }),
    /features\.SPPR\.op_mod: there is no op_mod: known are get, .*did you mean op_mode/,
  );
  assert.throws(() => cxlProfiles.checkOverrides('cxl-loopback', { serial: 1 }), /has no values to set/);
});

test('what is captured of an emulated device is its profile, but for what fwctl does not reach', async () => {
  for (const profile of CXL_PROFILES) {
    const client = new Client((await machine()).plug({ ...SPEC, profile: profile.name }));
    const ask = async (request: Uint8Array, replyBytes: number) => client.rpc([...request], replyBytes, 1);
    const tree = await tools.capture(ask, { name: 'x', title: undefined, device: 'fwctl0' });
    const builtIn = tools.builtIn(profile.name);
    assert.ok(builtIn);
    const paths: string[] = tools.differences(builtIn, tree).map(({ path }) => path);
    // the kernel's own features as they are; "like" is how ours behaves, which nobody tells
    const told = paths.filter((path) => path.startsWith('features.') && !path.endsWith('.like'));
    assert.deepEqual(told, []);
  }
});

test("a firmware of one's own answers; its profile says what there is", async () => {
  const firmware = join(scratch, 'firmware.mjs');
  writeFileSync(
    firmware,
    `export default () => ({
      feature(uuid, { command, offset, count, selection, version, data }) {
        if (uuid.endsWith('1')) return Uint8Array.of(offset, count, selection, 4);
        if (uuid.endsWith('2')) return Promise.resolve({ returnCode: 6 });
        if (uuid.endsWith('4')) return { returnCode: command === 'set' && version === 1 && data[1] === 8 ? 0 : 2 };
        if (uuid.endsWith('5')) throw new Error('boom');
        if (uuid.endsWith('6')) return 'text';
      },
    });`,
  );
  const host = await machine(undefined, firmware);
  const device = host.plug({ ...SPEC, keys: { firmware } });
  const client = new Client(device);
  assert.equal(client.read(vendor(1), 4, 2), '00040204');
  // short answers are none
  assert.equal(client.read(vendor(1), 5), '');
  assert.equal(client.write(vendor(4), [7, 8]), 0);
  assert.equal(client.write(vendor(4), [7, 9]), 2);
  assert.equal(client.read(vendor(7), 3), '000000');
  for (const number of [5, 6]) {
    assert.throws(
      () => client.read(vendor(number), 4),
      (error: unknown) => error instanceof Errno && error.name === 'EIO',
    );
  }
  const log = host.kmsg.records().map(({ text }) => text);
  assert.match(log.join('\n'), /firmware\.mjs: Error: boom/);
  assert.match(log.join('\n'), /firmware\.mjs: TypeError: feature returned string, not bytes or \{returnCode, data\}/);
  // and goes on
  assert.equal(client.read(vendor(1), 4), '00040004');
});

test('what cannot be had together is refused before a device is plugged, by file or key', () => {
  const path = join(scratch, 'wrong.yaml');
  const wrong: readonly (readonly [string, RegExp])[] = [
    [
      `${OWN}: {get: 2, set: 2, data: "000102"}`,
      /wrong\.yaml: features\..*aa\.data: 3 bytes are more than the 2 of get/,
    ],
    [`${SCRUB}: {get: 2, set: 2}`, /wrong\.yaml: features\.96dad7d6.*: it is PATROL_SCRUB again; take one out/],
    ['FOO: {get: 2, set: 2}', /wrong\.yaml:3:3: features\.FOO: uuid: wanted is a UUID in lower case/],
    ['ECS: {flags: changable}', /wrong\.yaml:3:16: features\.ECS\.flags: wanted is .*did you mean changeable/],
  ];
  for (const [row, message] of wrong) {
    writeFileSync(path, `base: cxl-type3\nfeatures:\n  ${row}\n`);
    assert.throws(() => cxlProfiles.readFile(path), message);
    assert.throws(() => tools.parse(readFileSync(path, 'utf8'), path), message);
  }
  const features = [{ uuid: OWN, get: 1, set: 1, data: 'hex:0001' }];
  const checked = (profile: string, keys: object) => CXL_DRIVER.check?.({ profile, overrides: {}, keys: { ...keys } });
  assert.deepEqual(checked('cxl-type3', { features }), {
    key: 'features',
    message: `features.${OWN}.data: 2 bytes are more than the 1 of get`,
  });
  assert.match(checked('cxl-loopback', { features })?.message ?? '', /has features of its own alone; take them out/);
  assert.match(checked('cxl-loopback', { firmware: '/x.mjs' })?.message ?? '', /is a loopback.*name another/);
  assert.equal(checked('cxl-loopback', { firmware: 'loopback' }), undefined);
  assert.match(checked('cxl-type3', { firmware: 'loopback', features })?.message ?? '', /take firmware out, or these/);
  assert.equal(checked('cxl-type3', { features: [{ uuid: OWN, get: 1, set: 1 }] }), undefined);
});
