/** RESOURCE_DUMP read window by window, as mlx5ctl and mstresourcedump do it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { RESOURCE_DUMP } from '../../../../src/abi/mlx5/registers/resource-dump.ts';
import { MENU, RESOURCE_MENU } from '../../../../src/firmware/mlx5/resource-dump/menu.ts';
import { DUMP_ERROR } from '../../../../src/firmware/mlx5/resource-dump/stream.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { rig } from './rig.ts';

const ID = 0xc000;
type Rig = ReturnType<typeof rig>;
type Fields = Readonly<Record<string, number | bigint>>;

function ask(machine: Rig, fields: Fields) {
  const answer = machine.readRegister(ID, RESOURCE_DUMP.encode(fields), 16 + 256);
  assert.equal(answer.status, 0);
  const reply = RESOURCE_DUMP.decode(answer.data);
  return { reply, window: answer.bytes.slice(16 + 48, 16 + 48 + Number(reply.size)) };
}

/** A whole dump; the client's loop. `sequence`: the first request's. */
function collect(machine: Rig, asked: Fields, sequence = 0): { stream: Buffer; windows: number } {
  let fields: Fields = { ...asked, inline_dump: 1, seq_num: sequence };
  const parts: Uint8Array[] = [];
  for (;;) {
    const { reply, window } = ask(machine, fields);
    parts.push(window);
    assert.equal(reply.seq_num, (Number(fields.seq_num) + 1) % 16);
    if (reply.more_dump === 0) break;
    assert.equal(window.length, 208, 'every window but the last is full');
    const next: Record<string, number | bigint> = { ...asked, inline_dump: 1 };
    for (const name of ['seq_num', 'index1', 'index2', 'num_of_obj1', 'num_of_obj2', 'more_dump', 'device_opaque']) {
      next[name] = reply[name] as number | bigint;
    }
    fields = next;
    assert.ok(parts.length < 1000, 'a dump ends');
  }
  return { stream: Buffer.concat(parts), windows: parts.length };
}

interface Segment {
  readonly type: number;
  readonly body: Buffer;
}

function segmentsOf(stream: Buffer): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < stream.length; ) {
    const bytes = stream.readUInt16BE(at) * 4;
    assert.ok(bytes >= 4 && at + bytes <= stream.length, 'segments fill the stream exactly');
    segments.push({ type: stream.readUInt16BE(at + 2), body: stream.subarray(at + 4, at + bytes) });
    at += bytes;
  }
  return segments;
}

function errorOf(segments: readonly Segment[]): [number, string] {
  const error = segments.at(-1);
  assert.equal(error?.type, 0xfffc);
  assert.equal(error.body.length, 44);
  return [error.body.readUInt16BE(2), error.body.subarray(12).toString('latin1').replace(/\0+$/, '')];
}

describe('the menu', () => {
  it('is 2440 bytes of info, command, 46 records and the end', () => {
    const { stream } = collect(rig(), { segment_type: 0xffff });
    assert.equal(stream.length, 2440);
    const segments = segmentsOf(stream);
    assert.deepEqual(
      segments.map(({ type, body }) => [type, body.length + 4]),
      [
        [0xfffe, 16],
        [0xfffa, 20],
        [0xffff, 8 + 46 * 52],
        [0xfffb, 4],
      ],
    );
    // Dump version 1, chip id, firmware 22.43.1014.
    assert.equal(segments[0]?.body.toString('hex'), '0000000100000212162b03f6');
    assert.equal(segments[1]?.body.toString('hex'), 'ffff0000000000000000000000000000');
    assert.equal(segments[2]?.body.readUInt16BE(2), 46);
  });

  it('has RCV_BUFF as the README prints it', () => {
    const { stream } = collect(rig(), { segment_type: 0xffff });
    const record = stream.subarray(36 + 8 + 8 * 52, 36 + 8 + 9 * 52);
    // support_index1, must_have_index1, support_index2; support_num_of_obj2, num_of_obj2_supports_all.
    assert.equal(record.readUInt32BE(0), 0x0507_1002);
    const names = [4, 20, 36].map((at) =>
      record
        .subarray(at, at + 16)
        .toString('latin1')
        .replace(/\0+$/, ''),
    );
    assert.deepEqual(names, ['RCV_BUFF', 'QPN', 'DS']);
  });
});

