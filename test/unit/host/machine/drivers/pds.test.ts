/** A pds device by its profile: operations from a configuration, values while it runs, a firmware of one's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { abiProfile } from '../../../../../src/abi/profiles.ts';
import { DEFAULT_DEVICE } from '../../../../../src/host/config/defaults.ts';
import type { DeviceSpec } from '../../../../../src/host/config/device-spec.ts';
import { systemClock } from '../../../../../src/host/machine/clock.ts';
import { PDS_DRIVER, PDS_PROFILES } from '../../../../../src/host/machine/drivers/pds.ts';
import { DRIVERS } from '../../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../../src/host/machine/host.ts';
import { InprocessTransport } from '../../../../../src/transport/inprocess.ts';
import { PdsClient } from '../../../drivers/pds/rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-pds-profile-'));
after(() => rmSync(folder, { recursive: true }));

/** `endpoints`: as a configuration has them. */
async function plugged({ endpoints, ...spec }: Partial<DeviceSpec> & { endpoints?: unknown } = {}) {
  const abi = abiProfile('latest');
  assert.ok(abi);
  const read = PDS_DRIVER.keys as { endpoints: { read(text: string): unknown } };
  const keys = {
    ...spec.keys,
    ...(endpoints !== undefined && { endpoints: read.endpoints.read(JSON.stringify(endpoints)) }),
  };
  const whole = { ...DEFAULT_DEVICE, driver: 'pds', profile: 'pds-example', ...spec, keys } as typeof DEFAULT_DEVICE;
  const prepared = new Map([['pds', await PDS_DRIVER.prepare?.([whole])]]);
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS, prepared });
  const device = host.plug(whole);
  const client = new PdsClient(new InprocessTransport(), device.fileOps);
  const text = (op: number, asked: Parameters<PdsClient['call']>[0] = {}) =>
    Buffer.from(client.call({ op, room: 8, scope: 0, ...asked }).response).toString('latin1');
  return { host, device, client, text, log: () => host.kmsg.records().map((record) => record.text) };
}

test('the example answers, each attribute in its scope', async () => {
  const { client, text } = await plugged();
  assert.equal(text(0x10001, { room: 15 }), 'pds-example 1.0');
  text(0x10002, { payload: Buffer.from('on') });
  assert.equal(text(0x10003), `on${'\0'.repeat(6)}`);
  const least = (op: number) =>
    [0, 1, 2, 3].find((scope) => {
      try {
        client.call({ op, ep: 2, scope });
        return true;
      } catch {
        return false;
      }
    });
  assert.deepEqual([0x10010, 0x10011, 0x10012].map(least), [1, 2, 3]);
  assert.throws(() => client.call({ op: 0x10013, ep: 2 }), { name: 'EBUSY', rule: /PDS_RC_EBUSY/ });
  assert.equal(client.call({ op: 0x10014, ep: 2 }).retval, 5);
  assert.throws(() => client.call({ payload: new Uint8Array(8193) }), { remedy: 'send at most 8192 bytes' });
});

test('operations from a configuration: echo, bytes, status, retval', async () => {
  const endpoints = [
    {
      id: 3,
      operations: [
        { id: 0x10001, attribute: 'read', reply: 'echo' },
        { id: '0x20002', attribute: 'debug_read', reply: 'hex:6162' },
        { id: 3, attribute: 0, status: 'ENOENT' },
        { id: 4, attribute: 'write', retval: 7 },
      ],
    },
    { id: 2, operations: null },
  ];
  const { client, text } = await plugged({ endpoints, overrides: { max_req_sz: 4 } });
  assert.equal(text(0x10001, { ep: 3, payload: Buffer.from('hey') }), `hey${'\0'.repeat(5)}`);
  assert.equal(text(0x10002, { ep: 3, scope: 1 }), `ab${'\0'.repeat(6)}`);
  assert.throws(() => client.call({ op: 0x10002, ep: 3, scope: 0 }), { name: 'EPERM' });
  assert.throws(() => client.call({ op: 3, ep: 3 }), { name: 'ENOENT' });
  assert.equal(client.call({ op: 4, ep: 3 }).retval, 7);
  assert.throws(() => client.call({ op: 4, ep: 3, payload: new Uint8Array(5) }), { remedy: 'send at most 4 bytes' });
  assert.equal(text(0x10001), 'pds-exam', 'the profile’s own stay');
});

