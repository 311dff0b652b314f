/** Refusals of every driver's firmware, explained: what is said to pass does pass. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { COMMAND_LIMITS } from '../../../src/abi/mlx5/command-limits.ts';
import { SET_DIAGNOSTIC_PARAMS } from '../../../src/abi/mlx5/diagnostic.ts';
import { OPCODE } from '../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../src/abi/mlx5/status.ts';
import { SYNDROME } from '../../../src/abi/mlx5/syndromes.ts';
import { explain } from '../../../src/drivers/mlx5/dialect/explain.ts';
import type { ExplainedRefusal } from '../../../src/fwctl/dialect.ts';
import { fwctlRows } from '../../../src/host/machine/driver-row.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';
import { loadMessages } from '../../../src/host/machine/load-messages.ts';
import { accessRegister, startEmulator } from '../../../src/testkit.ts';

const MESSAGES = await loadMessages(DRIVERS);

/** Sends it to a device of its driver; what came, and why not. */
async function sent(driver: string, request: Uint8Array, outLength: number, scope = 1) {
  using emulator = startEmulator({ devices: [{ driver }] });
  const file = await emulator.open();
  const reply = await file.rpc(scope, request, outLength);
  const { status, statusName, refusal } = (MESSAGES.get(driver) as NonNullable<ReturnType<typeof MESSAGES.get>>).reply(
    request,
    request.length,
    reply,
    reply.length,
    'all',
  );
  return { status, statusName, refusal };
}

function mlx5Request(opcode: number, length: number, opMod = 0): Uint8Array {
  const request = new Uint8Array(length);
  const view = new DataView(request.buffer);
  view.setUint16(0, opcode);
  view.setUint16(6, opMod);
  return request;
}

const numberIn = ({ fix = '' }: ExplainedRefusal) => Number(/= (\d+)$/.exec(fix)?.[1]);

describe('mlx5: a length that is told is the least that passes', () => {
  // the mailbox itself: the kernel's driver lets some of them through in no scope
  for (const { name, opcode, minIn, minOut } of COMMAND_LIMITS) {
    const told = (inLength: number, outLength: number, refusal: { status: number; syndrome: number }) =>
      explain(mlx5Request(opcode, inLength), inLength, refusal.status, refusal.syndrome, outLength);
    it(name, () => {
      const short = told(8, minOut, SYNDROME.REQUEST_TOO_SHORT);
      assert.equal(short?.fix, `set fwctl_rpc.in_len = ${minIn}`);
      const small = told(minIn, minOut - 1, SYNDROME.REPLY_TOO_SHORT);
      assert.equal(small?.part, `asked ${minOut - 1}, needs at least ${minOut}`);
    });
  }

  it('on the real path', async () => {
    for (const name of ['QUERY_HCA_CAP', 'QUERY_ADAPTER', 'QUERY_ISSI'] as const) {
      const request = mlx5Request(OPCODE[name], 16);
      const scope = name === 'QUERY_ISSI' ? 1 : 0;
      const { statusName, refusal } = await sent('mlx5', request, 64, scope);
      assert.equal(statusName, 'BAD_OUTP_LEN', name);
      assert.equal((await sent('mlx5', request, numberIn(refusal as ExplainedRefusal), scope)).status, 0, name);
    }
  });

  it('SET_DIAGNOSTIC_PARAMS counts its counters', async () => {
    const three = (length: number) => {
      const made = mlx5Request(OPCODE.SET_DIAGNOSTIC_PARAMS, length);
      SET_DIAGNOSTIC_PARAMS.request.assign(new DataView(made.buffer), { num_of_counters: 3 });
      return made;
    };
    const { refusal } = await sent('mlx5', three(32), 16, 2);
    assert.equal(refusal?.part, 'in_len 32, needs at least 44');
    assert.notEqual((await sent('mlx5', three(44), 16, 2)).statusName, 'BAD_INP_LEN');
  });
});

const MLX5: readonly (readonly [string, Uint8Array, ExplainedRefusal['name'], RegExp])[] = [
  ['a type', mlx5Request(OPCODE.QUERY_HCA_CAP, 16, 0xf1), 'CAP_TYPE', /^op_mod 0xf1, which is type 0x78$/],
  ['an op_mod', mlx5Request(OPCODE.ACCESS_REG, 32, 7), 'OP_MOD', /^op_mod 0x7$/],
  ['an object', Uint8Array.of(4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0), 'OBJECT_UNKNOWN', /^cqn=5$/],
  ['a port', accessRegister('PAOS', { local_port: 9 }), 'REGISTER_SELECTOR', /PAOS 0x5006 .*local_port=9/],
  ['a read-only one', accessRegister('MGIR', {}, { write: true }), 'REGISTER_READ_ONLY', /^register_id MGIR 0x9020$/],
  [
    'a value',
    accessRegister('PMTU', { local_port: 1, admin_mtu: 60000 }, { write: true }),
    'REGISTER_VALUE',
    /PMTU 0x5003 .*admin_mtu=60000/,
  ],
];

