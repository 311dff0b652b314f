/**
 * Every 16-bit opcode through the driver, in every scope, against what the real kernels let through. The way taken is
 * the RPC's own: a firmware that counts stands behind the mlx5 driver.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../src/abi/held.ts';
import { messageBuffer } from '../../src/abi/message-buffer.ts';
import { abiProfile } from '../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../src/drivers/mlx5/driver.ts';
import { Errno } from '../../src/kernel/errno.ts';
import { plainCaller } from '../../src/transport/inprocess.ts';
import { InprocessCall } from '../../src/transport/inprocess-call.ts';
import { UserMemory } from '../../src/transport/user-memory.ts';
import { goldenScopes, KERNELS, type MeasuredScopes } from './golden.ts';

/** As recorded, and the largest. */
const OP_MODS = [0, 1, 2, 0xffff];

/** The measured scopes of one op_mod. */
function scopesOf(measured: MeasuredScopes, opMod: number): readonly number[] {
  return Array.isArray(measured) ? measured : (measured[`op_mod ${opMod}`] ?? []);
}

for (const { kernel, abi: name } of KERNELS) {
  test(`opcode table of ${name} against kernel ${kernel}`, () => {
    const abi = abiProfile(name);
    assert.ok(abi);
    const measured = new Map(goldenScopes().map((row) => [Number(row.op), row[kernel]]));
    assert.equal(measured.size, 94);
    let executed = 0;
    const ops = mlx5Fwctl(
      {
        exec(request) {
          if (request.view.getUint16(2) === 0x77) executed++;
          return undefined;
        },
      },
      abi,
    );
    assert.ok(!(ops.openUctx(plainCaller()) instanceof Held));
    const uctx = { uid: 0x77, uctxCaps: 4 };
    const request = messageBuffer(16);
    const reply = messageBuffer(16);
    const call = new InprocessCall(new UserMemory(), plainCaller());
    const answer = (opcode: number, opMod: number, scope: number): string => {
      request.view.setUint16(0, opcode);
      request.view.setUint16(6, opMod);
      const before = executed;
      try {
        ops.fwRpc(uctx, { scope, request, reply, call });
        assert.equal(executed, before + 1);
        return 'OK';
      } catch (error) {
        assert.ok(error instanceof Errno, String(error));
        assert.equal(executed, before, 'a refused command never reaches the firmware');
        return error.name;
      }
    };
    const refusedScope = (scope: number) => (kernel === 'v2' && scope >= 2 ? 'EOPNOTSUPP' : 'EBADMSG');
    const wrong: string[] = [];
    for (let opcode = 0; opcode < 0x10000; opcode++) {
      const scopes = measured.get(opcode);
      for (const opMod of OP_MODS) {
        const allowed = scopes === undefined ? [] : scopesOf(scopes, Math.min(opMod, 2));
        for (let scope = 0; scope < 4; scope++) {
          const want = allowed.includes(scope) ? 'OK' : refusedScope(scope);
          const have = answer(opcode, opMod, scope);
          if (have !== want)
            wrong.push(`0x${opcode.toString(16)} op_mod ${opMod} scope ${scope}: ${have}, not ${want}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
}
