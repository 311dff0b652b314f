/** Every row of the command table, and what the dispatcher says before a handler runs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { QUERY_ADAPTER, QUERY_ISSI, QUERY_SPECIAL_CONTEXTS } from '../../../../src/abi/mlx5/commands.ts';
import { HCA_STATE } from '../../../../src/abi/mlx5/hca-commands.ts';
import { OBJECT_TYPES } from '../../../../src/abi/mlx5/objects/types.ts';
import { OPCODE, opcodeName } from '../../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../../src/abi/mlx5/status.ts';
import { MLX5_COMMANDS } from '../../../../src/firmware/mlx5/commands.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { rig } from './rig.ts';

/** What a row needs in the request beyond the header to succeed. */
const wellFormed: Partial<Record<string, (view: DataView) => void>> = {
  ACCESS_REG: (view) => view.setUint16(10, 0x9020),
  ACCESS_REGISTER_USER: (view) => view.setUint16(10, 0x9020),
  DESTROY_UCTX: (view) => view.setUint16(10, 1),
  QUERY_UCTX: (view) => view.setUint16(10, 1),
};
/** A number that each type of object has; the rest has 1 (or 0, where it is one alone). */
const existing: Partial<Record<string, readonly number[]>> = {
  CONG_STATUS: [0, 1],
  FLOW_TABLE: [0, 1],
  FLOW_GROUP: [1, 1],
  FLOW_TABLE_ENTRY: [1, 0],
  SCHEDULING_ELEMENT: [0, 1],
  ROCE_ADDRESS: [0],
};
for (const { name, query, idFields } of OBJECT_TYPES) {
  wellFormed[`QUERY_${name}`] = (view) =>
    idFields.forEach((path, i) => {
      query.request.set(view, path, existing[name]?.[i] ?? 1);
      if (query.request.has('other_vport')) query.request.set(view, 'other_vport', 1);
    });
}
wellFormed.SET_HCA_CAP = (view) => {
  view.setUint8(8, 0x80);
  view.setUint16(10, 1);
};

/** Queries of kinds of objects of which there is none. */
const WITHOUT_OBJECTS = new Set(['QUERY_GENERAL_OBJECT', 'QUERY_MODIFY_HEADER_CONTEXT', 'QUERY_MATCH_SAMPLE_INFO']);
/** Over fwctl the machine's driver has brought the function up. */
const isTaken = ({ states }: { readonly states: number }) => (states & HCA_STATE.init) !== 0;
const NOT_NOW = [STATUS.BAD_SYS_STATE, REFUSAL.HCA_STATE.syndrome];
const NO_OBJECT = [STATUS.BAD_RES, REFUSAL.OBJECT_UNKNOWN.syndrome];

/** What is created first. */
wellFormed.CREATE_EQ = (view) => view.setUint8(31, 128);
wellFormed.DESTROY_EQ = (view) => view.setUint8(11, 3);
wellFormed.DEALLOC_UAR = (view) => view.setUint8(11, 128);
wellFormed.DEALLOC_PD = (view) => view.setUint8(11, 3);
const firstKey = rig().command(OPCODE.CREATE_MKEY, { in: 272 }).view.getUint32(8);
wellFormed.DESTROY_MKEY = (view) => view.setUint32(8, firstKey);

const goodOpMod: Partial<Record<string, number>> = { QUERY_PAGES: 3, ACCESS_REG: 1, ACCESS_REGISTER_USER: 1 };

