import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accessRegister,
  decode,
  decodeRequest,
  iommufd,
  queryHcaCap,
  runCommand,
  SCOPE,
  startEmulator,
} from '../../../src/testkit.ts';
import { runRefusal } from '../../refusals.ts';

test('a device is there, answers, and its calls are seen by name', async () => {
  using emulator = startEmulator();
  assert.deepEqual(emulator.devices, ['fwctl0']);
  const file = await emulator.open();
  assert.equal(file.info().deviceType, 1);
  const reply = await file.rpc(SCOPE.FWCTL_RPC_CONFIGURATION, queryHcaCap('GENERAL'), 272);
  assert.equal(reply[0], 0);
  await file.rpc(SCOPE.FWCTL_RPC_DEBUG_READ_ONLY, accessRegister('PAOS', { local_port: 1 }), 32);
  const call = emulator.calls.expect({ opcode: 'QUERY_HCA_CAP' }, 1);
  assert.equal(call.about, 'QUERY_HCA_CAP(GENERAL, current)');
  assert.equal(call.fields.log_max_qp, 17);
  assert.equal(emulator.calls.expect({ register: 'PAOS', status: 'OK' }).scope, 1);
  emulator.calls.expectOrder({ kind: 'open' }, { kind: 'info' }, { opcode: 'QUERY_HCA_CAP' }, { register: 'PAOS' });
  emulator.calls.expectNone({ errno: 'EIO' });
});

test('a demand that is not met tells what was done instead', async () => {
  using emulator = startEmulator();
  const file = await emulator.open();
  await file.rpc(0, queryHcaCap('ODP'), 272);
  assert.throws(() => emulator.calls.expect({ opcode: 'QUERY_HCA_CAPS' }), {
    name: 'AssertionError',
    message:
      /expected a call with opcode QUERY_HCA_CAPS, found 0 \(did you mean QUERY_HCA_CAP\?\); calls:\n.*\n.*QUERY_HCA_CAP\(ODP, current\) -> OK/,
  });
  assert.throws(() => emulator.calls.expectNone({ opcode: 'QUERY_HCA_CAP' }), /expected no call/);
  assert.throws(
    () => emulator.calls.expectOrder({ opcode: 'QUERY_HCA_CAP' }, { opcode: 'QUERY_HCA_CAP' }),
    /number 2 in order/,
  );
});

test('faults: the errno has its name, and the fault knows how often it struck', async () => {
  using emulator = startEmulator({ faults: ['rpc:opcode=QUERY_HCA_CAP:error=EIO:when=2'] });
  const hang = emulator.fault('rpc:cap=ODP:hang');
  const file = await emulator.open();
  await file.rpc(0, queryHcaCap('GENERAL'), 272);
  await assert.rejects(file.rpc(0, queryHcaCap('GENERAL'), 272), { name: 'EIO' });
  emulator.calls.expect({ errno: 'EIO' }, 1);
  const late = file.rpc(0, queryHcaCap('ODP'), 272);
  assert.equal(hang.status.held, 1);
  hang.release();
  assert.equal((await late)[0], 0);
  hang.remove();
  assert.equal(hang.status.strikes, 1);
  assert.throws(() => emulator.fault('rpc:eror=EIO'), /column 5: unknown key "eror".*did you mean error/);
});

test('several devices, callers, unplug, taint', async () => {
  using emulator = startEmulator({ devices: [{}, { overrides: { 'caps.GENERAL.log_max_qp': 12 } }], abi: 'linux-7.3' });
  assert.deepEqual(emulator.devices, ['fwctl0', 'fwctl1']);
  const file = await emulator.open('fwctl1', { capable: () => false });
  await file.rpc(0, queryHcaCap('GENERAL'), 272);
  assert.equal(emulator.calls.expect({ device: 'fwctl1' }).fields.log_max_qp, 12);
  await assert.rejects(file.rpc(3, queryHcaCap('GENERAL'), 272), { name: 'EPERM' });
  assert.equal(emulator.taint, 0);
  await file.rpc(2, queryHcaCap('GENERAL'), 272);
  assert.notEqual(emulator.taint, 0);
  emulator.unplug('fwctl1');
  await assert.rejects(file.rpc(0, queryHcaCap('GENERAL'), 272), { name: 'ENODEV' });
  await assert.rejects(emulator.open('fwctl1'), /there is no device fwctl1/);
});

test('a program under test sees a real node, and its calls are seen', { skip: runRefusal() }, async () => {
  const { status, stdout, calls } = await runCommand(['sh', '-c', 'ls /dev/fwctl; exec 3<>/dev/fwctl/fwctl0']);
  assert.equal(stdout, 'fwctl0\n');
  assert.equal(status, 0);
  calls.expect({ kind: 'open', errno: undefined }, 1);
  const failed = await runCommand(['sh', '-c', 'exec 3<>/dev/fwctl/fwctl0'], { faults: ['open:error=EBUSY'] });
  assert.notEqual(failed.status, 0);
  assert.match(failed.stderr, /busy/i);
  const slow = await runCommand(['sleep', '60'], { timeoutMs: 300 });
  assert.equal(slow.timedOut, true);
});

