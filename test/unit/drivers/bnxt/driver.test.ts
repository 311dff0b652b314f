import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../src/abi/held.ts';
import { type MessageBuffer, messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { type AbiName, abiProfile } from '../../../../src/abi/profiles.ts';
import { bnxtDialect } from '../../../../src/drivers/bnxt/dialect/dialect.ts';
import { GuardedHwrm } from '../../../../src/drivers/bnxt/dialect/door.ts';
import { bnxtFwctl } from '../../../../src/drivers/bnxt/driver.ts';
import { type Hwrm, Undelivered } from '../../../../src/firmware/bnxt/hwrm.ts';
import { Loopback } from '../../../../src/firmware/bnxt/loopback.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { machine } from '../../fwctl/machine.ts';

const VER_GET = 0x0;
const PORT_QSTATS = 0x23;
const NVM_WRITE = 0xfffe;

/** A device over that firmware, opened, and memory of its program. */
function opened(hwrm: Hwrm = new Loopback(), abiName: AbiName = 'linux-7.3') {
  const abi = abiProfile(abiName);
  assert.ok(abi);
  const { fwctl, transport } = machine(abiName);
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), bnxtFwctl(hwrm, abi)).fileOps);
  const { memory } = transport;
  return { file, memory, place: memory.allocate(0x20000) };
}

function request(type: number, length: number, fill: (view: DataView) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setUint16(2, 0xffff, true);
  view.setUint16(6, 0xffff, true);
  fill(view);
  return bytes;
}

const qstats = (tx: number, rx: number) =>
  request(PORT_QSTATS, 40, (view) => {
    view.setBigUint64(24, BigInt(tx), true);
    view.setBigUint64(32, BigInt(rx), true);
  });

const errorCode = (reply: Uint8Array) => Buffer.from(reply).readUInt16LE(0);

test('info: le32 caps, DMA_COMMANDS from 7.3 on', () => {
  assert.deepEqual([...opened().file.info().data], [0xf, 0, 0, 0]);
  assert.deepEqual([...opened(new Loopback(), 'linux-7.1').file.info().data], [7, 0, 0, 0]);
  assert.equal(opened().file.info().deviceType, 3);
});

test('each refusal has its own rule, and what would be right', () => {
  const { file } = opened();
  const old = opened(new Loopback(), 'linux-7.1').file;
  const stopped = opened(new Loopback({ stopped: true })).file;
  const big = request(NVM_WRITE, 56, (view) => view.setUint32(32, 65537, true));
  const rows = [
    [file, 1, request(VER_GET, 15), 64, 'EINVAL', /in_len is not 16 to 128/],
    [file, 1, request(VER_GET, 129), 64, 'EINVAL', /in_len is not 16 to 128/],
    [file, 1, request(VER_GET, 24), 7, 'EINVAL', /out_len is below/],
    [file, 0, request(PORT_QSTATS, 41), 64, 'EINVAL', /not the size of this request/],
    [file, 0, request(NVM_WRITE, 56), 64, 'EINVAL', /0 or more than 65536 bytes/],
    [file, 0, big, 64, 'EINVAL', /0 or more than 65536 bytes/],
    [file, 0, request(VER_GET, 24), 64, 'EPERM', /needs scope FWCTL_RPC_DEBUG_READ_ONLY/],
    [file, 3, request(0x17, 24), 64, 'EPERM', /no kernel lets/],
    [old, 1, request(PORT_QSTATS, 24), 64, 'EPERM', /not let through by Linux 7\.1/],
    [stopped, 1, request(VER_GET, 24), 64, 'EPERM', /upper layer is stopped/],
    [file, 1, qstats(0, 0), 64, 'EFAULT', /a buffer it points to, cannot be written/],
  ] as const;
  for (const [target, scope, bytes, room, name, rule] of rows)
    assert.throws(() => target.rpc(scope, bytes, room), { name, rule, remedy: /^\S/ }, String(rule));
});

test('the response is as long as was asked for: cut, or zero behind what the firmware gave', () => {
  const firmware = new Loopback({ responseBytes: 12 });
  const { file } = opened(firmware);
  assert.equal(Buffer.from(file.rpc(1, request(VER_GET, 24), 8)).toString('hex'), '00000000e9510c00');
  assert.deepEqual([...file.rpc(1, request(VER_GET, 24), 20).subarray(12)], new Array(8).fill(0));
  firmware.options.errorCode = 2;
  const refused = file.rpc(1, request(VER_GET, 24), 64);
  assert.equal(Buffer.from(refused.subarray(0, 16)).toString('hex'), '02000000e95110004433221166557700');
  assert.deepEqual([...refused.subarray(16)], new Array(48).fill(0));
});

