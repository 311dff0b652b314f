import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { cardProfile } from '../../../../src/firmware/mlx5/card-address.ts';

const macOf = (card: number) => cardProfile(connectx6dx, card).identity.base_mac;

describe("a card's own address", () => {
  it("is the profile's for card 0, and another of the same vendor for others", () => {
    assert.equal(cardProfile(connectx6dx, 0), connectx6dx);
    assert.deepEqual([1, -1, 65536].map(macOf), ['0c42a1000100', '0c42a1ffff00', '0c42a1000000']);
    assert.deepEqual(cardProfile(connectx6dx, 1).caps, connectx6dx.caps);
  });

  it('is nobody else’s, with room for 255 ports and VFs', () => {
    const card = fc.integer({ min: -0x8000, max: 0x7fff });
    const low = (number: number) => Number.parseInt(macOf(number).slice(6), 16);
    fc.assert(
      fc.property(card, card, (a, b) => {
        const distance = Math.abs(low(a) - low(b));
        assert.ok(a === b ? distance === 0 : Math.min(distance, 0x100_0000 - distance) >= 256);
      }),
    );
  });
});
