/**
 * The code in README and docs: every command line is one that the program takes; YAML is read, C and TypeScript of the
 * page on testing built and run, JavaScript firmware called. docs/tour.md is run by test/unit/cli/control.test.ts.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, test } from 'node:test';
import { transformSync } from 'esbuild';
import type { Verbs } from '../../src/cli/command.ts';
import { runProgram } from '../../src/cli/program.ts';
import { loadSettings } from '../../src/emulator/settings.ts';
import { DRIVERS } from '../../src/host/machine/drivers.ts';
import { runRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-docs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Block {
  readonly file: string;
  /** Of its first line, from 1. */
  readonly line: number;
  /** Of a fence; '' for indented text. */
  readonly language: string;
  readonly text: string;
}

function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(repository, file), 'utf8').split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line);
    if (open !== undefined && (fence !== null || (open.language === '' && !/^( {4}|$)/.test(line)))) {
      blocks.push({ file, line: open.line, language: open.language, text: open.lines.join('\n') });
      open = undefined;
      if (fence !== null) continue;
    }
    if (open !== undefined) open.lines.push(open.language === '' ? line.slice(4) : line);
    else if (fence?.[1]) open = { language: fence[1], line: index + 2, lines: [] };
    else if (/^ {4}\S/.test(line)) open = { language: '', line: index + 1, lines: [line.slice(4)] };
  }
  return blocks;
}

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const BLOCKS = PAGES.filter((page) => page !== 'docs/tour.md').flatMap(blocksOf);
const block = (language: string, has: RegExp) => {
  const found = BLOCKS.find((one) => one.language === language && has.test(one.text));
  assert.ok(found, `no ${language} block has ${has}`);
  return found.text;
};

/** The arguments of each `fwctl-emu` of a shell text, as far as they are written there. */
function commandsIn(text: string): string[][] {
  const joined = text.replace(/\\\n\s*/g, ' ');
  const starts = joined.matchAll(/(?:^|[;&|(] *|\bsudo |\bnpx )(?:scripts\/)?fwctl-emu (?!:)(.*)/gm);
  return [...starts].flatMap(([, rest = '']) => {
    const words: string[] = [];
    for (const [word, quoted] of rest.matchAll(/'([^']*)'|[^\s']+/g)) {
      if (/^(#|[|;&<>]|\d?>)/.test(word)) break;
      words.push((quoted ?? word).replace(/[;)]$/, ''));
      if (/[;)]$/.test(word)) break;
    }
    return words.length === 0 || words[0]?.endsWith(':') ? [] : [words];
  });
}

/** A verb has been reached. */
class Reached extends Error {}

/** Undefined: the parser hands it to a verb, or prints help. */
async function refusal(words: readonly string[]): Promise<string | undefined> {
  let said = '';
  const reached = async () => {
    throw new Reached();
  };
  const verbs = new Proxy({} as Verbs, { get: (_, name) => (name === 'deviceKeys' ? async () => ({}) : reached) });
  const output = {
    out() {},
    error(text: string) {
      said += text;
    },
  };
  try {
    const status = await runProgram(words, '0', verbs, output);
    return status === 0 ? undefined : said;
  } catch (error) {
    if (error instanceof Reached) return undefined;
    throw error;
  }
}

describe('every command line is one that the program takes', () => {
  const all = BLOCKS.filter(({ language }) => ['', 'sh', 'console'].includes(language)).flatMap((one) =>
    commandsIn(one.text).map((words) => [one, words] as const),
  );
  it('there are many', () => assert.ok(all.length > 40, String(all.length)));
  for (const [{ file, line }, words] of all)
    it(`${file}:${line} fwctl-emu ${words.join(' ')}`, async () => assert.equal(await refusal(words), undefined));
});

