/** The fuzzers, for a moment each: `make fuzz` is the long run. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drive, FuzzFailure } from './drive.ts';
import { Random } from './random.ts';
import { FUZZ_TARGETS } from './targets.ts';

describe('fuzzers', () => {
  for (const [name, make] of Object.entries(FUZZ_TARGETS)) {
    const target = make();
    it(`${name}: ${target.claim}`, () => {
      const figures = drive(target, 1, 2);
      assert.ok(figures.inputs > 1000, `${figures.inputs} inputs`);
    });
  }

  it('say which input broke the claim, and the same seed finds it again', () => {
    const broken = {
      name: 'broken',
      claim: '',
      run(random: Random, note: (text: string) => void) {
        const n = random.u32();
        note(`input ${n}`);
        if (n % 1000 === 7) throw new Error('seven');
      },
    };
    const failureOf = () => {
      try {
        drive(broken, 5, 1);
        return '';
      } catch (error) {
        assert.ok(error instanceof FuzzFailure);
        return error.message.split('\n')[0];
      }
    };
    assert.match(failureOf() ?? '', /^broken: input \d+ of seed 5: input \d*007$/);
    assert.equal(failureOf(), failureOf());
  });

  it('find memory that is kept', () => {
    const kept: Uint8Array[] = [];
    const leaking = { name: 'leaking', claim: '', run: () => void kept.push(new Uint8Array(4096).fill(1)) };
    assert.throws(() => drive(leaking, 1, 1), /the live heap has grown/);
  });
});

describe('Random', () => {
  it('gives the same numbers for the same seed, within bounds', () => {
    const [a, b] = [new Random(3), new Random(3)];
    for (let i = 0; i < 1000; i++) {
      assert.equal(a.u32(), b.u32());
      const n = a.below(7);
      assert.equal(n, b.below(7));
      assert.ok(n >= 0 && n < 7);
    }
  });
});
