import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typesOf } from '../../../../src/abi/nova/device-profile.ts';
import { addVgpuType, assignVgpuType, GMC_COMMANDS, type GmcCommandName } from '../../../../src/abi/nova/gmcapi.ts';
import { NV_STATUS } from '../../../../src/abi/nova/nv-status.ts';
import { encodeProperties, RECORD_BYTES, VGPU_PROPERTIES, type VgpuType } from '../../../../src/abi/nova/vgpu-type.ts';
import { NOVA_EXAMPLE } from '../../../../src/devices/nova/nova-example.ts';
import { Gsp, MAX_TYPES } from '../../../../src/firmware/nova/gsp.ts';

const TYPES = typesOf(NOVA_EXAMPLE.values);
const [FIRST, SECOND] = TYPES as [VgpuType, VgpuType];

function send(gsp: Gsp, name: GmcCommandName | number, payload = new DataView(new ArrayBuffer(0))) {
  const response = new Uint8Array(16384).fill(0xee);
  const id = typeof name === 'number' ? name : GMC_COMMANDS[name].id;
  const { status, length } = gsp.send(id, payload, response);
  assert.ok(
    response.subarray(length).every((byte) => byte === 0xee),
    'no byte behind the length is written',
  );
  return { status, out: new DataView(response.buffer, 0, length) };
}

const u64 = (value: bigint) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return view;
};

function ids(gsp: Gsp, name: GmcCommandName): number[] {
  const { status, out } = send(gsp, name);
  assert.equal(status, 0);
  return Array.from({ length: out.byteLength / 4 }, (_, i) => out.getUint32(4 * i, true));
}

function assign(gsp: Gsp, dbdf: bigint, type: number, placement = 0): number {
  const view = new DataView(new ArrayBuffer(assignVgpuType.bytes));
  view.setBigUint64(assignVgpuType.dbdf, dbdf, true);
  view.setUint32(assignVgpuType.vgpuTypeId, type, true);
  view.setUint16(assignVgpuType.placementId, placement, true);
  return send(gsp, 'ASSIGN_VGPU_TYPE', view).status;
}

function upload(gsp: Gsp, id: number, discard: boolean, { bytes = RECORD_BYTES, count = 1 } = {}): number {
  const view = new DataView(new ArrayBuffer(addVgpuType.record + bytes));
  view.setUint8(addVgpuType.discard, discard ? 1 : 0);
  view.setUint32(addVgpuType.count, count, true);
  if (bytes >= 4) view.setUint32(addVgpuType.record, id, true);
  if (bytes >= RECORD_BYTES) {
    view.setUint32(addVgpuType.record + 324, 2, true);
    for (const [i, c] of [...'TYPE-X'].entries()) view.setUint8(addVgpuType.record + 4 + i, c.charCodeAt(0));
    view.setBigUint64(addVgpuType.record + 368, 0x2bb5_1234n, true);
    view.setBigUint64(addVgpuType.record + 432, 0x1_0000_0001n, true);
  }
  return send(gsp, 'ADD_VGPU_TYPE', view).status;
}

/** A second reading of nvkv.h: words, each an instruction with its values behind it. */
function decode(out: DataView): Map<number, bigint | string> {
  const values = new Map<number, bigint | string>();
  for (let at = 0; at < out.byteLength; ) {
    const word = out.getBigUint64(at, true);
    at += 8;
    const key = Number(word & 0xffffn);
    const upper = Number(word >> 32n);
    assert.equal((word >> 16n) & 0xfffn, 0n, 'no index');
    const opcode = Number((word >> 28n) & 0xfn);
    if (opcode === 0) values.set(key, BigInt(upper));
    else if (opcode === 2) {
      assert.equal(upper, 1);
      values.set(key, out.getBigUint64(at, true));
      at += 8;
    } else {
      assert.equal(opcode, 3);
      const text = Buffer.from(out.buffer, out.byteOffset + at, upper).toString('latin1');
      assert.ok(text.endsWith('\0'));
      values.set(key, text.slice(0, -1));
      at += Math.ceil(upper / 8) * 8;
    }
  }
  return values;
}

test('what a type has is told in one stream, whole words, within the client’s bound', () => {
  for (const type of TYPES) {
    const asked = new DataView(new ArrayBuffer(4));
    asked.setUint32(0, type.id, true);
    const { status, out } = send(new Gsp(TYPES), 'QUERY_VGPU_PROPERTIES', asked);
    assert.equal(status, 0);
    const values = decode(out);
    assert.equal(values.size, 16);
    for (const { field, key } of VGPU_PROPERTIES) assert.equal(String(values.get(key)), String(type[field]), field);
    assert.ok(out.byteLength <= 39 * 8);
  }
  const longest = { ...FIRST, name: 'n'.repeat(63), vgpu_class: 'c'.repeat(63) };
  assert.equal(encodeProperties(longest).length, (2 * (1 + 8) + 9 + 5 * 2) * 8);
});