test('two buffers are filled, each as long as its request says, whatever the firmware makes of it', () => {
  const firmware = new Loopback();
  const { file, memory, place } = opened(firmware);
  const [tx, rx] = [place + 3, place + 0x1001];
  const filled = (at: number, length: number) => [...memory.view(at, length + 1)];
  memory.view(place, 0x2000).fill(0xa5);
  assert.equal(errorCode(file.rpc(1, qstats(tx, rx), 16)), 0);
  assert.deepEqual(filled(tx, 408), [...Array.from({ length: 408 }, (_, i) => (i * 7 + PORT_QSTATS) & 255), 0xa5]);
  assert.deepEqual(filled(rx, 528), [...Array.from({ length: 528 }, (_, i) => (i * 7 + PORT_QSTATS + 1) & 255), 0xa5]);
  firmware.options.errorCode = 1;
  assert.equal(errorCode(file.rpc(1, qstats(tx, rx), 16)), 1);
  assert.ok(memory.view(tx, 408).every((byte) => byte === 0) && memory.view(rx, 528).every((byte) => byte === 0));
});

test('the second buffer is written also where the first cannot be; the response is not', () => {
  const { file, memory, place } = opened();
  assert.throws(() => file.rpc(1, qstats(0, place), 16), { name: 'EFAULT' });
  assert.ok(memory.view(place, 528).some((byte) => byte !== 0));
});

test('a buffer to the device is read; where it cannot be, the firmware is not asked', () => {
  let asked = 0;
  const seen: string[] = [];
  const { file, memory, place } = opened({
    stopped: false,
    exec(_request, _response, buffers, timeoutMs) {
      asked++;
      for (const { toDevice, bytes } of buffers) seen.push(`${toDevice} ${Buffer.from(bytes)} ${timeoutMs}`);
      return undefined;
    },
  });
  const write = (at: number, length: number) =>
    request(NVM_WRITE, 56, (view) => {
      view.setBigUint64(16, BigInt(at), true);
      view.setUint32(32, length, true);
    });
  memory.view(place, 5).set(Buffer.from('image'));
  file.rpc(2, write(place, 5), 16);
  assert.deepEqual(seen, ['true image 60000']);
  assert.throws(() => file.rpc(2, write(0, 5), 16), { name: 'EFAULT', rule: /to the device cannot be read/ });
  assert.equal(asked, 1);
});

test('what could not be delivered is an error code, at once or late, and buffers become zeros', async () => {
  let late: Held<undefined> | undefined;
  const { file, memory, place } = opened({
    stopped: false,
    exec(_request, response, buffers) {
      response.bytes[5] = 1;
      buffers[0]?.bytes.fill(0, 0, 4);
      if (late !== undefined) return late;
      throw new Undelivered('EBUSY');
    },
  });
  memory.view(place, 1000).fill(0xa5);
  const undelivered = file.rpc(1, qstats(place, place), 16);
  assert.equal(Buffer.from(undelivered).toString('hex'), `f0ff${'00'.repeat(14)}`);
  assert.ok(memory.view(place, 528).every((byte) => byte === 0));

  late = new Held<undefined>();
  const coming = file.rpcLate(1, request(VER_GET, 24), 16);
  late.release(() => {
    throw new Undelivered('ETIMEDOUT');
  });
  assert.equal(errorCode(await coming), 0xff92);

  late = new Held<undefined>();
  const good = file.rpcLate(1, qstats(place, place + 1000), 16);
  late.release(() => undefined);
  assert.equal((await good).length, 16);
  assert.equal(memory.view(place + 1000, 528)[0], 0);
});

test('anything else that is thrown comes through: a bug of ours, and the errno of a fault', () => {
  for (const error of [new TypeError('a bug'), new Errno('EIO', 'a fault was injected')]) {
    const { file } = opened({
      stopped: false,
      exec() {
        throw error;
      },
    });
    assert.throws(() => file.rpc(1, request(VER_GET, 24), 16), error);
  }
});

test('slow answers come one after another', async () => {
  const due: (() => void)[] = [];
  const clock = { monotonicNs: () => 0, wallMs: () => 0, after: (_ms: number, then: () => void) => due.push(then) };
  const { file } = opened(new Loopback({ delayMs: 40 }, clock as never));
  const order: number[] = [];
  const calls = [0, 1, 2].map((n) => file.rpcLate(1, request(VER_GET, 24), 16).then(() => order.push(n)));
  for (let n = 0; n < 3; n++) {
    assert.equal(due.length, n + 1, 'the next begins when the one before has ended');
    due[n]?.();
    await calls[n];
  }
  assert.deepEqual(order, [0, 1, 2]);
});

test('a refusal at the door has its request type; an answer of the firmware keeps its own', () => {
  const firmware = new Loopback();
  const guard = {
    active: true,
    refuses: true,
    pass(_request: MessageBuffer, reply: MessageBuffer, execute: () => undefined | Held<undefined>) {
      if (!this.refuses) return execute();
      bnxtDialect.refuse({ status: 0x10, cmd_err: 3 }, reply);
      return undefined;
    },
  };
  const { file } = opened(new GuardedHwrm(firmware, guard));
  const guarded = messageBuffer(20);
  const refused = Buffer.from(file.rpc(1, request(0x15, 24), 20)).toString('hex');
  assert.equal(refused, '10001500000010000000000000000301'.padEnd(40, '0'));
  bnxtDialect.refuse({ status: 0xfff0 }, guarded);
  assert.equal(Buffer.from(guarded.bytes).toString('hex'), `f0ff${'00'.repeat(18)}`, 'as where nothing is delivered');
  guard.refuses = false;
  assert.equal(errorCode(file.rpc(1, request(0x15, 24), 20)), 0);
});
