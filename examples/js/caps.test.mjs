// A test in JavaScript: node --test examples/js
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessRegister, decode, queryHcaCap, SCOPE, startEmulator } from 'fwctl-emu/testkit';

/** The code under test. */
async function portIsUp(file, port) {
  for (let tries = 0; ; tries++) {
    const request = accessRegister('PAOS', { local_port: port });
    try {
      const { status, fields } = decode(
        request,
        await file.rpc(SCOPE.FWCTL_RPC_DEBUG_READ_ONLY, request, request.length),
      );
      return status === 0 && fields.oper_status === 1;
    } catch (error) {
      if (error.name !== 'EBUSY' || tries > 2) throw error;
    }
  }
}

test('a busy device is asked again', async () => {
  const emulator = startEmulator({ faults: ['rpc:register=PAOS:error=EBUSY:count=1'] });
  assert.equal(await portIsUp(await emulator.open(), 1), true);
  emulator.calls.expect({ register: 'PAOS', errno: 'EBUSY' }, 1);
  emulator.calls.expect({ register: 'PAOS', status: 'OK' }, 1);
});

test('a port that is not there is not up, and the refusal says why', async () => {
  const emulator = startEmulator();
  const file = await emulator.open();
  assert.equal(await portIsUp(file, 9), false);
  const { request, reply } = emulator.calls.expect({ register: 'PAOS' });
  const { refusal } = decode(request, reply);
  assert.equal(refusal.name, 'REGISTER_SELECTOR');
  assert.match(refusal.part, /local_port=9/);
});

test('capabilities by name', async () => {
  const emulator = startEmulator({ devices: [{ overrides: { 'caps.GENERAL.log_max_qp': 9 } }] });
  const file = await emulator.open();
  const request = queryHcaCap('GENERAL');
  const { fields } = decode(request, await file.rpc(SCOPE.FWCTL_RPC_CONFIGURATION, request, 272));
  assert.equal(fields.log_max_qp, 9);
});
