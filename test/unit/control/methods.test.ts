/** The methods: what each does to the machine, and what it answers. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Held } from '../../../src/abi/held.ts';
import { GENERAL_CAP } from '../../../src/abi/mlx5/caps/general.ts';
import { queryHcaCap } from '../../../src/abi/mlx5/headers.ts';
import { TAINT_FWCTL } from '../../../src/kernel/taint.ts';
import { InprocessTransport } from '../../../src/transport/inprocess.ts';
import { Rig } from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await new Rig().listen();
});
afterEach(() => {
  assert.deepEqual(rig.bugs, []);
  rig.close();
});

/** QUERY_HCA_CAP(GENERAL, current), and a register read. */
const QUERY_CAP = [0x01, 0x00, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
const READ_MTMP = [0x08, 0x05, 0, 0, 0, 0, 0, 1, 0, 0, 0x90, 0x0a, 0, 0, 0, 0, ...new Array<number>(32).fill(0)];

function open(name = 'fwctl0') {
  const device = rig.host.devices().find((each) => each.name === name);
  assert.ok(device);
  return new InprocessTransport().openDevice(device.fileOps);
}

test('list and info', async () => {
  const { json } = await rig.call('GET', '/v1/devices');
  assert.equal(json.abi, 'linux-7.3');
  assert.deepEqual(json.devices, [
    {
      name: 'fwctl0',
      driver: 'mlx5',
      profile: 'connectx6dx',
      pci: '0000:00:0a.0',
      mode: '0600',
      uid: 0,
      gid: 0,
      open_files: 0,
    },
  ]);
  const file = open();
  const info = await rig.call('GET', '/v1/devices/fwctl0');
  assert.equal(info.json.open_files, 1);
  assert.equal(info.json.identity.pci_device_id, 0x101d);
  file.close();
  assert.equal((await rig.call('GET', '/v1/devices/0000:00:0a.0')).json.open_files, 0);
});

test('plug gives the next free address and number, or nothing at all', async () => {
  const plugged = await rig.call('POST', '/v1/devices', { spec: 'connectx6dx,count=2,mode=0640' });
  assert.equal(plugged.status, 200);
  assert.deepEqual(
    plugged.json.plugged.map((d: { name: string; pci: string; mode: string }) => [d.name, d.pci, d.mode]),
    [
      ['fwctl1', '0000:00:0b.0', '0640'],
      ['fwctl2', '0000:00:0c.0', '0640'],
    ],
  );
  const before = rig.state();
  for (const spec of [
    'connectx6dx,pci=0000:00:0b.0',
    'conect',
    'connectx6dx,count=5000',
    ',',
    'connectx6dx,set.caps.X.y=1',
  ]) {
    const refused = await rig.call('POST', '/v1/devices', { spec });
    assert.equal(refused.status, 400, spec);
    assert.equal(refused.json.error.code, 'bad_spec');
  }
  assert.equal(rig.state(), before);
});

test('what a listener cannot show is not plugged, nor what came before it', async () => {
  const before = rig.state();
  const stop = rig.host.onChange(({ kind, device }) => {
    if (kind === 'plug' && device.name === 'fwctl2') throw new Error('no node for it');
  });
  const refused = await rig.call('POST', '/v1/devices', { spec: 'connectx6dx,count=3' });
  stop();
  assert.deepEqual([refused.status, refused.json.error.message], [409, 'no node for it']);
  assert.equal(rig.state(), before);
});

test('unplug: open files get ENODEV; replug: a fresh device', async () => {
  const file = open();
  await rig.call('PUT', '/v1/devices/fwctl0/values', { name: 'registers.MTMP.temperature', value: 800 });
  const replugged = await rig.call('POST', '/v1/devices/fwctl0/replug');
  // The old one's number is taken while its file is open, as in the kernel.
  assert.deepEqual(
    [replugged.json.unplugged, replugged.json.plugged.name],
    [{ name: 'fwctl0', waiting: false }, 'fwctl1'],
  );
  assert.throws(() => file.rpc(0, Uint8Array.from(QUERY_CAP), 4112), /ENODEV/);
  const value = await rig.call('GET', '/v1/devices/fwctl1/values?name=registers.MTMP.temperature');
  assert.notEqual(value.json.values['registers.MTMP.temperature'], 800);
  file.close();
  assert.deepEqual((await rig.call('DELETE', '/v1/devices/fwctl1')).json, { name: 'fwctl1', waiting: false });
  assert.equal((await rig.call('DELETE', '/v1/devices/fwctl1')).status, 404);
});

test('a replug that fails: said, and the old device is there, with its open file', async () => {
  const file = open();
  const ended = rig.host.onChange(({ kind }) => {
    if (kind !== 'plug') return;
    ended();
    throw new Error('no node for it');
  });
  const refused = await rig.call('POST', '/v1/devices/fwctl0/replug');
  assert.equal(refused.status, 409);
  assert.equal(refused.json.error.message, 'no node for it (fwctl0 is there as before)');
  assert.equal(file.rpc(0, Uint8Array.from(QUERY_CAP), 4112).length, 4112);
  file.close();
});

test('unplug says that it waits for calls in flight, or waits itself', async () => {
  const late = new Held<undefined>();
  const unplug = rig.host.unplug.bind(rig.host);
  rig.host.unplug = () => late;
  const waiting = await rig.call('DELETE', '/v1/devices/fwctl0');
  assert.equal(waiting.json.waiting, true);
  const patientLate = new Held<undefined>();
  rig.host.unplug = () => patientLate;
  let answered = false;
  const patient = rig.call('DELETE', '/v1/devices/fwctl0?wait=true').then((answer) => {
    answered = true;
    return answer;
  });
  await rig.call('GET', '/v1/taint');
  assert.equal(answered, false);
  patientLate.release(() => undefined);
  assert.equal((await patient).json.waiting, false);
  rig.host.unplug = unplug;
});

test('get and set: the next call sees it', async () => {
  const name = 'registers.MTMP.temperature';
  const set = await rig.call('PUT', '/v1/devices/fwctl0/values', { name, value: 801 });
  assert.equal(set.json.after, 801);
  const file = open();
  const reply = file.rpc(1, Uint8Array.from(READ_MTMP), 48);
  assert.equal(new DataView(reply.buffer, reply.byteOffset).getUint16(16 + 6), 801);
  // A capability is seen by QUERY_HCA_CAP, and by `get`.
  const cap = 'caps.GENERAL.log_max_qp';
  const changed = await rig.call('PUT', '/v1/devices/fwctl0/values', { name: cap, value: '0x9' });
  assert.deepEqual([changed.json.after, rig.host.devices()[0]?.live?.get(cap)[cap]], [9, 9]);
  const caps = file.rpc(0, Uint8Array.from(QUERY_CAP), 4112);
  assert.equal(GENERAL_CAP.get(new DataView(caps.buffer, caps.byteOffset), 'log_max_qp', queryHcaCap.data), 9);
  file.close();
});

test('a field that is worked out for each read stands still once it is set', async () => {
  const name = 'registers.MGIR.hw_info.uptime';
  assert.equal((await rig.call('PUT', '/v1/devices/fwctl0/values', { name, value: 77 })).json.after, 77);
  assert.equal((await rig.call('PUT', '/v1/devices/fwctl0/values', { name, value: 78 })).json.after, 78);
  assert.equal((await rig.call('GET', `/v1/devices/fwctl0/values?name=${name}`)).json.values[name], 78);
});

test('get and set refuse what is not there, and change nothing', async () => {
  const before = rig.state();
  const wrong: [string, unknown, RegExp][] = [
    ['registers.MTMP.temperatur', 1, /did you mean registers\.MTMP\.temperature/],
    ['registers.MTPM.temperature', 1, /no register MTPM/],
    ['registers.MTMP.temperature', 65536, /does not fit into 16 bits/],
    ['registers.MTMP', 1, /values below it/],
    ['registers.MTMP[x=1].temperature', 1, /selects nothing/],
    ['registers.MTMP[sensor_index=9999].temperature', 1, /selected so|does not fit|does not answer/],
    ['registers.MTMP.sensor_index', 1, /selects what is meant/],
    ['caps.GENERAL.log_max_qp', 99, /5 bits/],
    ['caps.GENERAL', 1, /values below it|wanted is/],
    ['identity.psid', 'x'.repeat(17), /at most 16/],
    ['world.vfs', 1, /power-up|starts with none/],
    ['nothing', 1, /starts with none of/],
    ['__proto__', 1, /starts with none of/],
  ];
  for (const [name, value, message] of wrong) {
    const refused = await rig.call('PUT', '/v1/devices/fwctl0/values', { name, value });
    assert.equal(refused.status, 400, name);
    assert.match(refused.json.error.message, message);
  }
  assert.equal(rig.state(), before);
});

test('taint, log, reset', async () => {
  rig.host.taint.add(TAINT_FWCTL);
  rig.host.kmsg.print(4, 'fwctl fwctl0: hello');
  assert.deepEqual((await rig.call('GET', '/v1/taint')).json, { value: 524288, flags: ['TAINT_FWCTL'] });
  const { records } = (await rig.call('GET', '/v1/log')).json;
  assert.deepEqual([records.length, records[0].level, records[0].text], [1, 4, 'fwctl fwctl0: hello']);
  assert.equal((await rig.call('DELETE', '/v1/log')).status, 200);
  assert.equal((await rig.call('GET', '/v1/log')).json.records.length, 0);
  assert.equal((await rig.call('DELETE', '/v1/taint')).json.value, 0);
  rig.host.taint.add(TAINT_FWCTL);
  let undone = 0;
  rig.context.onReset.push(() => undone++);
  await rig.call('POST', '/v1/devices', { spec: 'connectx6dx,count=3' });
  await rig.call('PUT', '/v1/devices/fwctl0/values', { name: 'identity.psid', value: 'CHANGED' });
  assert.deepEqual((await rig.call('POST', '/v1/reset')).json, { devices: ['fwctl0'] });
  const psid = await rig.call('GET', '/v1/devices/fwctl0/values?name=identity.psid');
  assert.notEqual(psid.json.values['identity.psid'], 'CHANGED');
  assert.deepEqual([rig.host.taint.value, undone, rig.host.devices().length], [0, 1, 1]);
});

test('stats and metrics count calls by command and outcome', async () => {
  const file = open();
  for (let i = 0; i < 3; i++) file.rpc(0, Uint8Array.from(QUERY_CAP), 4112);
  assert.throws(() => file.rpc(0, Uint8Array.from(READ_MTMP), 64), /EBADMSG/);
  assert.throws(() => file.rpc(9, Uint8Array.from(QUERY_CAP), 4112), /EOPNOTSUPP/);
  file.rpc(0, Uint8Array.from([0x01, 0x00, 0, 0, 0, 0, 0, 0xff, ...new Array<number>(8).fill(0)]), 4112);
  const { devices, taint } = (await rig.call('GET', '/v1/stats')).json;
  assert.equal(taint, 0);
  const counts = new Map(
    devices[0].calls.map((c: { command: string; outcome: string; count: number }) => [
      `${c.command} ${c.outcome}`,
      c.count,
    ]),
  );
  assert.equal(counts.get('QUERY_HCA_CAP ok'), 3);
  assert.equal(counts.get('ACCESS_REG EBADMSG'), 1);
  assert.equal(counts.get('FWCTL_RPC EOPNOTSUPP'), 1);
  assert.equal([...counts.keys()].filter((key) => String(key).startsWith('QUERY_HCA_CAP BAD_')).length, 1);
  assert.deepEqual([devices[0].open_files, devices[0].opened, devices[0].held], [1, 1, 0]);
  assert.equal(
    devices[0].latency.counts.reduce((a: number, b: number) => a + b, 0),
    6,
  );
  const { body, headers } = await rig.call('GET', '/metrics');
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^fwctl_emu_calls_total\{device="fwctl0",command="QUERY_HCA_CAP",outcome="ok"\} 3$/m);
  assert.match(body, /^fwctl_emu_call_duration_seconds_bucket\{device="fwctl0",le="\+Inf"\} 6$/m);
  assert.match(body, /^fwctl_emu_call_duration_seconds_count\{device="fwctl0"\} 6$/m);
  assert.match(body, /^fwctl_emu_open_files\{device="fwctl0"\} 1$/m);
  // The text format: every line is a comment or a sample.
  for (const line of body.trimEnd().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [-+.e\d]+)$/);
  file.close();
  await rig.call('DELETE', '/v1/stats');
  assert.deepEqual((await rig.call('GET', '/v1/stats')).json.devices[0].calls, []);
});

