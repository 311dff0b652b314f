import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidNumber } from '../../../../src/abi/cxl/uuid-number.ts';
import { KNOWN_FEATURES, uuidBytes } from '../../../../src/abi/cxl/uuids.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import { cxlDialect } from '../../../../src/drivers/cxl/dialect/dialect.ts';
import { cxlMessages } from '../../../../src/drivers/cxl/dialect/messages.ts';
import { NO_COMMAND, type Selectors } from '../../../../src/fwctl/dialect.ts';
import { buffer, get, list, Rig, SPPR, set, VENDOR_TEST, vendor } from './rig.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const described = (request: readonly number[]) => cxlMessages.request(Uint8Array.from(request), request.length);
const fieldsOf = (fields: readonly (readonly [string, unknown])[]) => Object.fromEntries(fields);

test('a request is told by command, feature and fields', () => {
  assert.equal(described(list(96, 3)).command, 'GET_SUPPORTED_FEATURES(start_idx=3 count=96)');
  const read = described(get(SPPR, 8, 2, 1));
  assert.equal(read.command, 'GET_FEATURE(SPPR/892ba475 default offset=2 count=8)');
  assert.deepEqual(read.names, { opcode: 'GET_FEATURE', feature: 'SPPR' });
  assert.deepEqual(fieldsOf(read.fields), { op_size: 21, uuid: `SPPR:${SPPR}`, offset: 2, count: 8, selection: 1 });
  const write = described(set(vendor(3), [1, 2, 3], 9));
  assert.equal(write.command, `SET_FEATURE(${vendor(3)} version=1 data=3)`);
  assert.equal(write.names.feature, vendor(3));
  const { flags, feat_data: data } = fieldsOf(write.fields);
  assert.deepEqual([flags, data], ['0x9(initiate|saved)', '010203']);
});

test('requests that end too soon, or are of nothing, are told as far as they go', () => {
  for (let length = 16; length < 60; length++) {
    for (const whole of [list(48), get(SPPR, 8), set(SPPR, [1, 2, 3])]) {
      const { command, fields } = described(whole.slice(0, length));
      assert.match(command, /^[GS]ET_/);
      for (const [, value] of fields) assert.notEqual(value, undefined);
    }
  }
  assert.equal(described([0x77, 1, 0, 0, ...Array(28).fill(0)]).command, 'opcode 0x177');
});

test('a reply is told by its return code, data and entries', () => {
  const rig = new Rig();
  const told = (request: readonly number[], scope = 0) => {
    const reply = rig.rpc(request, scope);
    return cxlMessages.reply(Uint8Array.from(request), request.length, reply, reply.length, 'all');
  };
  const read = told(get(VENDOR_TEST, 4));
  assert.deepEqual(read.keys, [
    ['data', 'efbeadde'],
    ['size', 4],
  ]);
  const entries = fieldsOf(told(list(96)).fields);
  assert.equal(entries['ents[0].uuid'], 'PATROL_SCRUB:96dad7d6-fde8-482b-a733-75774e06db8a');
  assert.equal(entries['ents[0].flags'], '0x70(PERSIST_FW_UPDATE|DEFAULT_SEL|SAVED_SEL)');
  assert.equal(entries['ents[1].effects'], '0x201(CONFIG_CHANGE_COLD_RESET|EFFECTS_VALID)');
  assert.equal(entries['ents[2].uuid'], undefined);
  rig.loopback.parameters.returnCode = 28;
  const refused = told(get(VENDOR_TEST, 4));
  assert.deepEqual([refused.status, refused.statusName, refused.keys[0]], [28, 'FEATURETRANSFEROOO', ['size', 0]]);
});

test('every field stands where the driver reads it, and what is written there is read back', () => {
  const rig = new Rig();
  for (const request of [list(500), get(vendor(0), 16), get(VENDOR_TEST, 4), set(VENDOR_TEST, [1, 2, 3, 4, 5])]) {
    const asked = view(Uint8Array.from(request));
    const reply = view(rig.rpc(request, 2));
    for (const [message, fields] of [
      [asked, [...cxlMessages.requestFields(asked)]],
      [reply, [...cxlMessages.replyFields(asked, reply)]],
    ] as const) {
      for (const field of fields) {
        const before = field.read(message);
        assert.ok(field.bytes[1] <= message.byteLength && field.bytes[1] - field.bytes[0] === field.bits / 8);
        field.write(message, field.bits > 64 ? new Uint8Array(field.bits / 8).fill(0x77) : 0x77);
        assert.notDeepEqual(field.read(message), before, field.path);
        field.write(message, before);
        assert.deepEqual(field.read(message), before, field.path);
      }
    }
  }
});

