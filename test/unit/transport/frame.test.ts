/**
 * FRAME of src/kernel/call.ts and the enum of native/addon.h,
 * which a compiler sees apart: the same offsets, one by one.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FRAME } from '../../../src/kernel/call.ts';
import { repository } from '../../repository.ts';

/** A sum of products, as the header writes them. */
function value(expression: string): number {
  const product = (text: string) => text.split('*').reduce((result, factor) => result * Number(factor.trim()), 1);
  return expression.split('+').reduce((sum, term) => sum + product(term), 0);
}

test('the native side has the same frame', () => {
  const header = readFileSync(join(repository, 'native/addon.h'), 'utf8');
  const rows = [...header.matchAll(/^\tFRAME_(\w+) = ([^,]+),$/gm)].map(
    ([, name = '', expression = '']) => [name.toLowerCase(), value(expression)] as const,
  );
  assert.deepEqual(Object.fromEntries(rows), FRAME);
});
