import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FreeIds } from '../../../src/kernel/free-ids.ts';

test('the lowest free id, whatever was given back', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(40)), { maxLength: 200 }), (actions) => {
      const ids = new FreeIds(30);
      const taken = new Set<number>();
      for (const give of actions) {
        if (give !== null) {
          if (taken.delete(give)) ids.give(give);
          continue;
        }
        let lowest: number | undefined = 1;
        while (taken.has(lowest)) lowest++;
        if (lowest > 30) lowest = undefined;
        assert.equal(ids.take(), lowest);
        if (lowest !== undefined) taken.add(lowest);
      }
    }),
  );
});
