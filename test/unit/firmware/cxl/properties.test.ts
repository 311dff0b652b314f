/** Any sequence of commands leaves GET_FEATURE with what a second reading of the rules says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cxlType3 } from '../../../../src/devices/cxl/cxl-type3.ts';
import { Rig } from './rig.ts';
import { Rules } from './rules.ts';

const vendor = (number: number) => `feed0000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;
// too long to be compared so often
const { [vendor(10)]: _long, ...own } = cxlType3.values.features;
const volatile = own[vendor(11)];
assert.ok(volatile);
const features = {
  ...own,
  // what is read at first is not what was saved; and data that are kept without a selection for them
  [vendor(0xf0)]: { ...volatile, flags: 0x61, saved: '00' },
  [vendor(0xf1)]: { ...volatile, flags: 0x09 },
};
const profile = { ...cxlType3, values: { ...cxlType3.values, features } };
const rows = Object.values(features);
const count = rows.length;

/** Few features, so that commands meet. */
const places = fc.constantFrom(0, 1, 2, 4, 8, 9, 12, count - 2, count - 1, undefined);
const byte = fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 255 }));

const sets = fc
  .record({
    feature: places,
    action: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) }, fc.integer({ min: 0, max: 7 })),
    offset: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 12 })),
    version: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.integer({ min: 0, max: 4 })),
    save: fc.boolean(),
    data: fc.array(byte, { maxLength: 16 }),
    whole: fc.boolean(),
  })
  .map(({ whole, version, data, ...command }) => {
    const row = rows[command.feature ?? 0];
    const [size, right] = [row?.set ?? 0, row?.set_version ?? 0];
    const fitted = whole ? Array.from({ length: Math.max(0, size - command.offset) }, (_, i) => data[i] ?? 0) : data;
    return { kind: 'set', ...command, version: version ?? right, data: fitted.slice(0, 64) } as const;
  });
const gets = fc
  .record({
    feature: places,
    offset: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
    count: fc.integer({ min: 0, max: 20 }),
    selection: fc.integer({ min: 0, max: 3 }),
  })
  .map((command) => ({ kind: 'get', ...command }) as const);
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: sets },
    { weight: 3, arbitrary: gets },
    { weight: 1, arbitrary: fc.constant({ kind: 'cycle' } as const) },
  ),
  { maxLength: 40 },
);

test('any sequence of commands', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(steps, (commands) => {
      const rig = new Rig(profile);
      const rules = new Rules(features);
      for (const command of commands) {
        if (command.kind === 'set') {
          const code = rig.set(command);
          seen.add(code);
          assert.equal(code, rules.set(command));
        } else if (command.kind === 'get') {
          assert.deepEqual(rig.get(command), rules.get(command));
        } else {
          rig.cycle();
          rules.cycle();
        }
      }
      for (let feature = 0; feature < count; feature++) {
        const size = rows[feature]?.get ?? 0;
        for (const selection of [0, 1, 2]) {
          const whole = { feature, offset: 0, count: size, selection };
          assert.deepEqual(rig.get(whole), rules.get(whole));
        }
      }
    }),
    { numRuns: 500 },
  );
  // not all the same: the property has met every way out
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [0, 2, 3, 22, 25, 27, 28],
  );
});
