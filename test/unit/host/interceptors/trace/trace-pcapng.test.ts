/**
 * pcapng: the blocks byte by byte, by a reader of their own; and by tshark with the dissector, where it is installed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRNO } from '../../../../../src/abi/errno.ts';
import { wiresharkDissector } from '../../../../../src/cli/generate/wireshark.ts';
import type { TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { openTraceOutput } from '../../../../../src/host/interceptors/trace/trace-output.ts';
import {
  HEADER_BYTES,
  PACKET_FIELDS,
  PACKET_KIND,
  PcapngWriter,
} from '../../../../../src/host/interceptors/trace/trace-pcapng.ts';
import { MESSAGES } from '../faults/read-fault.ts';

const base = {
  timeUs: 1_767_323_045_678_901,
  device: 'fwctl0',
  driver: 'mlx5',
  file: 2,
  comm: 'mlx5ctl',
  tid: 4711,
  callerUid: 1000,
  durationUs: 12.4,
};
const request = Uint8Array.from([0x08, 0x05, 0, 1, 0, 0, 0, 1, 0, 0, 0x90, 0x20, 0, 0, 0, 0]);
const reply = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);

const events: TraceEvent[] = [
  { ...base, kind: 'open', flags: 2, held: false, outcome: { kind: 'ok', value: 0 } },
  {
    ...base,
    kind: 'ioctl',
    cmd: 0x9a01,
    held: true,
    outcome: { kind: 'ok', value: 0 },
    part: {
      kind: 'rpc',
      scope: 1,
      inLen: 16,
      outLen: 11,
      uid: 3,
      request: {
        numbers: { opcode: 0x805, op_mod: 1 },
        names: { opcode: 'ACCESS_REG', register: 'MGIR' },
        command: 'ACCESS_REG(read MGIR 0x9020)',
        fields: [],
      },
      requestHex: undefined,
      delivered: true,
      reply: { status: 0, statusName: 'OK', codes: { syndrome: 0 }, fields: [], keys: [] },
      replyHex: undefined,
      changed: [],
      raw: { request, reply },
    },
  },
  {
    ...base,
    device: 'fwctl1',
    driver: undefined,
    kind: 'ioctl',
    cmd: 0x9a00,
    held: false,
    part: undefined,
    outcome: { kind: 'refused', errno: 'EFAULT', rule: 'r', fix: undefined, passes: undefined },
  },
  { ...base, kind: 'close', uid: 3, ioctls: 2 },
  { kind: 'kmsg', timeUs: base.timeUs, level: 4, text: 'fwctl fwctl0: tainted' },
];

interface Block {
  readonly type: number;
  readonly body: DataView;
}

/** Every block's two lengths agree, and nothing is left over. */
function blocksOf(bytes: Uint8Array): Block[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    assert.equal(length % 4, 0);
    assert.equal(view.getUint32(at + length - 4, true), length);
    blocks.push({
      type: view.getUint32(at, true),
      body: new DataView(bytes.buffer, bytes.byteOffset + at + 8, length - 12),
    });
    at += length;
  }
  return blocks;
}

test('section, an interface for each device, a packet for each event', () => {
  const writer = new PcapngWriter();
  const bytes = Buffer.concat([
    writer.start(),
    ...events.map((event) => writer.event(event)),
    writer.dropped(7, base.timeUs),
  ]);
  const blocks = blocksOf(bytes);
  assert.deepEqual(
    blocks.map(({ type }) => type),
    [0x0a0d0d0a, 1, 6, 6, 1, 6, 6, 1, 6, 6],
  );
  assert.equal(blocks[0]?.body.getUint32(0, true), 0x1a2b3c4d);
  assert.equal(blocks[1]?.body.getUint16(0, true), 147);
  const packets = blocks.filter(({ type }) => type === 6).map(({ body }) => body);
  assert.deepEqual(
    packets.map((body) => body.getUint32(0, true)),
    [0, 0, 1, 0, 2, 2],
    'interface numbers',
  );
  const rpc = packets[1];
  assert.ok(rpc);
  const time = (BigInt(rpc.getUint32(4, true)) << 32n) | BigInt(rpc.getUint32(8, true));
  assert.equal(time, BigInt(base.timeUs));
  assert.equal(rpc.getUint32(12, true), HEADER_BYTES + request.length + reply.length);
  assert.deepEqual([rpc.getUint8(20), rpc.getUint16(22, true), HEADER_BYTES], [2, 100, 100], 'version and header');
  const driverOf = (body: DataView | undefined) =>
    body &&
    Buffer.from(body.buffer, body.byteOffset + 20 + 84, 16)
      .toString('latin1')
      .replace(/\0+$/, '');
  assert.deepEqual(packets.map(driverOf), ['mlx5', 'mlx5', '', 'mlx5', '', '']);
  const field = (name: keyof typeof PACKET_FIELDS) => rpc.getUint32(20 + PACKET_FIELDS[name][0], true);
  assert.deepEqual(
    [field('cmd'), field('tid'), field('scope'), field('in_len'), field('request_bytes'), field('reply_bytes')],
    [0x9a01, 4711, 1, 16, request.length, reply.length],
  );
  assert.equal(rpc.getUint16(20 + PACKET_FIELDS.flags[0], true), 3);
  const payload = Buffer.from(rpc.buffer, rpc.byteOffset + 20 + HEADER_BYTES, request.length + reply.length);
  assert.deepEqual(payload, Buffer.concat([request, reply]));
  assert.equal(packets[2]?.getInt32(20 + PACKET_FIELDS.result[0], true), -ERRNO.EFAULT);
  assert.equal(packets[5]?.getUint8(20 + PACKET_FIELDS.kind[0]), PACKET_KIND.dropped);
});

test('a file whose name ends in .pcapng; what the dissector says of it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-pcapng-'));
  try {
    const path = join(folder, 'trace.pcapng');
    const output = openTraceOutput({ path, fields: 'none', env: {}, failed: (message) => assert.fail(message) });
    assert.equal(output.raw, true);
    for (const event of events) output.listener(event);
    output.close();
    assert.equal(blocksOf(readFileSync(path)).length, 9);
    if (!existsSync('/usr/bin/tshark')) return t.skip('tshark is not installed');
    const script = join(folder, 'fwctl-emu.lua');
    writeFileSync(script, wiresharkDissector([...MESSAGES.values()]));
    const fields = ['fwctl.device', 'fwctl.opcode', 'fwctl.register', 'fwctl.errno', 'fwctl.uid', 'fwctl.text'];
    const args = ['-X', `lua_script:${script}`, '-r', path, '-T', 'fields', ...fields.flatMap((name) => ['-e', name])];
    const shown = spawnSync('tshark', args, {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder },
    });
    assert.doesNotMatch(shown.stderr, /lua/i);
    assert.deepEqual(shown.stdout.trimEnd().split('\n'), [
      'fwctl0\t\t\t\t\t',
      'fwctl0\t0x0805\t0x9020\t\t3\t',
      'fwctl1\t\t\tEFAULT\t\t',
      'fwctl0\t\t\t\t3\t',
      '\t\t\t\t\tfwctl fwctl0: tainted',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