describe('every command', () => {
  for (const row of MLX5_COMMANDS.rows) {
    const fill = wellFormed[row.name];
    const opMod = goodOpMod[row.name] ?? 0;
    const ready = () => {
      const machine = rig();
      machine.createUctx(4);
      for (const opcode of [OPCODE.ALLOC_UAR, OPCODE.ALLOC_PD, OPCODE.ADD_VXLAN_UDP_DPORT]) machine.command(opcode);
      machine.command(OPCODE.CREATE_EQ, { in: 280, fill: wellFormed.CREATE_EQ });
      machine.command(OPCODE.CREATE_MKEY, { in: 272 });
      return machine;
    };

    it(`${row.name}: is the opcode of that name`, () => {
      assert.equal(opcodeName(row.opcode), row.name);
    });

    it(`${row.name}: succeeds at the shortest lengths and at longer ones`, () => {
      for (const extra of [0, 4, 4096]) {
        const answer = ready().command(row.opcode, { opMod, in: row.minIn + extra, out: row.minOut + extra, fill });
        const wanted = WITHOUT_OBJECTS.has(row.name) ? NO_OBJECT : isTaken(row) ? [0, 0] : NOT_NOW;
        assert.deepEqual([answer.status, answer.syndrome], wanted, `+${extra}`);
      }
    });

    it(`${row.name}: one byte less is BAD_INP_LEN, BAD_OUTP_LEN`, () => {
      const short = ready().command(row.opcode, { opMod, in: row.minIn - 1, out: row.minOut, fill });
      assert.deepEqual([short.status, short.syndrome], [0x50, REFUSAL.REQUEST_TOO_SHORT.syndrome]);
      const narrow = ready().command(row.opcode, { opMod, in: row.minIn, out: row.minOut - 1, fill });
      assert.deepEqual([narrow.status, narrow.syndrome], [0x51, REFUSAL.REPLY_TOO_SHORT.syndrome]);
      assert.ok(
        narrow.bytes.subarray(8).every((byte) => byte === 0),
        'nothing but the refusal is answered',
      );
    });

    it(`${row.name}: op_mods outside of its range are BAD_PARAM`, () => {
      for (const wrong of [row.opMod[0] - 1, row.opMod[1] + 1]) {
        if (wrong < 0 || wrong > 0xffff) continue;
        const answer = ready().command(row.opcode, { opMod: wrong, in: row.minIn, out: row.minOut, fill });
        assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_PARAM, REFUSAL.OP_MOD.syndrome]);
      }
    });

    it(`${row.name}: runs for an open uid, is BAD_RES for another`, () => {
      const options = { opMod, in: row.minIn, out: row.minOut, fill };
      const wanted = WITHOUT_OBJECTS.has(row.name) ? STATUS.BAD_RES : isTaken(row) ? 0 : STATUS.BAD_SYS_STATE;
      assert.equal(ready().command(row.opcode, { ...options, uid: 1 }).status, wanted);
      const stray = ready().command(row.opcode, { ...options, uid: 2 });
      assert.deepEqual([stray.status, stray.syndrome], [STATUS.BAD_RES, REFUSAL.UNKNOWN_UID.syndrome]);
    });
  }
});

describe('the dispatcher', () => {
  it('answers BAD_OP to every opcode that is not in the table', () => {
    const known = new Set(MLX5_COMMANDS.rows.map((row) => row.opcode));
    const machine = rig();
    const request = messageBuffer(64);
    const reply = messageBuffer(64);
    for (let opcode = 0; opcode < 0x10000; opcode++) {
      if (known.has(opcode)) continue;
      request.view.setUint16(0, opcode);
      reply.bytes.fill(0);
      machine.firmware.exec(request, reply);
      assert.equal(reply.bytes[0], STATUS.BAD_OP, `0x${opcode.toString(16)}`);
    }
  });

  it('writes no more of a refusal than fits', () => {
    assert.equal(rig().command(0xffff, { out: 1 }).status, STATUS.BAD_OP);
    assert.equal(rig().command(0xffff, { out: 7 }).status, STATUS.BAD_OP);
    assert.equal(rig().command(0xffff, { out: 0 }).bytes.length, 0);
    assert.equal(rig().command(0, { in: 0 }).status, STATUS.BAD_INP_LEN);
  });

  it('has distinct syndromes', () => {
    const rows = Object.values(REFUSAL);
    assert.equal(new Set(rows.map((row) => row.syndrome)).size, rows.length);
    for (const row of rows) {
      assert.equal(REFUSAL[row.name as keyof typeof REFUSAL], row);
      assert.notEqual(row.status, 0);
    }
  });

  it('survives any bytes', () => {
    const opcodes = fc.constantFrom(...MLX5_COMMANDS.rows.map((row) => row.opcode));
    const machine = rig();
    fc.assert(
      fc.property(opcodes, fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 300 }), (opcode, bytes, out) => {
        machine.command(opcode, {
          in: bytes.length,
          out,
          fill: (_, target) => target.set(bytes.subarray(2), Math.min(2, bytes.length)),
        });
      }),
      { numRuns: 1000 },
    );
    assert.equal(machine.command(OPCODE.NOP).status, 0, 'and still works');
  });
});

