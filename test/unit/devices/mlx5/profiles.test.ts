import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CAP_TYPES, capTypeByName } from '../../../../src/abi/mlx5/cap-types.ts';
import { QUERY_SPECIAL_CONTEXTS } from '../../../../src/abi/mlx5/commands.ts';
import { UCTX_CAP } from '../../../../src/abi/mlx5/headers.ts';
import { registerLayoutByName } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { applyOverrides } from '../../../../src/devices/mlx5/overrides.ts';
import { DEVICE_PROFILES, deviceProfile } from '../../../../src/devices/mlx5/profiles.ts';

describe('every device profile', () => {
  for (const profile of DEVICE_PROFILES) {
    it(`${profile.name}: is found by its name`, () => {
      assert.equal(deviceProfile(profile.name), profile);
    });

    it(`${profile.name}: names fields that exist, with values that fit`, () => {
      for (const records of [profile.caps, profile.capsMax]) {
        for (const [name, values] of Object.entries(records)) {
          const type = capTypeByName(name);
          assert.ok(type !== undefined, name);
          if (type.layout === undefined) assert.deepEqual(values, {}, `${name} has no public fields`);
          type.layout?.encode(values);
        }
      }
      for (const [name, values] of Object.entries(profile.registers)) {
        const layout = registerLayoutByName(name);
        assert.ok(layout !== undefined, name);
        layout.encode(values);
      }
      QUERY_SPECIAL_CONTEXTS.reply.encode(profile.special_contexts);
    });

    it(`${profile.name}: its identity would pass as overrides`, () => {
      const overrides = Object.entries(profile.identity).map(([key, value]) => [`identity.${key}`, value]);
      assert.deepEqual(applyOverrides(profile, Object.fromEntries(overrides)), profile);
    });
  }

  it('unknown names have none', () => {
    assert.equal(deviceProfile('connectx1'), undefined);
    assert.equal(deviceProfile('toString'), undefined);
  });

  it('differ in TOOLS_RESOURCES', () => {
    const has = (name: string) =>
      (Number(deviceProfile(name)?.caps.GENERAL?.uctx_cap) & UCTX_CAP.TOOLS_RESOURCES) !== 0;
    assert.deepEqual(['connectx6dx', 'connectx7', 'bluefield3', 'legacy', 'connectx6dx-legacy'].map(has), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('serve the 22 types of mlx5ctl and leave out five newer ones', () => {
    const served = CAP_TYPES.filter((cap) => deviceProfile('connectx6dx')?.caps[cap.name] !== undefined);
    assert.deepEqual([served.length, CAP_TYPES.length], [22, 27]);
  });
});