test('a virtual function has one type, and the first one locks the plan', () => {
  const gsp = new Gsp(TYPES);
  const all = TYPES.map(({ id }) => id);
  assert.deepEqual(ids(gsp, 'QUERY_SUPPORTED_VGPU_TYPES'), all);
  assert.deepEqual(ids(gsp, 'QUERY_CREATABLE_VGPU_TYPES'), all);
  assert.equal(assign(gsp, 0x0104n, FIRST.id, 7), 0);
  assert.deepEqual(ids(gsp, 'QUERY_CREATABLE_VGPU_TYPES'), [FIRST.id]);
  assert.deepEqual(ids(gsp, 'QUERY_SUPPORTED_VGPU_TYPES'), all);
  assert.equal(assign(gsp, 0x0104n, FIRST.id), NV_STATUS.STATE_IN_USE);
  assert.equal(assign(gsp, 0x0105n, SECOND.id), NV_STATUS.INVALID_STATE);
  assert.equal(assign(gsp, 0x0105n, 99), NV_STATUS.OBJECT_NOT_FOUND);
  const { out } = send(gsp, 'QUERY_ASSIGNED_VF_VGPU_TYPE', u64(0x0104n));
  assert.deepEqual([out.getUint32(0, true), out.getUint32(4, true), out.getUint16(8, true)], [FIRST.id, 0, 7]);
  assert.equal(send(gsp, 'QUERY_ASSIGNED_VF_VGPU_TYPE', u64(0x1_0000_0104n)).out.getUint32(0, true), 0);
  assert.equal(send(gsp, 'DEASSIGN_VGPU_TYPE', u64(0x0105n)).status, NV_STATUS.OBJECT_NOT_FOUND);
  assert.equal(send(gsp, 'DEASSIGN_VGPU_TYPE', u64(0x0104n)).status, 0);
  assert.deepEqual(ids(gsp, 'QUERY_CREATABLE_VGPU_TYPES'), all);
  assert.equal(assign(gsp, 0x0105n, SECOND.id), 0);
});

test('no more of a type than it says', () => {
  const gsp = new Gsp([{ ...FIRST, max_instance: 2 }]);
  assert.deepEqual(
    [1n, 2n, 3n].map((vf) => assign(gsp, vf, FIRST.id)),
    [0, 0, NV_STATUS.INSUFFICIENT_RESOURCES],
  );
});

test('uploaded records become types; the first round forgets those that were there', () => {
  const gsp = new Gsp(TYPES);
  assert.equal(upload(gsp, 7, true), 0);
  assert.equal(upload(gsp, 8, false), 0);
  assert.deepEqual(ids(gsp, 'QUERY_SUPPORTED_VGPU_TYPES'), [7, 8]);
  const type = gsp.types.get(7) as VgpuType;
  assert.deepEqual(
    [type.name, type.max_instance, type.dev_id, type.subsystem_id, type.bar1_length],
    ['TYPE-X', 2, 0x2bb5, 0x1234, 0x1_0000_0001n],
  );
  assert.equal(assign(gsp, 1n, 7), 0);
  assert.equal(upload(gsp, 9, true), NV_STATUS.STATE_IN_USE);
  assert.deepEqual(ids(gsp, 'QUERY_SUPPORTED_VGPU_TYPES'), [7, 8]);
  assert.equal(upload(gsp, 0, false), NV_STATUS.INVALID_ARGUMENT);
  assert.equal(upload(gsp, 9, false, { bytes: RECORD_BYTES - 1 }), NV_STATUS.INVALID_PARAM_STRUCT);
  assert.equal(upload(gsp, 9, false, { count: 2 }), NV_STATUS.INVALID_PARAM_STRUCT);
  for (let id = 100; gsp.types.size < MAX_TYPES; id++) assert.equal(upload(gsp, id, false), 0);
  assert.equal(upload(gsp, 9, false), NV_STATUS.INSUFFICIENT_RESOURCES);
  assert.equal(upload(gsp, 8, false), 0);
});

test('no payload of any length makes a command throw', () => {
  for (const [name, { least }] of Object.entries(GMC_COMMANDS)) {
    for (let bytes = 0; bytes < least; bytes++) {
      const { status } = send(new Gsp([]), name as GmcCommandName, new DataView(new ArrayBuffer(bytes)));
      assert.equal(status, NV_STATUS.INVALID_PARAM_STRUCT, `${name} ${bytes}`);
    }
  }
  assert.equal(send(new Gsp([]), 0x00020008).status, NV_STATUS.NOT_SUPPORTED);
});