describe('every type of the menu', () => {
  /** An index1 that exists, where 1 does not. */
  const existing: Readonly<Record<string, number>> = {
    FULL_CQC: 1135,
    CQ_BUFF: 1135,
    PRM_QUERY_CQ: 1135,
    FULL_EQC: 19,
    EQ_BUFF: 19,
  };
  for (const { segmentType, flags, name } of RESOURCE_MENU) {
    const index1 = (flags & MENU.supportIndex1) === 0 ? 0 : (existing[name] ?? 1);
    const index2 = name === 'QUERY_FG' ? 1 : 0;
    const numOfObj1 = (flags & MENU.mustNum1) === 0 ? 0 : 2;
    const asked = { segment_type: segmentType, index1, index2, num_of_obj1: numOfObj1 };

    it(`${name}: more than a window, the same each time, ended by a terminate segment`, () => {
      const machine = rig();
      const { stream, windows } = collect(machine, asked);
      const segments = segmentsOf(stream);
      assert.ok(windows > 1);
      assert.deepEqual([segments[0]?.type, segments[1]?.type, segments.at(-1)?.type], [0xfffe, 0xfffa, 0xfffb]);
      assert.deepEqual(
        [segments[1]?.body.readUInt16BE(0), segments[1]?.body.readUInt32BE(4), segments[1]?.body.readUInt32BE(8)],
        [segmentType, index1, index2],
      );
      const resources = segments.slice(2, -1).filter(({ type }) => type !== 0xfffd);
      assert.ok(resources.length > 0 && resources.every(({ type }) => type === segmentType));
      if ((flags & MENU.mustIndex1) !== 0 && !name.endsWith('_ALL'))
        assert.equal(resources[0]?.body.readUInt32BE(0), index1);
      assert.deepEqual(collect(machine, asked).stream, stream);
    });
  }
});

describe('contents', () => {
  it('of a CQ are its context, then a reference to its EQ', () => {
    const segments = segmentsOf(collect(rig(), { segment_type: 0x1200, index1: 1135 }).stream);
    // The README's CQ: st 9, log_cq_size 10, uar_page 128 behind index1, index2 and a reserved dword.
    assert.equal(segments[2]?.body.readUInt32BE(12), 0x0000_0900);
    assert.equal(segments[2]?.body.readUInt32BE(12 + 12), 0x0a00_0080);
    const reference = segments[3];
    assert.deepEqual(
      [reference?.type, reference?.body.readUInt16BE(0), reference?.body.readUInt32BE(4)],
      [0xfffd, 0x1300, 22],
    );
  });

  it('of PRM_QUERY_CQ are what QUERY_CQ answers', () => {
    const machine = rig();
    const query = machine.command(0x402, { out: 272, fill: (view) => view.setUint32(8, 1135) });
    const segments = segmentsOf(collect(machine, { segment_type: 0x4020, index1: 1135 }).stream);
    assert.deepEqual(new Uint8Array(segments[2]?.body.subarray(12) ?? []), query.bytes);
  });

  it('of rings are as many entries as asked for', () => {
    const entries = (count: number) =>
      segmentsOf(collect(rig(), { segment_type: 0x1201, index1: 1135, index2: 5, num_of_obj2: count }).stream)
        .slice(2, -1)
        .map(({ body }) => body.readUInt32BE(4));
    assert.deepEqual(entries(3), [5, 6, 7]);
    assert.equal(entries(0xffff).length, 16);
  });
});

describe('what cannot be dumped', () => {
  const error = (asked: Fields) => {
    const segments = segmentsOf(collect(rig(), asked).stream);
    assert.deepEqual([segments.length, segments[0]?.type, segments[1]?.type], [3, 0xfffe, 0xfffa]);
    return errorOf(segments);
  };

  it('ends with an error segment that says why', () => {
    assert.deepEqual(error({ segment_type: 0x1234 }), DUMP_ERROR.UNKNOWN_TYPE);
    assert.deepEqual(error({ segment_type: 0x1200, index1: 0xabcdef }), DUMP_ERROR.NO_OBJECT);
    assert.deepEqual(error({ segment_type: 0x1200 }), DUMP_ERROR.NO_OBJECT, 'CQ 0: an index left out');
    assert.deepEqual(error({ segment_type: 0x3001, index1: 1 }), DUMP_ERROR.INDEX1);
    assert.deepEqual(error({ segment_type: 0x1200, index1: 1135, index2: 1 }), DUMP_ERROR.INDEX2);
    assert.deepEqual(error({ segment_type: 0x1200, index1: 1135, num_of_obj1: 2 }), DUMP_ERROR.NUM_OF_OBJ1);
    assert.deepEqual(error({ segment_type: 0x1200, index1: 1135, num_of_obj2: 2 }), DUMP_ERROR.NUM_OF_OBJ2);
    assert.deepEqual(error({ segment_type: 0x2020 }), DUMP_ERROR.MUST_NUM_OF_OBJ1);
    assert.deepEqual(error({ segment_type: 0x1201, index1: 1135, num_of_obj2: 0xfffe }), DUMP_ERROR.NUM_OF_OBJ2);
    assert.deepEqual(error({ segment_type: 0x1200, index1: 1135, vhca_id: 77 }), DUMP_ERROR.VHCA);
  });

  it('texts fit', () => {
    for (const [syndrome, text] of Object.values(DUMP_ERROR)) assert.ok(syndrome <= 0xffff && text.length <= 31, text);
  });
});