describe('shell is shell', () => {
  for (const { file, line, text } of BLOCKS.filter(({ language }) => language === 'sh'))
    it(`${file}:${line}`, () => {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
});

describe('YAML is a configuration, or a profile', () => {
  for (const { file, line, text } of BLOCKS.filter(({ language }) => language === 'yaml'))
    it(`${file}:${line}`, async () => {
      // beside the files that it speaks of
      const place = mkdtempSync(join(folder, 'yaml-'));
      cpSync(join(repository, 'examples'), place, { recursive: true });
      for (const [, name = ''] of text.matchAll(/\bfile: ([\w.]+)/g)) writeFileSync(join(place, name), 'x');
      const path = join(place, 'page.yaml');
      writeFileSync(path, text);
      const read = /^(devices|faults|abi):/m.test(text) ? { config: path } : { device: [path] };
      const { devices } = await loadSettings(read, async () => DRIVERS);
      assert.ok(devices.length > 0);
    });
});

describe('JavaScript is firmware that answers', () => {
  for (const { file, line, text } of BLOCKS.filter(({ language }) => language === 'js'))
    it(`${file}:${line}`, async () => {
      const path = join(folder, `${line}.mjs`);
      writeFileSync(path, text);
      const { default: module } = (await import(path)) as { default: Record<string, (...args: unknown[]) => unknown> };
      const [[, call] = []] = Object.entries(module);
      const bytes = new Uint8Array(4);
      const asked = { opcode: 0x101, opMod: 0, uid: 1, endpoint: 1, operation: 1, version: 1, bytes, outLength: 4 };
      const answer =
        file.includes('custom') && call?.length === 2 ? call('uuid', { command: 'get', count: 4 }) : call?.(asked);
      assert.equal(typeof answer, 'object');
    });
});

test('TypeScript is TypeScript', () => {
  for (const { text } of BLOCKS.filter(({ language }) => language === 'ts')) transformSync(text, { loader: 'ts' });
});

const skip = runRefusal();
const EMU = `${process.execPath} ${join(repository, 'dist/bundle/cli/main.cjs')}`;

/** A project with the package, and a client that says what fails. */
function project(): { cwd: string; env: NodeJS.ProcessEnv } {
  const cwd = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(repository, join(cwd, 'node_modules/fwctl-emu'));
  mkdirSync(join(cwd, 'build'));
  const tool = join(cwd, 'build/mytool');
  const client = join(cwd, 'build/client');
  const include = `-I${join(repository, 'extras/include')}`;
  const made = spawnSync('cc', [include, '-o', client, join(repository, 'examples/c/info.c')], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  writeFileSync(tool, `#!/bin/sh\n${client} "/dev/fwctl/$1" || { echo "QUERY_HCA_CAP failed" >&2; exit 1; }\n`);
  writeFileSync(join(cwd, 'build/fwctl-emu'), `#!/bin/sh\nexec ${EMU} "$@"\n`);
  for (const name of ['mytool', 'fwctl-emu']) chmodSync(join(cwd, 'build', name), 0o755);
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${join(cwd, 'build')}:${process.env.PATH}` };
  delete env.NODE_TEST_CONTEXT;
  return { cwd, env };
}

function ran(program: string, args: readonly string[], { cwd, env }: ReturnType<typeof project>, input = '') {
  return spawnSync(program, args, { cwd, env, input, encoding: 'utf8', timeout: 120_000 });
}

test('the page on testing: JavaScript', { skip }, () => {
  const at = project();
  const { code } = transformSync(block('ts', /runCommand\(\['build\/mytool'/), {
    loader: 'ts',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  const reader = `async function myPortReader(rpc) {
  const request = accessRegister('PAOS', { local_port: 1 });
  for (;;) try { return await rpc(1, request, 32); } catch (error) { if (error.name !== 'EBUSY') throw error; }
}`;
  writeFileSync(join(at.cwd, 'page.test.mjs'), `${code}\n${reader}\n`);
  const { status, stdout } = ran(process.execPath, ['--test', '--test-reporter=tap', 'page.test.mjs'], at);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /# pass 2\n# fail 0\n/);
});

test('the page on testing: C', { skip }, () => {
  const at = project();
  const lines = block('c', /fwctl_emu_fault_add/).split('\n');
  const query = readFileSync(join(repository, 'test/example/my-tool-query.h'), 'utf8');
  const body = lines.filter((line) => !line.startsWith('#include')).join('\n');
  writeFileSync(
    join(at.cwd, 'mytest.c'),
    `${lines.filter((line) => line.startsWith('#include')).join('\n')}\n${query}int main(void) {\n${body}\nreturn 0;\n}\n`,
  );
  const flags = ['extras/c', 'extras/include'].map((path) => `-Inode_modules/fwctl-emu/${path}`);
  const made = ran('cc', [...flags, '-o', 'mytest', 'mytest.c'], at);
  assert.equal(made.status, 0, made.stderr);
  const { status, stderr } = ran('fwctl-emu', ['run', '--', './mytest'], at);
  assert.equal(status, 0, stderr);
});

test('the page on testing: shell', { skip }, () => {
  const at = project();
  const text = block('sh', /fault add open:error=EBUSY/);
  const { status, stdout, stderr } = ran('sh', ['-e'], at, text);
  assert.match(stdout, /open:error=EBUSY:count=1/, stderr);
  assert.ok(status === 0 || /found/.test(stdout), `${status} ${stdout}${stderr}`);
  // a tool that does not fail is found out: what "!" would have passed over
  writeFileSync(join(at.cwd, 'build/mytool'), '#!/bin/sh\nexit 0\n');
  const [only = ''] = text.split('\nfwctl-emu sweep');
  const passed = ran('sh', ['-e'], at, only);
  assert.equal(passed.status, 1);
  assert.match(passed.stderr, /did not fail: mytool fwctl0/);
});

const pytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0 ? false : 'python3 has no pytest';

test('the page on testing: Python', { skip: skip || pytest }, () => {
  const at = project();
  const page = block('python', /emulator\.fault/);
  const query = `import fwctl
def my_tool_query():
    with fwctl.Device() as device:
        while True:
            try: return len(device.rpc(bytes([1, 0, 0, 0, 0, 0, 0, 1] + [0] * 8), 272))
            except OSError: pass
`;
  cpSync(join(repository, 'extras/python/fwctl.py'), join(at.cwd, 'fwctl.py'));
  const fixtures = readFileSync(join(repository, 'examples/python/conftest.py'), 'utf8');
  writeFileSync(join(at.cwd, 'conftest.py'), fixtures);
  writeFileSync(join(at.cwd, 'test_page.py'), query + page);
  const { status, stdout } = ran(
    'fwctl-emu',
    ['run', '--', 'python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '.'],
    at,
  );
  assert.equal(status, 0, stdout);
  assert.match(stdout, /1 passed/);
});
