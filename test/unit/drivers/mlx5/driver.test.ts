import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrnoName } from '../../../../src/abi/errno.ts';
import { Held } from '../../../../src/abi/held.ts';
import { type MessageBuffer, messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../../../src/drivers/mlx5/driver.ts';
import { Loopback } from '../../../../src/firmware/mlx5/loopback.ts';
import type { Mailbox } from '../../../../src/firmware/mlx5/mailbox.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { plainCaller } from '../../../../src/transport/inprocess.ts';
import { InprocessCall } from '../../../../src/transport/inprocess-call.ts';
import { UserMemory } from '../../../../src/transport/user-memory.ts';
import { machine } from '../../fwctl/machine.ts';

const ABI = abiProfile('linux-7.3');
assert.ok(ABI);

/** Notes every command, and hands it on. */
class Noting implements Mailbox {
  readonly commands: { request: string; outLength: number }[] = [];
  answer: ((request: MessageBuffer, reply: MessageBuffer) => undefined | Held<undefined>) | undefined;
  private readonly inner = new Loopback();

  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const hex = Buffer.from(request.bytes.subarray(0, request.length)).toString('hex');
    this.commands.push({ request: hex, outLength: reply.length });
    return (this.answer ?? ((q, r) => this.inner.exec(q, r)))(request, reply);
  }
}

function request(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.padEnd(32, '0'), 'hex'));
}

test('the commands of its own: QUERY_HCA_CAP once, CREATE_UCTX at open, DESTROY_UCTX at close', () => {
  const mailbox = new Noting();
  const ops = mlx5Fwctl(mailbox, ABI);
  assert.deepEqual(mailbox.commands.splice(0), [{ request: '01000000000000010000000000000000', outLength: 4112 }]);
  const uctx = ops.openUctx(plainCaller());
  assert.ok(!(uctx instanceof Held));
  assert.equal(ops.deviceType, 1);
  assert.deepEqual(mailbox.commands.splice(0), [
    { request: `0a04000000000000${'00'.repeat(8)}00000004${'00'.repeat(44)}`, outLength: 16 },
  ]);
  assert.deepEqual(uctx, { uid: 1, uctxCaps: 4 });
  ops.closeUctx(uctx);
  assert.deepEqual(mailbox.commands, [{ request: '0a060000000000000000000100000000', outLength: 16 }]);
});

test('info: le32 uid, le32 caps; caps 0 where the firmware lacks TOOLS_RESOURCES or refuses the query', () => {
  for (const [uctxCap, caps] of [
    [4, 4],
    [7, 4],
    [3, 0],
    [0, 0],
  ] as const) {
    const ops = mlx5Fwctl(new Loopback({ uctxCap }), ABI);
    const first = ops.openUctx(plainCaller());
    const second = ops.openUctx(plainCaller());
    assert.ok(!(first instanceof Held) && !(second instanceof Held));
    const data = messageBuffer(8);
    const call = new InprocessCall(new UserMemory(), plainCaller());
    assert.equal(ops.info?.(second, data, call), 8);
    assert.deepEqual([...data.bytes], [2, 0, 0, 0, caps, 0, 0, 0]);
  }
  const mute: Mailbox = {
    exec(_request, reply) {
      reply.bytes.fill(0xff, 0, reply.length);
      return undefined;
    },
  };
  assert.throws(() => mlx5Fwctl(mute, ABI).openUctx(plainCaller()), { name: 'EIO' }, 'status 0xff');
});

const OPEN_ERRNO: Record<ErrnoName & string, number[]> = {
  EIO: [1, 4, 0xb, 0xc, 0xd, 0xe, 0x50, 0x51, 0xfe],
  EINVAL: [2, 3, 5, 9, 0xa, 0x10, 0x30, 0x40],
  EBUSY: [6],
  EAGAIN: [7, 0xf],
  ENOMEM: [8],
} as Record<ErrnoName, number[]>;

for (const [errno, statuses] of Object.entries(OPEN_ERRNO)) {
  test(`CREATE_UCTX refused with ${statuses.map((s) => `0x${s.toString(16)}`)}: open fails with ${errno}`, () => {
    const firmware = new Loopback();
    const { fwctl, transport } = machine();
    const { fileOps } = fwctl.register(fwctl.alloc(), mlx5Fwctl(firmware, ABI));
    for (const status of statuses) {
      firmware.options.createUctxStatus = status;
      assert.throws(() => transport.openDevice(fileOps), { name: errno }, `status ${status}`);
    }
    assert.equal(firmware.uctxLive, 0);
    firmware.options.createUctxStatus = 0;
    transport.openDevice(fileOps).close();
    assert.equal(firmware.counters.uctxDestroyed, 1);
  });
}

