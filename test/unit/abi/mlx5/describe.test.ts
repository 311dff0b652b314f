import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeReply, describeRequest } from '../../../../src/abi/mlx5/describe.ts';
import { PTYS } from '../../../../src/abi/mlx5/registers/ptys.ts';

const bytes = (hex: string, length = hex.length / 2) => {
  const result = new Uint8Array(length);
  result.set(Buffer.from(hex, 'hex'));
  return result;
};
const value = (fields: readonly { name: string; value: unknown }[] | undefined, name: string) =>
  fields?.find((field) => field.name === name)?.value;

describe('describeRequest', () => {
  it('says the capability type and mode', () => {
    const request = describeRequest(bytes('010000070000001b0000000000000000'), 16);
    assert.equal(request?.opcodeName, 'QUERY_HCA_CAP');
    assert.equal(request?.uid, 7);
    assert.equal(request?.opModText, 'DEBUG current');
    assert.deepEqual(request?.cap, { type: 13, name: 'DEBUG', mode: 'current' });
    assert.equal(describeRequest(bytes('0100000000000000'), 8)?.opModText, 'GENERAL max');
    assert.equal(describeRequest(bytes('01000000000000fe'), 8)?.opModText, 'cap 0x7f max');
  });

  it('says the register, the argument and the fields that matter', () => {
    // Read: only what selects; the rest of the image is not yet meant.
    const header = '08050000000000010000500400000005';
    const read = describeRequest(bytes(`${header}00010004${'ff'.repeat(64)}`), 84);
    assert.deepEqual(read?.register, { id: 0x5004, name: 'PTYS' });
    assert.equal(read?.opModText, 'read');
    assert.equal(read?.argument, 5);
    assert.equal(value(read?.fields, 'local_port'), 1);
    assert.equal(value(read?.fields, 'eth_proto_admin'), undefined);
    const write = describeRequest(bytes(`0805000000000000000050040000000000010004${'ff'.repeat(64)}`), 84);
    assert.equal(write?.opModText, 'write');
    assert.equal(value(write?.fields, 'eth_proto_admin'), 0xffffffff);
    assert.equal(describeRequest(bytes('08050000000000020000eeee00000000'), 16)?.register?.name, 'register 0xeeee');
    assert.equal(describeRequest(bytes('08050000000000020000eeee00000000'), 16)?.opModText, '0x2');
  });

  it('shows the fields of other commands', () => {
    const request = describeRequest(bytes(`0a04${'00'.repeat(14)}00000004`, 64), 64);
    assert.deepEqual(request?.fields, [{ name: 'uctx.cap', value: 4, nonZero: true }]);
    assert.equal(describeRequest(bytes('ffff000000000003'), 8)?.opcodeName, 'opcode 0xffff');
  });
});

describe('describeReply', () => {
  const capRequest = bytes('01000000000000010000000000000000');

  it('decodes a capability reply', () => {
    const reply = new Uint8Array(4112);
    reply[16 + 19] = 17; // log_max_qp: bits 155..159.
    const described = describeReply(capRequest, 16, reply, 4112);
    assert.equal(described?.statusName, 'OK');
    assert.equal(value(described?.fields, 'log_max_qp'), 17);
    assert.deepEqual(
      described?.fields.filter((field) => field.nonZero).map((field) => field.name),
      ['log_max_qp'],
    );
    assert.ok((described?.fields.length ?? 0) > 280);
    assert.ok((describeReply(capRequest, 16, reply, 40)?.fields.length ?? 0) < 80, 'a short reply has fewer fields');
  });

  it('decodes a register reply, texts as text', () => {
    const reply = new Uint8Array(80);
    reply.set(Buffer.from('MT4125 ConnectX6Dx'), 16);
    const request = bytes('08050000000000010000600100000000');
    assert.deepEqual(describeReply(request, 16, reply, 80)?.fields, [
      { name: 'node_description', value: 'MT4125 ConnectX6Dx', nonZero: true },
    ]);
    reply[20] = 0x01;
    assert.match(String(value(describeReply(request, 16, reply, 80)?.fields, 'node_description')), /^[0-9a-f]{128}$/);
    reply.fill(0);
    assert.deepEqual(describeReply(request, 16, reply, 80)?.fields, [
      { name: 'node_description', value: '', nonZero: false },
    ]);
    const ptys = bytes('08050000000000010000500400000000');
    const image = new Uint8Array(84);
    image.set(PTYS.encode({ eth_proto_oper: 0x100000 }), 16);
    assert.equal(value(describeReply(ptys, 16, image, 84)?.fields, 'eth_proto_oper'), 0x100000);
  });

  it('gives status and syndrome of a refusal, and no fields', () => {
    const described = describeReply(capRequest, 16, bytes('0300000000e00201', 4112), 4112);
    assert.deepEqual(described, { status: 3, statusName: 'BAD_PARAM', syndrome: 0xe00201, fields: [] });
  });
});

describe('registers with variants', () => {
  const reply = (register: string, image: string, length = 300) => {
    const request = bytes(`08050000000000010000${register}00000000`, 300);
    return describeReply(request, 300, bytes(`${'00'.repeat(16)}${image}`, length), length)?.fields;
  };

  it('show the structure that the selecting field means, no other', () => {
    const counters = reply('5008', `00010001${'00'.repeat(4)}0000000000000007`);
    assert.equal(value(counters, 'counter_set.eth_2863_cntrs_grp_data_layout.if_in_octets'), 7n);
    assert.equal(value(counters, 'grp'), 1);
    assert.ok(counters?.every(({ name }) => !name.includes('802_3')));
    const page = reply('5031', `0001000000000001${'00'.repeat(12)}${Buffer.from('No issue').toString('hex')}`);
    assert.equal(value(page, 'page_data.pddr_troubleshooting_page.status_message'), 'No issue');
    assert.ok(page?.every(({ name }) => !name.includes('module_info.')));
  });

  it('show none of them for a number that is none, or when it is not there', () => {
    assert.ok(reply('5008', '0001003e')?.every(({ name }) => !name.startsWith('counter_set')));
    assert.deepEqual(reply('5008', '', 16), []);
  });
});

describe('the decoder', () => {
  it('never throws, whatever the bytes and lengths', () => {
    const opcode = fc.constantFrom(0x100, 0x101, 0x107, 0x10a, 0x203, 0x805, 0xb0c, 0xa04, 0xa05, 0xa06, 0xffff);
    const register = fc.constantFrom(0x5004, 0x9020, 0xc00e, 0x907f, 0x5008, 0x5031, 0x9061, 0x1234);
    fc.assert(
      fc.property(
        opcode,
        register,
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: -5, max: 5000 }),
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: -5, max: 5000 }),
        (op, id, request, inLength, reply, outLength) => {
          if (request.length > 1) request.set([op >> 8, op & 0xff]);
          if (request.length > 11) request.set([id >> 8, id & 0xff], 10);
          if (reply.length > 0 && outLength % 2 === 0) reply[0] = 0;
          describeRequest(request, inLength);
          describeReply(request, inLength, reply, outLength);
        },
      ),
      { numRuns: 500 },
    );
    assert.equal(describeRequest(new Uint8Array(7), 16), undefined);
    assert.equal(describeReply(new Uint8Array(0), 0, new Uint8Array(7), 7), undefined);
    assert.equal(describeRequest(new Uint8Array(16), Number.NaN), undefined);
  });
});