test('a command that did not start is no failure that a test may expect', { skip: runRefusal() }, async () => {
  await assert.rejects(
    runCommand(['no-such-tool']),
    /no-such-tool was not started \(status 127\): .*not found in PATH/,
  );
  await assert.rejects(
    runCommand(['true'], { devices: ['nonsense=1'] }),
    /true was not started \(status 125\): .*nonsense/,
  );
  await assert.rejects(
    runCommand(['true'], { env: { PATH: process.env.PATH, TMPDIR: '/x' }, config: '/none' }),
    /none/,
  );
  assert.equal((await runCommand(['sh', '-c', 'exit 125'])).status, 125);
  const { stdout } = await runCommand(['sh', '-c', 'echo "[$NODE_CHANNEL_FD]"']);
  assert.equal(stdout, '[]\n');
});

test('iommufd: its ioctls, faults at them, and the log of both nodes', async () => {
  using emulator = startEmulator({
    devices: [{ driver: 'iommufd' }, {}],
    faults: ['ioctl:command=IOAS_ALLOC:error=ENOMEM:when=2'],
  });
  assert.deepEqual(emulator.devices, ['iommu', 'fwctl0']);
  const file = await emulator.open('iommu');
  const alloc = new Uint32Array([12, 0, 0]);
  const bytes = new Uint8Array(alloc.buffer);
  assert.equal(await file.ioctl(iommufd.IOMMU_IOAS_ALLOC, bytes), 0);
  assert.equal(alloc[2], 1);
  await assert.rejects(file.ioctl(iommufd.IOMMU_IOAS_ALLOC, bytes), { name: 'ENOMEM' });
  const array = file.memory(32);
  new BigUint64Array(array.bytes.buffer, array.bytes.byteOffset, 2).set([0x4000n, 0xffffn]);
  const allow = new DataView(new ArrayBuffer(24));
  [24, 1, 1, 0].forEach((word, at) => void allow.setUint32(at * 4, word, true));
  allow.setBigUint64(16, BigInt(array.address), true);
  await file.ioctl(iommufd.IOMMU_IOAS_ALLOW_IOVAS, new Uint8Array(allow.buffer));
  emulator.calls.expect({ command: 'IOMMU_IOAS_ALLOC', errno: 'ENOMEM' }, 1);
  emulator.calls.expectOrder({ kind: 'open' }, { command: 'IOMMU_IOAS_ALLOC' }, { command: 'IOMMU_IOAS_ALLOW_IOVAS' });
  assert.throws(
    () => emulator.calls.expect({ command: 'IOMMU_IOAS_MAP' }),
    /did you mean IOMMU_IOAS_COPY|found 0.*\n.*\n {2}iommu #1 IOMMU_IOAS_ALLOC flags=0 -> OK out_ioas_id=1/,
  );
  (await emulator.open('vfio')).close();
});

test('replies and requests by name', async () => {
  using emulator = startEmulator();
  const file = await emulator.open();
  const request = accessRegister('PAOS', { local_port: 1 });
  const told = decode(request, await file.rpc(1, request, 32));
  assert.equal(told.command, 'ACCESS_REG(read PAOS 0x5006 local_port=1)');
  assert.deepEqual([told.status, told.statusName, told.fields.oper_status], [0, 'OK', 1]);
  assert.equal(told.refusal, undefined);
  const small = decode(queryHcaCap('GENERAL'), await file.rpc(0, queryHcaCap('GENERAL'), 64));
  assert.deepEqual(
    [small.statusName, small.codes, small.refusal?.fix],
    ['BAD_OUTP_LEN', { syndrome: 0xe00003 }, 'set fwctl_rpc.out_len = 272'],
  );
  assert.equal(decodeRequest(request).names.register, 'PAOS');
  assert.equal(decodeRequest(new Uint8Array(24), 'bnxt').names.req_type, 'VER_GET');
  assert.throws(
    () => decode(new Uint8Array(3), new Uint8Array(16)),
    /a request of 3 bytes says nothing; its header has 16/,
  );
  assert.throws(() => decodeRequest(request, 'mlx4'), /there is no driver "mlx4".*did you mean mlx5\?/);
});

test('keys that there are not', async () => {
  const as = <T>(wrong: object) => wrong as T;
  assert.throws(() => startEmulator(as({ device: [] })), /startEmulator: there is no "device".*did you mean devices\?/);
  assert.throws(() => startEmulator({ devices: [as({ overides: {} })] }), /a device: .*did you mean overrides\?/);
  assert.throws(() => accessRegister('PAOS', {}, as({ wirte: true })), /accessRegister: .*did you mean write\?/);
  assert.throws(() => accessRegister('PAOX'), /no register "PAOX"; did you mean PAOS/);
  await assert.rejects(runCommand(['true'], as({ timeout: 1 })), /runCommand: .*did you mean timeoutMs\?/);
  using emulator = startEmulator();
  for (const use of ['expect', 'expectNone', 'all', 'expectOrder'] as const)
    assert.throws(
      () => emulator.calls[use](as({ registr: 'PAOS' })),
      /a filter of calls: .*did you mean register\?/,
      use,
    );
});