describe('the sequence', () => {
  const menu = { segment_type: 0xffff, inline_dump: 1 };
  const next = (reply: Readonly<Record<string, unknown>>, changes: Fields = {}): Fields => ({
    ...menu,
    more_dump: 1,
    seq_num: Number(reply.seq_num),
    device_opaque: reply.device_opaque as bigint,
    ...changes,
  });

  it('may start anywhere and wraps at 16', () => {
    assert.equal(collect(rig(), { segment_type: 0xffff }, 14).stream.length, 2440);
  });

  it('is checked: wrong number, other arguments, another place, an unknown dump', () => {
    const wrongs: readonly Fields[] = [
      { seq_num: 3 },
      { index1: 9 },
      { segment_type: 0x1200 },
      { device_opaque: (1n << 32n) | 100n },
      { device_opaque: 0n },
      { device_opaque: 99n << 32n },
    ];
    for (const changes of wrongs) {
      const machine = rig();
      const wrong = ask(machine, next(ask(machine, menu).reply, changes));
      assert.equal(wrong.reply.more_dump, 0);
      assert.deepEqual(errorOf(segmentsOf(Buffer.from(wrong.window))), DUMP_ERROR.SEQUENCE);
    }
  });

  it('lets several dumps go on side by side, and keeps at most 16', () => {
    const machine = rig();
    const first = ask(machine, menu).reply;
    const second = ask(machine, menu).reply;
    assert.notEqual(first.device_opaque, second.device_opaque);
    assert.equal(ask(machine, next(second)).reply.more_dump, 1);
    assert.equal(ask(machine, next(first)).reply.more_dump, 1);
    for (let i = 0; i < 20; i++) ask(machine, menu);
    assert.equal(ask(machine, next(first, { seq_num: 2 })).reply.more_dump, 0, 'long forgotten');
  });
});

describe('a dump to memory', () => {
  it('is refused: no mkey is known', () => {
    const machine = rig();
    const buffers: readonly Fields[] = [{ mkey: 5 }, { size: 4096 }];
    for (const fields of buffers) {
      const answer = machine.readRegister(ID, RESOURCE_DUMP.encode({ segment_type: 0xffff, ...fields }));
      assert.equal(answer.syndrome, REFUSAL.MKEY_UNKNOWN.syndrome);
    }
    assert.equal(machine.readRegister(ID).status, 0, 'nothing asked for, nothing refused');
  });
});

describe('a dump that is written, as mlx5_core does', () => {
  const id = laidOut(RESOURCE_DUMP).id;

  it('is answered as one that is read, and nothing of it is kept', () => {
    const menu = RESOURCE_DUMP.encode({ segment_type: 0xffff, inline_dump: 1 });
    const [written, asked] = [rig().writeRegister(id, menu), rig().readRegister(id, menu, 16 + 256)];
    assert.deepEqual([written.status, written.bytes], [0, asked.bytes]);
    const machine = rig();
    const before = machine.readRegister(id, new Uint8Array(256), 16 + 256).bytes;
    machine.writeRegister(id, menu);
    assert.deepEqual(machine.readRegister(id, new Uint8Array(256), 16 + 256).bytes, before);
  });

  it('to memory of a key that nobody has is BAD_RES', () => {
    const answer = rig().writeRegister(id, RESOURCE_DUMP.encode({ segment_type: 0xffff, mkey: 0x4200, size: 4096 }));
    assert.equal(answer.syndrome, REFUSAL.MKEY_UNKNOWN.syndrome);
  });
});
