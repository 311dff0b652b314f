import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { connectx6dx } from '../../../../../../src/devices/mlx5/connectx6dx.ts';
import { withOwnAddress } from '../../../../../../src/host/machine/drivers/mlx5/own-address.ts';

const macAt = (pci: string) => withOwnAddress(connectx6dx, pci).identity.base_mac;

describe("a card's own address", () => {
  it("is the profile's at the first default place, and another elsewhere, of the same vendor", () => {
    assert.equal(withOwnAddress(connectx6dx, '0000:00:0a.0'), connectx6dx);
    assert.equal(macAt('0000:00:0b.0'), '0c42a1000100');
    assert.equal(macAt('0000:00:09.0'), '0c42a1ffff00');
    assert.equal(macAt('0000:03:00.0'), macAt('0000:03:00.1'), 'the functions of a slot are one card');
    assert.deepEqual(withOwnAddress(connectx6dx, '0000:00:0b.0').caps, connectx6dx.caps);
  });

  it('is nobody else’s, with room for 255 ports and VFs', () => {
    const slot = fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 0xff }), fc.nat({ max: 0x1f }));
    const hex = (value: number, width: number) => value.toString(16).padStart(width, '0');
    const low = ([domain, bus, device]: readonly [number, number, number]) =>
      Number.parseInt(macAt(`${hex(domain, 4)}:${hex(bus, 2)}:${hex(device, 2)}.0`).slice(6), 16);
    fc.assert(
      fc.property(slot, slot, (a, b) => {
        const distance = Math.abs(low(a) - low(b));
        const same = a.every((part, i) => part === b[i]);
        assert.ok(same ? distance === 0 : Math.min(distance, 0x100_0000 - distance) >= 256);
      }),
    );
  });
});