describe('mlx5: the member is named with what stood there', () => {
  for (const [what, request, name, part] of MLX5)
    it(what, async () => {
      const { refusal } = await sent('mlx5', request, 4112, 1);
      assert.equal(refusal?.name, name);
      assert.match(refusal?.part ?? '', part);
      assert.notEqual(refusal?.fix, undefined);
    });

  it('a register in the other order of bytes', async () => {
    const request = accessRegister('PAOS');
    new DataView(request.buffer).setUint16(10, 0x5006, true);
    const { refusal } = await sent('mlx5', request, 32);
    assert.equal(refusal?.fix, 'write register_id big-endian: 0x0650 is PAOS 0x5006 in the other order of bytes');
  });
});

test('a syndrome that is not ours is told as its status', () => {
  const request = mlx5Request(OPCODE.NOP, 16);
  const other = explain(request, 16, STATUS.BAD_PARAM, 0x4bb88f, 16);
  assert.match(other?.rule ?? '', /^bad parameter, and the syndrome is not of the emulated firmware$/);
  assert.equal(explain(request, 16, 0xee, 1, 16), undefined);
});

test('no request is too short to be explained', () => {
  for (const row of Object.values(SYNDROME))
    for (const length of [0, 1, 7, 8, 11, 15, 16]) {
      const found = explain(new Uint8Array(length), length, row.status, row.syndrome, 0);
      assert.equal(found?.name, row.name);
    }
});

test('every syndrome has its own number, and says what passes', () => {
  const rows = Object.values(SYNDROME);
  assert.equal(new Set(rows.map(({ syndrome }) => syndrome)).size, rows.length);
  for (const { name, remedy } of rows) assert.notEqual(remedy, undefined, name);
});

describe('bnxt', () => {
  const hwrm = (type: number, length: number) => {
    const request = new Uint8Array(length);
    new DataView(request.buffer).setUint16(0, type, true);
    return request;
  };
  it('a request below its structure', async () => {
    const short = await sent('bnxt', hwrm(0x00, 16), 64, 1);
    assert.equal(short.statusName, 'INVALID_PARAMS');
    assert.match(short.refusal?.part ?? '', /^in_len 16, needs at least \d+$/);
    const least = numberIn(short.refusal as ExplainedRefusal);
    assert.equal((await sent('bnxt', hwrm(0x00, least), 64, 1)).status, 0);
  });
  it('a type in the other order of bytes', () => {
    const said = MESSAGES.get('bnxt')?.meant(hwrm(0x1500, 16));
    assert.match(said ?? '', /^write req_type little-endian: 0x1500 is FUNC_QCAPS 0x0015 /);
    assert.equal(MESSAGES.get('bnxt')?.meant(hwrm(0x15, 16)), undefined);
  });
});

test('cxl: the fields that a code is about', async () => {
  using emulator = startEmulator({ devices: [{ driver: 'cxl' }] });
  const file = await emulator.open();
  const request = new Uint8Array(16 + 21);
  const view = new DataView(request.buffer);
  view.setUint32(0, 0x501, true);
  view.setUint32(8, 21, true);
  view.setUint16(16 + 18, 8, true);
  const reply = await file.rpc(1, request, 64);
  const told = MESSAGES.get('cxl')?.reply(request, request.length, reply, reply.length, 'all');
  assert.equal(told?.refusal?.name, 'UNSUPPORTED');
  assert.match(told?.refusal?.part ?? '', /^GET_FEATURE 00000000-/);
});

test('every code of every driver is looked up by number and name', () => {
  for (const { name: driver } of fwctlRows(DRIVERS)) {
    const codes = MESSAGES.get(driver)?.refusalCodes ?? [];
    assert.equal(codes.length > 0, driver !== 'raw', driver);
    const names = codes.map(({ field, name }) => `${field} ${name}`);
    assert.equal(new Set(names).size, names.length, driver);
    for (const { text, number } of codes)
      assert.ok(text.length > 5 && !text.endsWith('.') && number > 0, `${driver} ${text}`);
  }
});