test('what is wrong with them is said', async () => {
  const wrong = (endpoints: unknown, why: RegExp) => assert.rejects(plugged({ endpoints }), why);
  await wrong([{ id: 3, operations: [{ id: 1 }] }], /attribute is missing/);
  await wrong([{ id: 3, operations: [{ id: 1, attribute: 'raed' }] }], /did you mean read/);
  await wrong(
    [{ id: 3, operations: [{ id: 1, attribute: 'read', reply: 'bytes' }] }],
    /wanted is none, echo, hex:BYTES/,
  );
  await wrong([{ id: 3, operations: [{ id: 1, attribute: 'read', status: 'EBSY' }] }], /did you mean EBUSY/);
  const operations = Array.from({ length: 512 }, (_, id) => ({ id, attribute: 'read' }));
  await wrong([{ id: 3, operations }], /endpoint 0x3 has 512 operations; the device can list 511/);
});

test('answers change while the device runs; which operations there are does not', async () => {
  const { device, client, text } = await plugged();
  const live = device.live;
  assert.ok(live);
  assert.deepEqual(live.get('endpoints.0x1.operations.0x10005.status'), {
    'endpoints.0x1.operations.0x10005.status': 'ok',
  });
  live.set('endpoints.1.operations.0x10001.reply', 'text:2.0');
  assert.equal(text(0x10001), `2.0${'\0'.repeat(5)}`);
  live.set('endpoints.0x1.operations.0x10001.status', 'EAGAIN');
  assert.throws(() => client.call(), { name: 'EAGAIN' });
  assert.throws(() => live.set('endpoints.0x1.operations.0x10001.attribute', 'write'), /power-up/);
  assert.throws(() => live.set('endpoints.0x1.operations.0x10099.reply', 'echo'), /a new one needs attribute/);
  assert.throws(() => live.set('endpoints.0x9.operations.0x1.attribute', 'read'), /power-up/);
});

test('a firmware of one’s own answers the operations that the profile has', async () => {
  const firmware = join(folder, 'own.mjs');
  writeFileSync(
    firmware,
    `export default ({ pci }) => ({
      rpc({ endpoint, operation, version, bytes, outLength }) {
        if (operation === 1) return new TextEncoder().encode([pci, endpoint, version, bytes.length, outLength].join(' '));
        if (operation === 2) return { status: 12 };
        if (operation === 3) return Promise.resolve({ retval: 9, data: Uint8Array.of(0x78) });
        if (operation === 4) return;
        return 'no answer';
      },
    });`,
  );
  const { client, text, log } = await plugged({ keys: { firmware } });
  assert.equal(text(0x10001, { room: 23, payload: Buffer.from('hey') }), '0000:00:0a.0 1 1 3 23'.padEnd(23, '\0'));
  assert.throws(() => client.call({ op: 0x10002 }), { name: 'EBUSY' });
  const { retval, response } = await client.late({ op: 0x10003, room: 4 });
  assert.deepEqual([retval, Buffer.from(response).toString('latin1')], [9, 'x\0\0\0']);
  assert.equal(text(0x20004), '\0'.repeat(8));
  assert.throws(() => client.call({ op: 0x10005 }), { name: 'EIO', rule: /TypeError: rpc returned string/ });
  assert.match(log().join('\n'), /own\.mjs: TypeError: rpc returned string/);
  assert.throws(() => client.call({ op: 0x10006 }), { name: 'EINVAL' }, 'no such operation');
});

test('a profile file, and how it is told', async () => {
  const tools = await PDS_PROFILES.tools?.();
  assert.ok(tools);
  const path = join(folder, 'mine.yaml');
  writeFileSync(path, 'base: pds-example\nname: mine\nendpoints:\n  5:\n    operations:\n      1: {attribute: sync}\n');
  assert.equal(PDS_PROFILES.resolve({ profile: path })?.values.endpoints['0x5']?.operations['0x1']?.attribute, 0x10);
  const [before, after] = [tools.builtIn('pds-example'), tools.parse('base: pds-example\nmax_req_sz: 1\n', 'f.yaml')];
  assert.ok(before && after);
  assert.equal(tools.summary(before), '2 endpoints, 10 operations');
  assert.deepEqual(
    tools.differences(before, after).map(({ path: at }) => at),
    ['max_req_sz'],
  );
  const { text } = await plugged({ profile: path });
  assert.equal(text(1, { ep: 5 }), '\0'.repeat(8));
});

test('what sysfs shows of the function is as the profile and its changes say', async () => {
  const { device } = await plugged({ overrides: { pci_device_id: 0x1002 } });
  const [pci] = device.parents;
  assert.ok(pci?.bus === 'pci');
  assert.deepEqual([pci.identity.vendor, pci.identity.device], [0x1dd8, 0x1002]);
});