test('faults choose by opcode and feature, each feature by a number of its own', () => {
  const selected = (request: readonly number[]) => {
    const into: Selectors = {};
    cxlDialect.select(buffer(request), into);
    return into;
  };
  const { opcode, feature } = cxlMessages.selectors;
  assert.deepEqual(selected(list(48)), { opcode: 0x500 });
  assert.deepEqual(selected(get(SPPR, 8)), { opcode: opcode?.read('get_feature'), feature: feature?.read('sppr') });
  assert.equal(selected(set(vendor(7), [1])).feature, feature?.read(vendor(7).toUpperCase()));
  assert.throws(() => feature?.read('SPRR'), /did you mean SPPR or HPPR\?/);
  assert.deepEqual(selected(get(SPPR, 8).slice(0, 20)), { opcode: 0x501 });
  assert.deepEqual(selected([1, 5]), {});
  const uuids = [...KNOWN_FEATURES.map(({ uuid }) => uuid), ...Array.from({ length: 4000 }, (_, n) => vendor(n))];
  const numbers = new Set(uuids.map((uuid) => uuidNumber(uuidBytes(uuid) ?? new Uint8Array(0), 0)));
  assert.equal(numbers.size, uuids.length);
  for (const number of numbers) assert.ok(Number.isSafeInteger(number) && number >= 0);
});

test('a refusal is what the driver makes of it, cut where the reply ends', () => {
  const refused = (refusal: Record<string, number>, length = 12) => {
    const reply = buffer(Array(length).fill(0xaa));
    cxlDialect.refuse(refusal, reply);
    return [...reply.bytes];
  };
  assert.deepEqual(refused({ status: 6 }), [0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(refused({ short: 0 }), Array(12).fill(0));
  assert.deepEqual(refused({ short: 2, status: 3 }, 4), [0, 0, 0, 0]);
  assert.equal(cxlDialect.status(buffer([0, 0, 0, 0, 6, 0, 0, 0]), 8), 6);
  assert.equal(cxlDialect.status(buffer([0, 0, 0, 0, 6, 0, 0, 0]), 7), 0);
  assert.equal(cxlDialect.command(buffer([1, 5])), NO_COMMAND);
  assert.equal(cxlMessages.commandName(cxlDialect.command(buffer(get(SPPR, 1)))), 'GET_FEATURE');
});

test('which scopes let it pass', () => {
  const scopes = (abi: string, request: readonly number[]) =>
    cxlMessages.scopesAllowing(abiProfile(abi) as never, Uint8Array.from(request));
  assert.deepEqual(scopes('linux-6.15', get(SPPR, 8)), [0, 1, 2, 3]);
  assert.deepEqual(scopes('linux-7.3', set(SPPR, [1])), [2, 3]);
  assert.deepEqual(scopes('v2', get(SPPR, 8)), []);
  assert.deepEqual(scopes('linux-7.3', [0x77, 1, 0, 0, ...Array(28).fill(0)]), []);
});

test('the attributes of a feature that the specification names are told by name, as far as the data have them', () => {
  const SCRUB = '96dad7d6-fde8-482b-a733-75774e06db8a';
  const write = fieldsOf(described(set(SCRUB, [24, 1])).fields);
  assert.deepEqual([write['scrub_cycle.hours'], write['scrub_flags.enable'], write.feat_data], [24, 1, '1801']);
  const told = (request: readonly number[], data: readonly number[]) => {
    const reply = Uint8Array.from([data.length, 0, 0, 0, 0, 0, 0, 0, ...data]);
    return cxlMessages.reply(Uint8Array.from(request), request.length, reply, reply.length, 'keys').keys;
  };
  assert.deepEqual(told(get(SCRUB, 4), [3, 12, 1, 0]), [
    ['scrub_cycle_cap', '0x3(changeable|realtime_report)'],
    ['scrub_cycle.hours', 12],
    ['scrub_cycle.min_hours', 1],
    ['scrub_flags.enable', 0],
    ['data', '030c0100'],
    ['size', 4],
  ]);
  const part = Object.fromEntries(told(get(SPPR, 4, 2), [0, 1, 0, 1]));
  assert.deepEqual(part, { op_mode: '0x1(device_initiated)', op_class: 1, data: '00010001', size: 4 });
});