test('CREATE_UCTX that is not delivered: open fails with that errno; DESTROY_UCTX that is not delivered: close succeeds', () => {
  const mailbox = new Noting();
  const ops = mlx5Fwctl(mailbox, ABI);
  const uctx = ops.openUctx(plainCaller());
  assert.ok(!(uctx instanceof Held));
  mailbox.answer = () => {
    throw new Errno('ETIMEDOUT', 'no answer');
  };
  assert.throws(() => ops.openUctx(plainCaller()), { name: 'ETIMEDOUT' });
  ops.closeUctx(uctx);
});

test('600 opens have 600 uids; a uid is given again after its close', () => {
  const firmware = new Loopback();
  const { fwctl, transport } = machine();
  const { fileOps } = fwctl.register(fwctl.alloc(), mlx5Fwctl(firmware, ABI));
  const files = Array.from({ length: 600 }, () => transport.openDevice(fileOps));
  const uidOf = (file: (typeof files)[number]) => Buffer.from(file.info().data).readUInt32LE(0);
  const uids = files.map(uidOf);
  assert.equal(new Set(uids).size, 600);
  assert.ok(!uids.includes(0));
  assert.equal(firmware.uctxLive, 600);
  for (const file of files) file.close();
  assert.equal(firmware.uctxLive, 0);
});

test("the request's uid is replaced by the context's, in the kernel's copy alone; the reply is zeroed first", () => {
  const mailbox = new Noting();
  const { fwctl, transport } = machine();
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), mlx5Fwctl(mailbox, ABI)).fileOps);
  const long = transport.openDevice(fwctl.register(fwctl.alloc(), mlx5Fwctl(new Loopback(), ABI)).fileOps);
  assert.equal(long.rpc(0, request('0100'), 4096).length, 4096);
  mailbox.commands.length = 0;
  mailbox.answer = (_request, reply) => {
    assert.ok(reply.bytes.subarray(0, reply.length).every((byte) => byte === 0));
    reply.view.setUint8(0, 0x82);
    return undefined;
  };
  const sent = request('0100beef');
  const reply = file.rpc(0, sent, 40);
  assert.deepEqual([...reply], [0x82, ...new Array(39).fill(0)], 'a status is not an errno');
  assert.equal(mailbox.commands[0]?.request.slice(0, 8), '01000001');
  assert.equal(Buffer.from(sent).toString('hex').slice(0, 8), '0100beef');
});

test('each refusal has its own rule', () => {
  const { fwctl, transport } = machine();
  const v2 = machine('v2');
  const file = transport.openDevice(fwctl.register(fwctl.alloc(), mlx5Fwctl(new Loopback(), ABI)).fileOps);
  const abi = abiProfile('v2');
  assert.ok(abi);
  const old = v2.transport.openDevice(v2.fwctl.register(v2.fwctl.alloc(), mlx5Fwctl(new Loopback(), abi)).fileOps);
  const rows = [
    [file, 0, request('0100').subarray(0, 8), 16, 'EMSGSIZE', /in_len is below/],
    [file, 0, request('0100'), 15, 'EMSGSIZE', /out_len is below/],
    [file, 3, request('0909'), 16, 'EBADMSG', /no kernel lets/],
    [file, 0, request('010a'), 16, 'EBADMSG', /needs scope FWCTL_RPC_DEBUG_READ_ONLY \(1\)/],
    [file, 1, request('0820'), 16, 'EBADMSG', /needs scope FWCTL_RPC_DEBUG_WRITE \(2\)/],
    [file, 0, request('0805000000000001'), 16, 'EBADMSG', /reading a register/],
    [old, 1, request('0100'), 16, 'EBADMSG', /scope FWCTL_RPC_CONFIGURATION \(0\) alone/],
    [old, 0, request('080d'), 16, 'EBADMSG', /not let through by the v2 patch series/],
    [old, 2, request('0909'), 16, 'EOPNOTSUPP', /v2 series has no scope above/],
  ] as const;
  for (const [target, scope, bytes, outLength, name, rule] of rows) {
    assert.throws(() => target.rpc(scope, bytes, outLength), { name, rule, remedy: /^\S/ }, String(rule));
  }
});

test('a late firmware: the length comes with the answer, an undelivered command throws when it is collected', async () => {
  const mailbox = new Noting();
  const { fwctl, transport } = machine();
  const { fileOps } = fwctl.register(fwctl.alloc(), mlx5Fwctl(mailbox, ABI));
  const file = transport.openDevice(fileOps);
  const held = [new Held<undefined>(), new Held<undefined>()];
  mailbox.answer = () => held[0];
  const good = file.rpcLate(0, request('0100'), 24);
  mailbox.answer = () => held[1];
  const bad = file.rpcLate(0, request('0100'), 24);
  held[1]?.release(() => {
    throw new Errno('ETIMEDOUT', 'no answer');
  });
  await assert.rejects(bad, { name: 'ETIMEDOUT' });
  held[0]?.release(() => undefined);
  assert.equal((await good).length, 24);

  const slow = new Held<undefined>();
  mailbox.answer = () => slow;
  const opening = transport.openDeviceLate(fileOps);
  slow.release(() => {
    throw new Errno('EIO', 'lost');
  });
  await assert.rejects(opening, { name: 'EIO' });
});
