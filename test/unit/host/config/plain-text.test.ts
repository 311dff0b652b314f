import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { isPlain, plainLine, plainText } from '../../../../src/host/config/plain-text.ts';
import { profileYaml } from '../../../../src/host/profiles/profile-text.ts';

test('what steers a terminal or turns the text round is written as escapes, and letters stay', () => {
  const rows: readonly [string, string][] = [
    ['\u001b]0;owned\u0007\u001b[2J', '\\x1b]0;owned\\x07\\x1b[2J'],
    ['good\rbad\b\u007f\0', 'good\\x0dbad\\x08\\x7f\\x00'],
    ['\u009b31m\u0085', '\\x9b31m\\x85'],
    ['a\u202eb\u2066c\u200e\ufeff\u2028', 'a\\u202eb\\u2066c\\u200e\\ufeff\\u2028'],
    ['\u{e0041}\ud800', '\\U000e0041\\ud800'],
    ['é Größe 漢字 🙂 C:\\x\tand\n', 'é Größe 漢字 🙂 C:\\x\tand\n'],
  ];
  for (const [text, plain] of rows) {
    assert.equal(plainText(text), plain);
    assert.equal(isPlain(text), text === plain);
  }
  assert.equal(plainLine('one\ntwo\tthree\u001b'), 'one\\ntwo\\tthree\\x1b');
});

test('a profile with such a title is shown so, and read back as it was', () => {
  const title = 'a card\u202e\u009b31m \u001b[1m "é" \u{e0041}';
  const text = profileYaml({ name: 'x', title });
  assert.ok(isPlain(text), JSON.stringify(text));
  assert.deepEqual(parse(text), { name: 'x', title });
});
