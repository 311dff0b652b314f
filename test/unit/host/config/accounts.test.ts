import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAccounts, systemAccounts } from '../../../../src/host/config/accounts.ts';

test('account files: names, numbers, and nothing else', () => {
  const accounts = parseAccounts(
    'root:x:0:0:root:/root:/bin/sh\n# comment\nalice:x:1000:1000::/:\nbad:x:-1:\nroot:x:5:\n\n',
  );
  assert.deepEqual(
    [...accounts],
    [
      ['root', 0],
      ['alice', 1000],
    ],
  );
  assert.equal(systemAccounts('/nonexistent', '/nonexistent').user('root'), undefined);
});
