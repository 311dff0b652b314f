import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessageBuffer, messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { pdsDialect as dialect } from '../../../../src/drivers/pds/dialect/dialect.ts';
import { NO_COMMAND } from '../../../../src/fwctl/dialect.ts';

const messages = await dialect.load();

function request(op: number, ep: number, bytes = 48): MessageBuffer {
  const message = messageBuffer(bytes);
  message.view.setUint32(0, op, true);
  message.view.setUint32(4, ep, true);
  if (bytes >= 48) message.view.setUint32(12, 32, true);
  return message;
}

test('a command is an operation of an endpoint, exactly, whatever its version', () => {
  for (const [op, ep, name] of [
    [0x00010020, 1, 'EP_0x1_OP_0x20'],
    [0x00ff0020, 1, 'EP_0x1_OP_0x20'],
    [0xab00ffff, 0xffffffff, 'EP_0xffffffff_OP_0xffff'],
    [0, 0x80000001, 'EP_0x80000001_OP_0x0'],
  ] as const) {
    const command = dialect.command(request(op, ep, 8));
    assert.ok(Number.isSafeInteger(command));
    assert.equal(messages.commandName(command), name);
  }
  assert.equal(dialect.command({ ...request(1, 1), length: 7 }), NO_COMMAND);
});

test('a request and its reply by name', () => {
  const { bytes, length } = request(0x00030020, 2);
  const described = messages.request(bytes, length);
  assert.deepEqual(described.numbers, { operation: 0x20, endpoint: 2, version: 3 });
  assert.equal(described.command, 'EP_0x2_OP_0x20(version=3)');
  assert.deepEqual(Object.fromEntries(described.fields)['in.len'], 32);
  const reply = request(0x00030020, 2);
  reply.view.setUint32(24, 5, true);
  const { status, statusName, fields } = messages.reply(bytes, 48, reply.bytes, 28, 'all');
  assert.deepEqual(
    { status, statusName, fields },
    { status: 5, statusName: 'RETVAL_0x5', fields: [['out.retval', 5]] },
  );
  assert.equal(dialect.status(reply, 27), 0);
  assert.equal(dialect.status(reply, 28), 5);
  dialect.succeed(reply);
  assert.equal(dialect.status(reply, 48), 0);
});

test('both addresses are addresses in a whole request, and retval is the kernel’s', () => {
  const places = (length?: number) => dialect.buffers(request(1, 1, length)).map(({ at, way }) => `${way} ${at}`);
  assert.deepEqual(places(), ['read 16', 'write 40']);
  assert.deepEqual(places(47), []);
  assert.deepEqual(dialect.kernelBytes, [[24, 28]]);
});

test('no bytes make a decoder throw', () => {
  for (const size of [0, 7, 8, 27, 28, 47, 48, 49, 100]) {
    const message = messageBuffer(size);
    message.bytes.fill(0xff);
    const into = {};
    dialect.select(message, into);
    dialect.refuse({ retval: 1 }, message);
    dialect.succeed(message);
    for (const field of messages.requestFields(message.view)) field.read(message.view);
    for (const field of messages.replyFields(message.view, message.view)) field.read(message.view);
    assert.equal(messages.head(message.view).length, size < 8 ? 0 : 2);
  }
});
