/** A frame over a fake address space, for tests of the layers below the transports. */

import { plainCaller } from '../../../src/transport/inprocess.ts';
import { InprocessCall } from '../../../src/transport/inprocess-call.ts';
import { UserMemory } from '../../../src/transport/user-memory.ts';

export function testCall(): { memory: UserMemory; call: InprocessCall } {
  const memory = new UserMemory();
  return { memory, call: new InprocessCall(memory, plainCaller()) };
}

/** Writes little-endian u32 words at `address`. */
export function putWords(memory: UserMemory, address: number, words: readonly number[]): void {
  const bytes = memory.view(address, words.length * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  words.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
}
