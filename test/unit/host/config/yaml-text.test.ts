/** Files that would stop a reader: deep ones, aliases of aliases, very many of something: refused with their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as yaml from 'yaml';
import { YamlText } from '../../../../src/host/config/yaml-text.ts';

function problemsOf(text: string): string[] {
  const read = new YamlText(text, 'configuration', yaml);
  return read.problems.map(({ offset, message }) => {
    const { line, column } = read.place(offset);
    return `${line}:${column}: ${message}`;
  });
}

const deep = (levels: string) => `lists and keys lie ${levels} deep inside each other; a configuration takes 100`;
const indented = Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
const BAD: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  'brackets, closed': ['['.repeat(10_000) + ']'.repeat(10_000), `1:101: ${deep('10000')}`],
  'brackets, open': ['['.repeat(10_000), `1:101: ${deep('10000')}`],
  braces: ['{a: '.repeat(3000), `1:401: ${deep('3000')}`],
  'behind a key': [`abi: v2\ndevices: ${'['.repeat(500)}`, `2:109: ${deep('501')}`],
  'lists in one line': ['- '.repeat(2000), `1:201: ${deep('2000')}`],
  'keys in one line': ['? '.repeat(2000), `1:201: ${deep('2000')}`],
  'keys by indentation': [indented, `101:101: ${deep('300')}`],
  'more than anybody counts': ['['.repeat(1_000_000), `1:101: ${deep('20000 or more')}`],
  'an alias that makes it deep': [
    `- &a ${'['.repeat(60)}${']'.repeat(60)}\n- ${'['.repeat(60)}*a${']'.repeat(60)}`,
    '2:63: with *a lists and keys lie too deep',
  ],
  'an alias of itself': ['a: &a {b: *a}', '1:11: &a would stand inside itself; write it out'],
  'an alias of nothing': ['a: *a', '1:4: nothing before this is named &a; write it out'],
  'aliases of aliases': [
    Array.from({ length: 20 }, (_, i) => `k${i}: &a${i} [${i === 0 ? 1 : Array(9).fill(`*a${i - 1}`)}]\n`).join(''),
    '1:1: this is not YAML: excessive alias count: see line 4; write out what is needed',
  ],
  'very many aliases of something large': [
    `a: &a [${'1,'.repeat(1000)}]\nb: [${'*a,'.repeat(1000)}]`,
    '1:1: this is not YAML: excessive alias count: see line 2; write out what is needed',
  ],
  'a key twice, the second an alias': ['a: &a b\nb: 1\n*a : 2', '3:1: this is not YAML: map keys must be unique'],
  'a key that is a list': ['? [a]\n: 1', '1:1: unknown key: it is a list, and keys are text'],
};
for (const [what, [text, problem]] of Object.entries(BAD)) {
  test(`refused: ${what}`, () => assert.deepEqual(problemsOf(text), [problem]));
}

test('what is not too much is read: values, and aliases as what they stand for', () => {
  const text = `a: &a 1\nb: [*a, 0x10, 9007199254740993, ~, yes, 'x']\nc: &c {d: *a}\ne: *c\n*a : f\n`;
  const read = new YamlText(text, 'configuration', yaml);
  assert.deepEqual(read.problems, []);
  const [c, b] = [{ d: 1 }, [1, 16, 9007199254740993n, null, 'yes', 'x']];
  assert.deepEqual(read.plain(), { a: 1, b, c, e: c, 1: 'f' });
  for (const good of ['', '[]', '['.repeat(100) + ']'.repeat(100)]) assert.deepEqual(problemsOf(good), []);
});

/** Per line; the fastest of three, as others use the machine too. */
function costOf(lines: readonly string[]): number {
  const times = [1, 2, 3].map(() => {
    const before = performance.now();
    const read = new YamlText(lines.join('\n'), 'configuration', yaml);
    assert.deepEqual(read.problems, []);
    read.plain();
    return performance.now() - before;
  });
  return Math.min(...times) / lines.length;
}

for (const [what, line] of Object.entries({
  entries: () => '- profile: connectx6dx',
  keys: (i: number) => `key${i}: 1`,
  aliases: (i: number) => (i % 2 === 0 ? `- &a${i} x` : `- *a${i - 1}`),
})) {
  test(`many ${what} cost the same each as few`, () => {
    const lines = (count: number) => Array.from({ length: count }, (_, i) => line(i));
    costOf(lines(1000));
    const [few, many] = [costOf(lines(2000)), costOf(lines(16_000))];
    assert.ok(many < few * 4, `${few} ms, then ${many} ms`);
  });
}
