/** `save`: the configuration that it prints makes the same machine again, whatever was plugged and set. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { savedConfig } from '../../../src/control/saved-config.ts';
import { loadSettings } from '../../../src/emulator/settings.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';
import type { HostDevice } from '../../../src/host/machine/host-device.ts';
import { Rig } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-save-'));
const rigs: Rig[] = [];
after(async () => {
  rmSync(folder, { recursive: true });
  for (const rig of rigs) await rig.close();
});

async function started(): Promise<Rig> {
  const rig = await new Rig().listen();
  rigs.push(rig);
  return rig;
}

async function settingsOf(text: string) {
  const path = join(folder, 'lab.yaml');
  writeFileSync(path, text);
  return loadSettings({ config: path }, async () => DRIVERS);
}

/** The same machine, made of what the first one has saved. */
async function again(text: string): Promise<Rig> {
  const rig = await started();
  const settings = await settingsOf(text);
  for (const { name } of rig.host.devices()) rig.host.unplug(name);
  for (const spec of settings.devices) rig.host.plug(spec);
  for (const fault of settings.faults) rig.context.faults.add(fault);
  return rig;
}

const SPECS = [
  'connectx6dx',
  'connectx6dx,pci=0000:05:00.0,mode=0666,owner=12,set.caps.GENERAL.log_max_qp=10',
  'driver=bnxt',
  'driver=cxl',
  'driver=nova-core',
  'driver=pds',
  'driver=raw,rpc=length:9,info=0102',
  'connectx6dx,firmware=loopback',
  'connectx6dx,live.registers.PAOS[local_port=1].oper_status=2',
];
const plug = fc.record({ plug: fc.constantFrom(...SPECS) });
const set = fc.record({
  /** Of the devices, and of a device's values, whatever their number. */
  device: fc.nat(),
  name: fc.nat(),
  value: fc.oneof(fc.nat(3), fc.constantFrom('0x10', 'yes', 'a: b', '1.5', "'", '#x', ' y ')),
});
const fault = fc.constant({ fault: 'rpc:opcode=NOP:error=EIO:when=3' });

/** What it is made of, without what moves by itself. */
function settled({ live, spec }: HostDevice, names: readonly string[]) {
  const values = Object.fromEntries(names.flatMap((name) => Object.entries(live?.get(name) ?? {})));
  return { ...spec, file: undefined, values };
}

test('plugs and sets survive, in every driver', async () => {
  const property = fc.asyncProperty(fc.array(fc.oneof(plug, set, set, fault), { maxLength: 8 }), async (steps) => {
    const rig = await started();
    const set = new Map<string, string[]>();
    for (const step of steps) {
      if ('plug' in step) await rig.call('POST', '/v1/devices', { spec: step.plug });
      else if ('fault' in step) await rig.call('POST', '/v1/faults', { fault: step.fault });
      else {
        const valued = rig.host.devices().filter(({ live }) => live !== undefined);
        const device = valued[step.device % valued.length];
        const names = Object.keys(device?.live?.all() ?? {});
        const name = names[step.name % names.length];
        if (device === undefined || name === undefined) continue;
        const { status } = await rig.call('PUT', `/v1/devices/${device.name}/values`, { name, value: step.value });
        if (status === 200) set.set(device.name, [...(set.get(device.name) ?? []), name]);
      }
    }
    const { status, body } = await rig.call('GET', '/v1/config');
    assert.equal(status, 200);
    const copy = await again(body);
    assert.equal(savedConfig(copy.context), body);
    const told = (one: Rig) => one.host.devices().map((device) => settled(device, set.get(device.name) ?? []));
    const plain = (one: Rig) => told(one).map(({ live: _, ...rest }) => rest);
    assert.deepEqual(plain(copy), plain(rig));
  });
  await fc.assert(property, { numRuns: 25 });
});

test('a register of one port, then of all: the order counts', async () => {
  const rig = await started();
  const put = (name: string, value: number) => rig.call('PUT', '/v1/devices/fwctl0/values', { name, value });
  await put('registers.PAOS[local_port=1].oper_status', 2);
  await put('registers.PAOS.oper_status', 1);
  await put('registers.PAOS[local_port=1].oper_status', 4);
  const copy = await again((await rig.call('GET', '/v1/config')).body);
  const [device] = copy.host.devices();
  assert.deepEqual(device?.live?.get('registers.PAOS[local_port=1].oper_status'), {
    'registers.PAOS[local_port=1].oper_status': 4,
  });
});

test('a value that a device does not take is named, and the device is not plugged', async () => {
  const rig = await started();
  const wrong = await rig.call('POST', '/v1/devices', { spec: 'connectx6dx,live.registers.PAOZ.x=1' });
  assert.equal(wrong.status, 409);
  assert.match(wrong.json.error.message, /live\.registers\.PAOZ/);
  assert.equal(rig.host.devices().length, 1);
});

test('all values, and those of a pattern', async () => {
  const rig = await started();
  const all = await rig.call('GET', '/v1/devices/fwctl0/values');
  assert.equal(all.status, 200);
  const names = Object.keys(all.json.values);
  for (const name of ['identity.fw_version', 'caps.GENERAL.log_max_qp', 'registers.PAOS.oper_status'])
    assert.ok(names.includes(name), name);
  const some = await rig.call('GET', '/v1/devices/fwctl0/values?name=registers.p*.oper_s*');
  assert.ok(Object.keys(some.json.values).every((name) => /^registers\.P.*\.oper_s/.test(name)));
  assert.ok('registers.PAOS.oper_status' in some.json.values);
  const none = await rig.call('GET', '/v1/devices/fwctl0/values?name=nothing*');
  assert.equal(none.status, 400);
});
