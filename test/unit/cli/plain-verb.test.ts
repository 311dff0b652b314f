/** The short way of the control socket's verbs, beside the parser that reads all of them; and lines of `ctl`. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { ControlCallOptions, Verbs } from '../../../src/cli/command.ts';
import { ctl } from '../../../src/cli/ctl.ts';
import { plainCall } from '../../../src/cli/plain-verb.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Method, Values } from '../../../src/control/method.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { CliError } from '../../../src/host/config/cli-error.ts';

interface Called {
  readonly method: Method;
  readonly values: Values;
  readonly options: ControlCallOptions;
}

/** What the whole parser makes of it; undefined: it refuses, or prints help. */
async function parsed(args: readonly string[]): Promise<Called | undefined> {
  let called: Called | undefined;
  const verbs = {
    control: async (method: Method, values: Values, options: ControlCallOptions) => {
      called = { method, values, options };
      return 0;
    },
    deviceKeys: async () => ({}),
  } as unknown as Verbs;
  await runProgram(args, '0', verbs, { out() {}, error() {} });
  return called;
}

const told = (values: Values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const EXAMPLE = {
  text: 'fwctl0',
  integer: '1',
  value: '5',
  choice: 'x',
  file: 'a.yaml',
  list: 'x',
  content: 'x',
  flag: '',
};

/** With every argument, and with each number of them. */
const LINES = METHODS.flatMap(({ verb, params }) => {
  if (verb === undefined) return [];
  const words = verb.split(' ');
  const given = Object.values(params).filter(({ argument }) => argument !== undefined);
  const flags = Object.entries(params).filter(([, { kind, hidden }]) => kind === 'flag' && hidden !== true);
  const all = given.map(({ kind }) => EXAMPLE[kind]);
  const lines = [...all.keys(), all.length].map((count) => [...words, ...all.slice(0, count)]);
  const whole = [...words, ...all];
  return [
    ...lines,
    [...whole, '--json'],
    [...whole, '--socket', '/x'],
    [...whole, '--socket'],
    [...whole, 'more'],
    [...whole, '--help'],
    [...whole, '--nothing'],
    ...flags.map(([name]) => [...whole, `--${name.replaceAll('_', '-')}`]),
  ];
});

describe('what is read the short way is what the parser reads', () => {
  for (const line of LINES)
    it(line.join(' '), async () => {
      const plain = plainCall(line);
      if (plain === undefined) return;
      const whole = await parsed(line);
      assert.equal(plain.method, whole?.method);
      assert.deepEqual(told(plain.values), told(whole?.values ?? {}));
      assert.deepEqual(plain.options, whole?.options);
    });
});

test('most lines that are right are read the short way', async () => {
  const right = await Promise.all(LINES.map(async (line) => ((await parsed(line)) === undefined ? [] : [line])));
  const short = right.flat().filter((line) => plainCall(line) !== undefined);
  assert.ok(short.length > right.flat().length / 2, `${short.length} of ${right.flat().length}`);
});

describe('lines of ctl', () => {
  const words = async (text: string) => {
    const lines: (readonly string[])[] = [];
    await ctl({
      text,
      run: async (line) => {
        lines.push(line);
        return 0;
      },
    });
    return lines;
  };
  it('are divided as by a shell', async () => {
    assert.deepEqual(await words(`list\n\n  # nothing\nset a 'b c'"d \\" e"\\ f g # h\nget x#y`), [
      ['list'],
      ['set', 'a', 'b cd " e f', 'g'],
      ['get', 'x#y'],
    ]);
    assert.deepEqual(await words(`set a ''`), [['set', 'a', '']]);
  });
  it('a quote that is not closed is a line refused', async () => {
    await assert.rejects(words(`list\nset 'a`), /ctl: line 2: a quote is not closed/);
  });
  it('the first that fails ends it, and is named', async () => {
    const done: string[] = [];
    const run = async ([word = '']: readonly string[]) => {
      if (word === 'bad') throw new CliError('no such thing', 2, 'usage');
      done.push(word);
      return word === 'three' ? 3 : 0;
    };
    await assert.rejects(ctl({ text: 'a\nbad\nb', run }), /^Error: ctl: line 2: no such thing$/);
    assert.equal(await ctl({ text: 'c\nthree\nd', run }), 3);
    assert.deepEqual(done, ['a', 'c', 'three']);
  });
});
