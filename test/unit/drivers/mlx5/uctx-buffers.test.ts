/**
 * CREATE_UCTX and DESTROY_UCTX go through one pair of buffers,
 * unless an answer is held: then the next command gets its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../src/abi/held.ts';
import type { MessageBuffer } from '../../../../src/abi/message-buffer.ts';
import { createUctx, requestHeader } from '../../../../src/abi/mlx5/headers.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { UctxCommands } from '../../../../src/drivers/mlx5/uctx.ts';

test('a context whose creation is held keeps its answer while others come and go', () => {
  const late = new Held<undefined>();
  const seen: [opcode: number, length: number, caps: number][] = [];
  let uid = 0;
  const uctxs = new UctxCommands({
    exec(request: MessageBuffer, reply: MessageBuffer) {
      const opcode = request.view.getUint16(requestHeader.opcode);
      seen.push([opcode, request.length, opcode === OPCODE.CREATE_UCTX ? request.view.getUint32(createUctx.caps) : 0]);
      assert.ok(reply.bytes.every((byte) => byte === 0));
      if (opcode === OPCODE.CREATE_UCTX) reply.view.setUint16(createUctx.outUid, ++uid);
      return uid === 1 && opcode === OPCODE.CREATE_UCTX ? late : undefined;
    },
  });
  const held = uctxs.create(4);
  assert.ok(held instanceof Held);
  const second = uctxs.create(1);
  assert.deepEqual(second, { uid: 2, uctxCaps: 1 });
  uctxs.destroy({ uid: 2, uctxCaps: 1 });
  assert.deepEqual(uctxs.create(0), { uid: 3, uctxCaps: 0 });
  late.release(() => undefined);
  assert.deepEqual(held.get(), { uid: 1, uctxCaps: 4 });
  assert.deepEqual(
    seen.map(([opcode, length]) => [opcode, length]),
    [
      [OPCODE.CREATE_UCTX, 64],
      [OPCODE.CREATE_UCTX, 64],
      [OPCODE.DESTROY_UCTX, 16],
      [OPCODE.CREATE_UCTX, 64],
    ],
  );
  assert.deepEqual(
    seen.map(([, , caps]) => caps),
    [4, 1, 0, 0],
  );
});
