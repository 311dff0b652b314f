/** bnxt devices through configuration and machine: identity, parts of a profile, kept state, modules, capture. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requestHeader } from '../../../../../src/abi/bnxt/hwrm.ts';
import { fieldsIn, readField, writeFields } from '../../../../../src/abi/bnxt/layout.ts';
import { BNXT_SHAPE } from '../../../../../src/abi/bnxt/profile-shape.ts';
import { layoutsOf } from '../../../../../src/abi/bnxt/request-layouts.ts';
import { withValue } from '../../../../../src/abi/profile-values.ts';
import { abiProfile } from '../../../../../src/abi/profiles.ts';
import { BNXT57508 } from '../../../../../src/devices/bnxt/bnxt57508.ts';
import { parseConfig } from '../../../../../src/host/config/config.ts';
import type { ConfigProblem } from '../../../../../src/host/config/config-error.ts';
import { readDevices } from '../../../../../src/host/config/device-entry.ts';
import { allDeviceKeys } from '../../../../../src/host/config/device-keys.ts';
import { parseDeviceOption } from '../../../../../src/host/config/device-option.ts';
import type { DeviceSpec } from '../../../../../src/host/config/device-spec.ts';
import { catalogueOf } from '../../../../../src/host/machine/catalogue.ts';
import { systemClock } from '../../../../../src/host/machine/clock.ts';
import { bnxtProfiles } from '../../../../../src/host/machine/drivers/bnxt/profiles.ts';
import { DRIVERS } from '../../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../../src/host/machine/host.ts';
import { DirectoryStateStore, MemoryStateStore } from '../../../../../src/host/machine/state-store.ts';
import { InprocessTransport } from '../../../../../src/transport/inprocess.ts';
import { typeOf } from '../../../firmware/bnxt/rig.ts';

const root = mkdtempSync(join(tmpdir(), 'fwctl-emu-bnxt-host-'));
after(() => rmSync(root, { recursive: true, force: true }));
const catalogue = catalogueOf(DRIVERS);
const abi = abiProfile('linux-7.3');
assert.ok(abi);

const accounts = { user: () => 0, group: () => 0, userNames: () => [], groupNames: () => [] };

/** Specifications of a configuration's text, or its problems. */
function devices(written: string, file = join(root, 'config.yaml')): { specs: DeviceSpec[]; problems: string[] } {
  const problems: ConfigProblem[] = [];
  const { devices: entries = [] } = parseConfig(written, file, catalogue, problems);
  const specs = readDevices(entries, { catalogue, accounts, maxDevices: 10 });
  return { specs, problems: problems.map(({ place, message }) => `${place}: ${message}`) };
}

function option(text: string): { specs: DeviceSpec[]; problems: string[] } {
  const problems: ConfigProblem[] = [];
  const entry = parseDeviceOption(text, Object.keys(allDeviceKeys(catalogue.drivers)), problems);
  const specs = readDevices([entry], { catalogue, accounts, maxDevices: 10 });
  return { specs, problems: problems.map(({ message }) => message) };
}

function machine(states = new MemoryStateStore() as MemoryStateStore | DirectoryStateStore, prepared?: unknown): Host {
  assert.ok(abi);
  return new Host({ abi, clock: systemClock, drivers: DRIVERS, states, prepared: new Map([['bnxt', prepared]]) });
}

