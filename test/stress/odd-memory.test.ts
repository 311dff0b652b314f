import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { serveRefusal } from '../refusals.ts';
import { SLOWNESS } from '../slowness.ts';
import { MEMORY_CLIENT, oddMemory } from './odd-memory.ts';

const skip = serveRefusal() || (!existsSync(MEMORY_CLIENT) && `${MEMORY_CLIENT} is not built (make c)`);

test('clients whose memory is odd, late or taken away hurt nobody else', {
  skip,
  timeout: 120_000 * SLOWNESS,
}, async () => {
  const result = await oddMemory({ ms: 8000 * SLOWNESS, seed: 16 });
  assert.deepEqual([result.bad, result.wrong], [[], 0], JSON.stringify(result));
  assert.ok(result.rpcs > 0 && Object.values(result.odd).reduce((sum, count) => sum + count, 0) > 0);
});