test('the OpenAPI document names every method', async () => {
  const { json } = await rig.call('GET', '/v1/openapi.json');
  assert.equal(json.openapi, '3.1.0');
  assert.deepEqual(Object.keys(json.paths['/v1/devices/{device}/values']), ['get', 'put']);
  const { parameters, requestBody } = json.paths['/v1/devices/{device}/values'].put;
  assert.deepEqual(
    parameters.map((p: { name: string }) => p.name),
    ['device'],
  );
  assert.deepEqual(requestBody.content['application/json'].schema.required, ['name', 'value']);
  const ids = Object.values(json.paths).flatMap((path) =>
    Object.values(path as object).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
});

test('what is asked for by a number or a name that is nothing says so', async () => {
  assert.equal((await rig.call('GET', '/v1/trace?count=0')).status, 400);
  const value = async (name: string) =>
    (await rig.call('GET', `/v1/devices/fwctl0/values?name=${encodeURIComponent(name)}`)).json.error.message as string;
  assert.match(await value('registers'), /REGISTER being one of .*PAOS, .*PPCNT/);
  assert.match(await value('registers.PAOS[local_port=7]'), /PAOS: the device has nothing that is selected so/);
});

test("record: from now on, to a file, for the emulator's own user and root alone", async () => {
  const file = join(rig.folder, 'calls.jsonl');
  assert.equal((await rig.call('GET', '/v1/record')).json.state, 'none');
  const started = await rig.call('POST', '/v1/record', { file, mask: ['psid'] });
  assert.deepEqual([started.status, started.json.state, started.json.masked], [200, 'recording', ['psid']]);
  open().close();
  assert.equal((await rig.call('GET', '/v1/record')).json.exchanges, 2);
  const again = await rig.call('POST', '/v1/record', { file: `${file}2` });
  assert.deepEqual([again.status, again.json.error.code], [409, 'not_recorded']);
  rig.clientUid = 4711;
  for (const [http, body] of [
    ['DELETE', undefined],
    ['POST', { file: `${file}3` }],
  ] as const) {
    const refused = await rig.call(http, '/v1/record', body);
    assert.deepEqual([refused.status, refused.json.error.code], [403, 'not_the_owner']);
    assert.match(refused.json.error.message, /you are user 4711: ask that user, or record with your own rights/);
  }
  rig.clientUid = 0;
  const stopped = await rig.call('DELETE', '/v1/record');
  assert.deepEqual([stopped.json.state, stopped.json.unmet], ['complete', ['psid']]);
  assert.equal(stopped.json.bytes, readFileSync(file).length);
  assert.equal((await rig.call('DELETE', '/v1/record')).json.error.code, 'not_recording');
  assert.equal((await rig.call('GET', '/v1/record')).json.state, 'complete');
  for (const [status, body] of [
    [409, { file }],
    [404, { file: `${file}4`, device: 'fwctl7' }],
    [400, { file: 'calls4.jsonl' }],
    [400, { file: '/tmp/\0' }],
    [400, { file: `${file}4`, mask: 'psid' }],
    [400, {}],
  ] as const)
    assert.equal((await rig.call('POST', '/v1/record', body)).status, status, JSON.stringify(body));
  assert.deepEqual(readdirSync(rig.folder).sort(), ['calls.jsonl', 'control.sock']);
});
