/** A module's answers, late ones too, as the mailbox gives them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../src/abi/held.ts';
import { cxlType3 } from '../../../../src/devices/cxl/cxl-type3.ts';
import { CustomMailbox } from '../../../../src/firmware/cxl/custom.ts';
import { CxlFirmware } from '../../../../src/firmware/cxl/firmware.ts';

test('a promise is a late answer; what it rejects with, or is none, is a failure', async () => {
  const answers: unknown[] = [Uint8Array.of(1, 2), { returnCode: 6 }, { returnCode: -1 }, { data: 'x' }];
  const told: string[] = [];
  const mailbox = new CustomMailbox(
    new CxlFirmware(cxlType3.values),
    {
      feature: () =>
        (answers.length === 0 ? Promise.reject(new Error('boom')) : Promise.resolve(answers.shift())) as never,
    },
    (error) => {
      told.push(String(error));
      return new Error('EIO');
    },
  );
  assert.equal(mailbox.features.length, 21);
  const input = new Uint8Array(21);
  input[18] = 2;
  const output = new Uint8Array(2);
  const outcome = async () => {
    const late = mailbox.exec(0x501, input, output);
    assert.ok(late instanceof Held);
    await new Promise((resolve) => setImmediate(resolve));
    try {
      return late.get();
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.deepEqual(await outcome(), { returnCode: 0, length: 2 });
  assert.deepEqual([...output], [1, 2]);
  assert.deepEqual(await outcome(), { returnCode: 6, length: 0 });
  assert.deepEqual([await outcome(), await outcome(), await outcome()], ['EIO', 'EIO', 'EIO']);
  assert.match(told.join(' '), /returnCode is not a whole number.*data is not a Uint8Array.*boom/);
});