describe('the small queries', () => {
  it('QUERY_ISSI: 1 is current, 0 and 1 are supported', () => {
    const { view } = rig().command(OPCODE.QUERY_ISSI, { out: 112 });
    assert.deepEqual(QUERY_ISSI.reply.decode(view), { current_issi: 1, supported_issi_dw0: 3 });
    assert.equal(view.getUint16(10), 1);
    assert.equal(view.getUint32(108), 3);
  });

  it('QUERY_ADAPTER: vendor and PSID of the profile', () => {
    const { view, bytes } = rig({ 'identity.psid': 'MT_TEST', 'identity.vsd': 'abc' }).command(OPCODE.QUERY_ADAPTER, {
      out: 272,
    });
    assert.equal(QUERY_ADAPTER.reply.get(view, 'vsd_vendor_id'), 0x15b3);
    assert.equal(Buffer.from(bytes.subarray(256)).toString('latin1'), 'MT_TEST'.padEnd(16, '\0'));
    assert.equal(Buffer.from(bytes.subarray(48, 52)).toString('latin1'), 'abc\0');
  });

  it('QUERY_PAGES: nothing is wanted, for VFs neither, with the op_mod 0 of mlx5ctl too', () => {
    const ask = (opMod: number, id: number) =>
      rig().command(OPCODE.QUERY_PAGES, { opMod, fill: (view) => view.setUint16(10, id) });
    for (const opMod of [0, 1, 2, 3]) {
      const { status, view } = ask(opMod, 2);
      assert.deepEqual([status, view.getUint16(10), view.getUint32(12)], [0, 2, 0]);
    }
    assert.equal(ask(1, 3).syndrome, REFUSAL.OTHER_FUNCTION.syndrome);
  });

  it('QUERY_SPECIAL_CONTEXTS: the profile’s keys', () => {
    const { view } = rig({ 'special_contexts.null_mkey': 0x1234 }).command(OPCODE.QUERY_SPECIAL_CONTEXTS, { out: 32 });
    assert.equal(QUERY_SPECIAL_CONTEXTS.reply.get(view, 'null_mkey'), 0x1234);
    assert.equal(view.getUint32(16), 0x1234);
  });
});

describe('MODIFY_CONG_STATUS', () => {
  it('is what QUERY_CONG_STATUS then says, of that priority and protocol alone', () => {
    const machine = rig();
    const status = (priority: number, protocol: number) => {
      const fill = (view: DataView) => view.setUint8(11, (priority << 4) | protocol);
      return machine.command(OPCODE.QUERY_CONG_STATUS, { fill }).view.getUint8(12) >> 6;
    };
    assert.deepEqual([status(3, 1), status(4, 1)], [0b11, 0b11]);
    const off = (view: DataView) => {
      view.setUint8(11, 0x31);
      view.setUint8(12, 0b0100_0000);
    };
    assert.equal(machine.command(OPCODE.MODIFY_CONG_STATUS, { fill: off }).status, 0);
    assert.deepEqual([status(3, 1), status(4, 1)], [0b01, 0b11]);
    const none = machine.command(OPCODE.MODIFY_CONG_STATUS, { fill: (view) => view.setUint8(11, 0x3f) });
    assert.equal(none.syndrome, REFUSAL.OBJECT_UNKNOWN.syndrome);
  });
});

describe('queries of a function', () => {
  it('tell its vport, number and state; of another function that there is none they refuse', () => {
    const machine = rig();
    const vport = machine.command(OPCODE.QUERY_HCA_VPORT_CONTEXT, { out: 528 });
    // port_physical_state 5 (link up), port_state and vport_state 4 (active).
    assert.deepEqual([vport.view.getUint8(50) >> 4, vport.view.getUint8(51)], [5, 0x44]);
    const gid = machine.command(OPCODE.QUERY_HCA_VPORT_GID, { out: 32 });
    assert.deepEqual([gid.view.getUint16(12), gid.view.getUint16(16)], [1, 0xfe80]);
    assert.equal(machine.command(OPCODE.QUERY_HCA_VPORT_PKEY, { out: 20 }).view.getUint32(16), 0xffff);
    const vuid = machine.command(OPCODE.QUERY_VUID, { out: 192 });
    assert.match(Buffer.from(vuid.bytes.subarray(64)).toString('latin1'), /^MT\w+MLNXS0D0F0\0/);
    const state = (id: number) =>
      machine.command(OPCODE.QUERY_VHCA_STATE, { out: 32, fill: (view) => view.setUint16(10, id) });
    assert.deepEqual(
      [0, 1].map((id) => state(id).view.getUint16(16)),
      [3, 2],
      'in use, active',
    );
    assert.equal(state(9).syndrome, REFUSAL.OTHER_FUNCTION.syndrome);
  });
});