/** The request as bytes. */
function message(name: string, values: Readonly<Record<string, number>> = {}): Uint8Array {
  const { request } = layoutsOf(typeOf(name));
  const bytes = new Uint8Array(request.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(requestHeader.reqType, typeOf(name), true);
  writeFields(request, view, values);
  return bytes;
}

/** One request to the first device: the response; buffers are where their addresses stand in the request. */
function rpc(
  host: Host,
  scope: number,
  bytes: Uint8Array,
  out: number,
  buffers: readonly [at: number, Uint8Array][] = [],
) {
  const transport = new InprocessTransport();
  const [device] = host.devices();
  assert.ok(device);
  const file = transport.openDevice(device.fileOps);
  const view = new DataView(bytes.buffer);
  const placed = buffers.map(([at, content]) => {
    const address = transport.memory.allocate(Math.max(content.length, 1));
    transport.memory.view(address, content.length).set(content);
    view.setBigUint64(at, BigInt(address), true);
    return [address, content] as const;
  });
  const answer = file.rpc(scope, bytes, out);
  for (const [address, content] of placed) content.set(transport.memory.view(address, content.length));
  file.close();
  return new DataView(answer.slice().buffer);
}

function fieldsOf(name: string, response: DataView) {
  const { response: layout } = layoutsOf(typeOf(name));
  return Object.fromEntries([...fieldsIn(layout, response)].map((field) => [field.path, readField(field, response)]));
}

const setVariable = (host: Host, option_num: number, value: number) =>
  rpc(host, 0, message('NVM_SET_VARIABLE', { option_num, data_len: 1 }), 16, [[16, Uint8Array.of(value)]]).getUint16(
    0,
    true,
  );
function getVariable(host: Host, option_num: number): number | undefined {
  const into = new Uint8Array(16);
  rpc(host, 0, message('NVM_GET_VARIABLE', { option_num, data_len: 16 }), 16, [[16, into]]);
  return into[0];
}

test('without a profile a device is a BCM57508, and its function says so; the loopback has its name', () => {
  const { specs } = devices(
    'devices:\n- driver: bnxt\n- profile: bnxt57508\n  set: {pci.device: 0x1751}\n- profile: bnxt-loopback\n',
  );
  assert.deepEqual(
    specs.map(({ driver, profile }) => [driver, profile]),
    [
      ['bnxt', 'bnxt57508'],
      ['bnxt', 'bnxt57508'],
      ['bnxt', 'bnxt-loopback'],
    ],
  );
  const host = machine();
  const ids = specs.map((spec) => {
    const [parent] = host.plug(spec).parents;
    const identity = parent?.bus === 'pci' ? parent.identity : undefined;
    return [identity?.vendor, identity?.device, identity?.classCode];
  });
  assert.deepEqual(ids, [
    [0x14e4, 0x1750, 0x020000],
    [0x14e4, 0x1751, 0x020000],
    [0x14e4, 0x1750, 0x020000],
  ]);
});

test('values, NVM items and answers of a configuration, as the facts write them', () => {
  writeFileSync(join(root, 'pkg.bin'), 'content');
  const { specs, problems } = devices(`devices:
- profile: bnxt57508
  set: {hwrm_fw: 2.3.4.1, chip_num: 0x1750, temp: 55, nvm.variables.1: 0x01}
  hwrm: {0x00dd: {bytes: "0102"}}
  nvm: [{type: 0x1f, ordinal: 0, file: pkg.bin}]
`);
  assert.deepEqual(problems, []);
  const host = machine();
  const device = host.plug(specs[0] as DeviceSpec);
  assert.equal(fieldsOf('VER_GET', rpc(host, 1, message('VER_GET'), 176)).hwrm_fw_major, 2);
  assert.equal(rpc(host, 1, message('TEMP_MONITOR_QUERY'), 24).getUint8(8), 55);
  assert.equal(rpc(host, 1, message('PORT_QCFG'), 16).getUint16(8, true), 0x0201);
  assert.equal(getVariable(host, 1), 1);
  const found = rpc(host, 0, message('NVM_FIND_DIR_ENTRY', { dir_type: 0x1f }), 32);
  const into = new Uint8Array(7);
  const dir_idx = found.getUint16(22, true);
  rpc(host, 1, message('NVM_READ', { dir_idx, len: 7 }), 16, [[16, into]]);
  assert.equal(String.fromCharCode(...into), 'content');
  assert.deepEqual(device.live?.get('temp'), { temp: 55 });
  device.live?.set('temp', 70);
  assert.equal(rpc(host, 1, message('TEMP_MONITOR_QUERY'), 24).getUint8(8), 70);
  device.live?.set('nvm.variables.1', 9);
  assert.equal(getVariable(host, 1), 9);
  assert.throws(() => device.live?.set('nvm.size', 65536), /made at power-up/);
});

test('what is wrong in a configuration is said with its place', () => {
  const refusals = (text: string) => devices(`devices:\n- profile: bnxt57508\n  ${text}\n`).problems;
  assert.match(refusals('set: {tmp: 5}')[0] ?? '', /config\.yaml:3:\d+: tmp: there is no value tmp.*did you mean temp/);
  assert.match(refusals('nvm: [{typ: 1}]')[0] ?? '', /3:8: nvm\.0: type is missing/);
  assert.match(refusals('nvm: [{type: 1, fiel: x}]')[0] ?? '', /there is no value fiel.*did you mean file/);
  assert.match(refusals('hwrm: {PORT_QCFGG: {bytes: "00"}}')[0] ?? '', /request: wanted is a whole number/);
  assert.match(refusals('compat: v1')[0] ?? '', /compat is fwctl_rpc_bnxt, not "v1"/);
  assert.match(option('bnxt57508,nvm=pkg.bin').problems[0] ?? '', /nvm is a list/);
  assert.match(option('bnxt-loopback,set.temp=1').problems[0] ?? '', /has no values to set/);
  const { specs } = devices('devices:\n- profile: bnxt57508\n  nvm: [{type: 1, ordinal: 9, file: nowhere.bin}]\n');
  assert.throws(
    () => machine().plug(specs[0] as DeviceSpec),
    /nowhere\.bin: the NVM item cannot be read \(no such file\)/,
  );
  const large = devices(
    'devices:\n- profile: bnxt57508\n  nvm: [{type: 1, ordinal: 9, length: 4000000}]\n  set: {nvm.size: 1000000}\n',
  );
  assert.throws(() => machine().plug(large.specs[0] as DeviceSpec), /do not fit into the NVM of 1000000 bytes/);
});

test('variables and items survive unplug, and with a directory the machine; a damaged file is refused by name', () => {
  const directory = mkdtempSync(join(root, 'state-'));
  const { specs } = option('bnxt57508');
  const spec = specs[0] as DeviceSpec;
  const host = machine();
  host.plug(spec);
  assert.equal(setVariable(host, 401, 0), 0);
  host.unplug('fwctl0');
  host.plug(spec);
  assert.equal(getVariable(host, 401), 0);

  const kept = machine(new DirectoryStateStore(directory));
  kept.plug(spec);
  assert.equal(setVariable(kept, 401, 0), 0);
  const path = join(directory, `${spec.pci}.json`);
  assert.match(readFileSync(path, 'utf8'), /"401": "00"/);
  const next = machine(new DirectoryStateStore(directory));
  next.plug(spec);
  assert.equal(getVariable(next, 401), 0);
  writeFileSync(path, '{');
  assert.throws(() => machine(new DirectoryStateStore(directory)).plug(spec), /\.json: the saved state is damaged/);
});

test('a profile of a file: its driver is its own, its problems have places', async () => {
  const path = join(root, 'mine.yaml');
  writeFileSync(
    path,
    'base: bnxt57508\nname: mine\ntemp: 61\nnvm:\n  entries: {VPD: null}\n  variables: {5: 0x0102}\n',
  );
  const { specs, problems } = option(path);
  assert.deepEqual([problems, specs[0]?.driver], [[], 'bnxt']);
  const host = machine();
  host.plug(specs[0] as DeviceSpec);
  assert.equal(rpc(host, 1, message('TEMP_MONITOR_QUERY'), 24).getUint8(8), 61);
  assert.equal(getVariable(host, 5), 2);
  writeFileSync(path, 'base: bnxt57508\ntemp: 300\n');
  assert.match(option(path).problems[0] ?? '', /mine\.yaml:2:7: temp: wanted is a whole number from 0 to 255/);
  const tools = await bnxtProfiles.tools?.();
  assert.equal(
    tools?.summary(tools.builtIn('bnxt57508') as never),
    '8 NVM items, 8 NVM variables, 3 coredump segments, 0 answers of its own',
  );
});

test('captured from a device, a profile tells what the device was told', async () => {
  const tools = await bnxtProfiles.tools?.();
  assert.ok(tools);
  const { specs } = option(
    'bnxt57508,set.hwrm_fw=9.8.7.6,set.temp=33,set.link.speed=50G,set.limits.vfs=3,set.serial=aa11223344556677',
  );
  const host = machine();
  host.plug(specs[0] as DeviceSpec);
  const ask = async (bytes: Uint8Array, room: number) => new Uint8Array(rpc(host, 1, bytes.slice(), room).buffer);
  const tree = await tools.capture(ask, { name: 'lab', title: undefined, device: 'fwctl0' });
  assert.deepEqual(
    [tree.title, tree.hwrm_fw, tree.temp, (tree.link as { speed: string }).speed, tree.serial],
    ['chip 0x1750, captured from fwctl0', '9.8.7.6', 33, '50G', 'aa11223344556677'],
  );
  const written = withValue(BNXT_SHAPE, BNXT57508.values, 'limits.vfs', 3).limits;
  assert.deepEqual(tree.limits, written);
  await assert.rejects(
    tools.capture(async (_, room) => tools.lacking(room), { name: 'x', title: '', device: 'y' }),
    /VER_GET is refused/,
  );
});

test("a firmware of one's own: parts, bytes, promises, buffers, and a failure that is EIO", async () => {
  const row = DRIVERS.find(({ name }) => name === 'bnxt');
  assert.ok(row?.subsystem === 'fwctl');
  const path = join(root, 'hwrm.mjs');
  writeFileSync(
    path,
    `export default ({ pci, abi }) => ({
    hwrm({ name, bytes, outLength }, buffers) {
      if (name === 'VER_GET') return { data: Uint8Array.of(pci.length, abi.length, bytes.length, outLength & 0xff) };
      if (name === 'FUNC_QCAPS') return { errorCode: 4, cmdErr: 7 };
      if (name === 'NVM_READ') { buffers[0].bytes.fill(0x5a); return Promise.resolve(undefined); }
      throw new Error('unexpected ' + name);
    },
  });\n`,
  );
  const { specs } = option(`bnxt57508,firmware=${path}`);
  const host = machine(undefined, await row.prepare?.(specs));
  host.plug(specs[0] as DeviceSpec);
  const version = rpc(host, 1, message('VER_GET'), 64);
  assert.deepEqual(
    [version.getUint16(6, true), version.getUint8(8), version.getUint8(9), version.getUint8(10), version.getUint8(15)],
    [16, 12, 9, 24, 1],
  );
  const refused = rpc(host, 1, message('FUNC_QCAPS'), 64);
  assert.deepEqual([refused.getUint16(0, true), refused.getUint16(2, true), refused.getUint8(14)], [4, 0x15, 7]);
  assert.throws(() => rpc(host, 1, message('FUNC_QCFG'), 64), { name: 'EIO' });
  assert.match(
    option('bnxt57508,firmware=loopback,set.temp=1').problems[0] ?? '',
    /set changes the profile's emulation/,
  );
});

test('compat: fwctl_rpc_bnxt takes a pointer to the request, and what it cannot be is EINVAL or EFAULT', () => {
  const { specs } = option('bnxt57508,compat=fwctl_rpc_bnxt');
  const host = machine();
  host.plug(specs[0] as DeviceSpec);
  const pointed = (change: (view: DataView) => void = () => {}) => {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    view.setUint32(8, 24, true);
    change(view);
    return bytes;
  };
  assert.equal(rpc(host, 1, pointed(), 1024, [[0, message('VER_GET')]]).getUint16(6, true), 176);
  const errno = (bytes: Uint8Array, buffers: [number, Uint8Array][] = [[0, message('VER_GET')]]) => {
    try {
      rpc(host, 1, bytes, 1024, buffers);
    } catch (error) {
      return (error as Error).name;
    }
    return undefined;
  };
  assert.equal(errno(pointed().slice(0, 24)), 'EINVAL');
  assert.equal(errno(pointed((view) => view.setUint32(8, 129, true))), 'EINVAL');
  assert.equal(errno(pointed((view) => view.setUint32(16, 1, true))), 'EINVAL');
  assert.equal(errno(pointed((view) => view.setBigUint64(24, 1n, true))), 'EINVAL');
  assert.equal(errno(pointed(), []), 'EFAULT');
});
