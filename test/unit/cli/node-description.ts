/** A register that a device keeps over a power cycle: NODE_DESC (0x6001). */
import assert from 'node:assert/strict';
import { openNode } from '../../../src/transport/client-file.ts';
import { loadNative } from '../../../src/transport/native.ts';

/** Written to the device at `path` when `text` is given; what it says then. */
export async function description(path: string, text?: string): Promise<string> {
  const request = new Uint8Array(16 + 64);
  const view = new DataView(request.buffer);
  view.setUint16(0, 0x805);
  view.setUint16(6, text === undefined ? 1 : 0);
  view.setUint16(10, 0x6001);
  if (text !== undefined) request.set(new TextEncoder().encode(text), 16);
  const file = await openNode(path, loadNative());
  const answer = await file.rpc(1, request, request.length);
  await file.close();
  assert.ok('value' in answer, JSON.stringify(answer));
  assert.equal(answer.value.reply[0], 0, 'firmware status');
  return new TextDecoder().decode(answer.value.reply.subarray(16)).replace(/\0.*$/s, '');
}
