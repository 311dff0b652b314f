import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { GMC_COMMANDS, MAX_RESPONSE } from '../../../../src/abi/nova/gmcapi.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import { novaDialect as dialect } from '../../../../src/drivers/nova/dialect/dialect.ts';
import { novaFwctl } from '../../../../src/drivers/nova/driver.ts';
import type { GmcQueue } from '../../../../src/firmware/nova/mailbox.ts';
import { NO_COMMAND } from '../../../../src/fwctl/dialect.ts';
import { DEFAULT_DEVICE } from '../../../../src/host/config/defaults.ts';
import { Faults } from '../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../src/host/interceptors/faults/plan.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../src/host/machine/host.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';
import { machine } from '../../fwctl/machine.ts';
import { readFault } from '../../host/interceptors/faults/read-fault.ts';

const messages = await dialect.load();
const { QUERY_SUPPORTED_VGPU_TYPES: QUERY, ASSIGN_VGPU_TYPE: ASSIGN } = GMC_COMMANDS;

function request(id: number, { reserved = 0, bytes = 8 } = {}): Uint8Array {
  const view = new DataView(new ArrayBuffer(Math.max(bytes, 8)));
  view.setUint32(0, id, true);
  view.setUint32(4, reserved, true);
  return new Uint8Array(view.buffer, 0, bytes);
}

function open(queue: GmcQueue) {
  const { fwctl, transport } = machine();
  return transport.openDevice(fwctl.register(fwctl.alloc(), novaFwctl(queue, 5)).fileOps);
}

const answering = (status: number, length: number): GmcQueue => ({
  send(_id, _payload, response) {
    assert.equal(response.length, MAX_RESPONSE);
    response.fill(0xab, 0, length);
    return { status, length };
  },
});

function plug(overrides: Readonly<Record<string, string | number>>, ...faults: string[]) {
  const plan = new FaultPlan();
  for (const text of faults) plan.add(readFault(text));
  const abi = abiProfile('latest');
  assert.ok(abi);
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS, interceptors: [new Faults(plan, systemClock)] });
  const device = host.plug({ ...DEFAULT_DEVICE, driver: 'nova-core', profile: 'nova-example', overrides });
  return new InprocessTransport().openDevice(device.fileOps);
}

const plugged = (...faults: string[]) => plug({}, ...faults);
const withValues = (overrides: Readonly<Record<string, string | number>>) => plug(overrides);

test('info: the type of the profile, no data', () => {
  const { deviceType, dataLength } = plugged().info();
  assert.deepEqual({ deviceType, dataLength }, { deviceType: 5, dataLength: 0 });
});

test('the checks in their order: length, reserved, scope and command; then the firmware', () => {
  const file = open(answering(0x63, 0));
  const rows = [
    [0, request(QUERY.id, { bytes: 7 }), 'EINVAL', /in_len/],
    [1, request(1, { reserved: 1 }), 'EINVAL', /reserved/],
    [1, request(QUERY.id), 'EPERM', /no such command/],
    [0, request(0x00020000), 'EPERM', /no such command/],
    [0, request(0x00020008), 'EPERM', /no such command/],
    [0, request(QUERY.id), 'EIO', /STATE_IN_USE/],
  ] as const;
  for (const [scope, bytes, name, rule] of rows)
    assert.throws(() => file.rpc(scope, bytes, 64), { name, rule }, String(rule));
});

test('the reply is a header that names the command, and the payload, cut at what is asked for', () => {
  const file = open(answering(0, 12));
  const whole = Buffer.from(file.rpc(0, request(QUERY.id), 64));
  assert.equal(whole.toString('hex', 0, 20), `02000200${'00'.repeat(4)}${'ab'.repeat(12)}`);
  assert.equal(Buffer.from(file.rpc(0, request(QUERY.id), 9)).toString('hex', 0, 9), '0200020000000000ab');
  assert.equal(open(answering(0, MAX_RESPONSE)).rpc(0, request(QUERY.id), MAX_RESPONSE + 8).length, MAX_RESPONSE + 8);
});

test('faults: by command, refused, an errno, a field of the reply', () => {
  const file = plugged(
    'rpc:command_id=ASSIGN_VGPU_TYPE:status=INVALID_STATE',
    'rpc:command_id=0x20002:set.vgpuTypeIds[0]=42',
  );
  assert.throws(() => file.rpc(0, request(ASSIGN.id, { bytes: 32 }), 8), { name: 'EIO', rule: /NV_ERR_INVALID_STATE/ });
  assert.equal(Buffer.from(file.rpc(0, request(QUERY.id), 64)).readUInt32LE(8), 42);
});

test('requests and replies by name, and no bytes make a decoder throw', () => {
  const asked = new Uint8Array(32);
  new DataView(asked.buffer).setUint32(0, ASSIGN.id, true);
  new DataView(asked.buffer).setUint32(16, 1519, true);
  const described = messages.request(asked, 32);
  assert.equal(described.command, 'ASSIGN_VGPU_TYPE');
  assert.equal(Object.fromEntries(described.fields).vgpuTypeId, 1519);
  assert.deepEqual(messages.scopesAllowing(abiProfile('latest') as never, asked), [0]);
  for (let size = 0; size < 64; size++) {
    for (const { id } of Object.values(GMC_COMMANDS)) {
      const message = messageBuffer(size);
      message.bytes.fill(0xff);
      if (size >= 4) message.view.setUint32(0, id, true);
      const into: Record<string, number> = {};
      dialect.select(message, into);
      assert.equal(into.command_id, size < 4 ? undefined : id);
      assert.equal(dialect.command(message), size < 4 ? NO_COMMAND : id);
      for (const field of messages.requestFields(message.view)) field.read(message.view);
      for (const field of messages.replyFields(message.view, message.view)) field.read(message.view);
      assert.equal(messages.head(message.view).length, size < 4 ? 0 : 1);
    }
  }
});

test('another device type, another type of vGPU', () => {
  const { deviceType } = plugged().info();
  const other = withValues({ device_type: 7, 'types.42.name': 'X-1Q' });
  assert.deepEqual([deviceType, other.info().deviceType], [5, 7]);
  const ids = Buffer.from(other.rpc(0, request(QUERY.id), 64));
  assert.equal(ids.readUInt32LE(8), 42);
  assert.throws(() => withValues({ 'types.42.ecc': 1 }), /a new one needs name/);
});
