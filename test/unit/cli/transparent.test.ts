/** `run` hands its command what env(1) would: test/c/inherited.c prints all of it, under both. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const LAUNCHER = join(repository, 'scripts/fwctl-emu');
const INHERITED = join(repository, 'build/c/inherited');
const RUN = [LAUNCHER, 'run', '--'];
const ROOT = process.geteuid?.() === 0;
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));

function lacks(): string | false {
  for (const file of [LAUNCHER, INHERITED]) if (!existsSync(file)) return `${file} is not built`;
  return runRefusal();
}
const skip = lacks();
const without = (program: string) => spawnSync(program, ['--version']).error !== undefined && `there is no ${program}`;

function start(command: readonly string[], env?: NodeJS.ProcessEnv) {
  const [program = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'latin1', timeout: 60_000, env });
  return { status, stdout, stderr };
}

const shell = (script: string, ...args: string[]) => start(['bash', '-c', script, 'bash', ...args]);

/** The two variables that `run` adds, which are the last. */
const ADDED = /^environment (SYSTEMD_DEVICE_VERIFY_SYSFS=0|FWCTL_EMU_SOCKET=.*)\n/gm;

/** What `--abi A,B` says of its runs. */
const COMPARED = /^fwctl-emu: (---|no difference) .*\n/gm;

/** What INHERITED prints under a wrapper that was started in that state. */
function inherited(wrapper: readonly string[], words: readonly string[]): string {
  const { status, stdout, stderr } = start([
    INHERITED,
    'as',
    ...words,
    '--',
    ...wrapper,
    INHERITED,
    'one',
    'two words',
  ]);
  assert.deepEqual([status, stderr.replace(COMPARED, '')], [0, '']);
  return stdout.replace(ADDED, '');
}

const STATES: readonly (readonly [string, ...string[]])[] = [
  ['nothing changed'],
  [
    'descriptors',
    'pipe=3',
    'socket=4',
    'file=9',
    'pipe=10',
    'tty=63',
    'pipe=200',
    'file=255',
    'socket=1023',
    'cloexec=5',
  ],
  ['fifteen in a row', ...Array.from({ length: 15 }, (_, at) => `file=${at + 3}`)],
  ['stdin closed', 'close=0'],
  ['all three closed but one', 'close=0', 'close=2'],
  ['non-blocking streams', 'nonblock=0', 'nonblock=1', 'nonblock=2'],
  // RLIMIT_CPU, _FSIZE, _DATA, _STACK, _CORE, _NOFILE, _AS of asm-generic/resource.h
  [
    'limits',
    'limit=0:100',
    'limit=1:100000',
    'limit=2:50000000',
    'limit=3:1000000',
    'limit=4:0',
    'limit=7:777',
    'limit=9:400000000',
  ],
  ['few open files', 'limit=7:4'],
  ['ignored signals', ...[1, 2, 3, 10, 13, 17, 25, 40, 64].map((number) => `ignore=${number}`)],
  ['blocked signals', ...[1, 2, 12, 13, 15, 17, 34, 64].map((number) => `block=${number}`)],
  [
    'what prctl(2) and others set',
    'death=15',
    'nnp',
    'umask=077',
    'nice=5',
    'personality=0040000',
    'slack=100000',
    'oom=300',
  ],
  [
    'an environment that is no text, with functions, doublets and what Node takes for its own',
    ...['BASH_FUNC_f%%=() { :; }', 'TWICE=1', 'TWICE=2', 'no-equals', '=x', 'EMPTY=', 'NODE_CHANNEL_FD=3'].map(
      (entry) => `environ=${entry}`,
    ),
    'environ=not-utf8=\udc80',
  ],
  ['a small stack', 'limit=3:65536'],
  [
    'what steers a Node, which is the command',
    ...['OPTIONS=--require /none.js', 'DEBUG=net', 'EXTRA_CA_CERTS=/none', 'TEST_CONTEXT=child', 'UNIQUE_ID=1'].map(
      (entry) => `environ=NODE_${entry}`,
    ),
  ],
];

describe('run hands on', { skip }, () => {
  for (const [name, ...words] of STATES) it(name, () => assert.equal(inherited(RUN, words), inherited(['env'], words)));

  it('words that are no text', () => {
    const script = 'exec "$@" printf "%s|" $\'\\xff\\xfe\' "" "a  b"';
    assert.equal(shell(script, ...RUN).stdout, shell(script, 'env').stdout);
  });

  it('all of it to each run of --abi A,B', () => {
    const words = ['file=9', 'limit=7:777', 'ignore=10', 'block=12'];
    const twice = inherited([LAUNCHER, 'run', '--abi', 'v2,linux-7.3', '--'], words);
    const once = inherited(['env'], words);
    assert.equal(twice, once + once);
  });

  it('variables that are there already, in their place', () => {
    const env = { SYSTEMD_DEVICE_VERIFY_SYSFS: '1', PATH: process.env.PATH, FWCTL_EMU_SOCKET: '/none', LAST: '1' };
    const { stdout } = start([...RUN, 'env'], env);
    assert.match(stdout, /^SYSTEMD_DEVICE_VERIFY_SYSFS=1\nPATH=.*\nFWCTL_EMU_SOCKET=.*control.sock\nLAST=1\n$/);
  });

  it("the end of a pipe when the command has closed it, not at the command's own end", () => {
    const script = `{ "$@" sh -c 'exec 9>&-; sleep 2; echo late >&2' 9>&1 >/dev/null | { cat; echo early >&2; }; } 2>&1`;
    assert.equal(shell(script, ...RUN).stdout, 'early\nlate\n');
    const writer = `trap '' PIPE; { while echo more 2>/dev/null; do sleep 0.1; done; echo early >&2; } |
      "$@" sh -c 'exec <&-; sleep 2; echo late >&2'`;
    assert.equal(shell(writer, ...RUN).stderr, 'early\nlate\n');
  });

  it('a descriptor that an option names', () => {
    const script = `"$1" run --trace=/dev/fd/9 -- sh -c ': </dev/fwctl/fwctl0' 9>&1 | grep -c open`;
    assert.equal(shell(script, LAUNCHER).stdout, '1\n');
    const config = `"$1" run -c <(echo 'devices: [{count: 2}]') -- ls /dev/fwctl`;
    assert.equal(shell(config, LAUNCHER).stdout, 'fwctl0\nfwctl1\n');
  });

  it("make's job server, of either style", { skip: without('make') }, () => {
    const script = `cd "$1"; printf 'all:\\n\\t+@$(RUN) $(MAKE) -f sub\\n' >Makefile; printf 'all: a b\\na b:\\n\\t@echo $@\\n' >sub
      shift; for style in "" --jobserver-style=pipe --jobserver-style=fifo; do
        make --help | grep -q -- "$style" && make -j2 $style RUN="$*" 2>&1; done; exit 0`;
    assert.doesNotMatch(shell(script, scratch, ...RUN).stdout, /jobserver/);
  });

  it('a terminal, whose modes and O_NONBLOCK stay as the command leaves them', { skip: without('script') }, () => {
    const after = (wrapper: string) => {
      const set = `${wrapper} ${INHERITED} as nonblock=0 -- stty -echo -icanon`;
      return shell(`script -qec "${set}; stty -g; grep flags /proc/self/fdinfo/0" /dev/null </dev/null`).stdout;
    };
    assert.equal(after(RUN.join(' ')), after('env'));
    assert.match(after('env'), /flags:\s+04002/);
  });

  it('a terminal to look at', { skip: without('script') }, () => {
    const seen = (wrapper: string) =>
      shell(`script -qec "${wrapper} ${INHERITED}; true" /dev/null </dev/null`)
        .stdout.replaceAll('\r', '')
        .replace(ADDED, '');
    const comparable = (text: string) => text.replaceAll(/ session \d+|^environment _=.*\n/gm, '');
    assert.equal(comparable(seen(RUN.join(' '))), comparable(seen('env')));
  });
});

describe('run as process 1', { skip: skip || (!ROOT && 'needs root') || without('unshare') }, () => {
  const first = (...words: string[]) => ['unshare', '-fp', '--mount-proc', ...words];

  it('reaps what falls to it', () => {
    const orphans = 'for i in 1 2 3; do sh -c "sleep 0.1 & exit 0"; done; sleep 1; ps -eo stat= | grep -c Z';
    assert.equal(start(first(...RUN, 'sh', '-c', orphans)).stdout, '0\n');
  });

  it('passes on the signals of who stops a container', () => {
    for (const [signal, status] of [
      ['TERM', 143],
      ['USR1', 138],
      ['ALRM', 142],
    ] as const) {
      const script = `"$@" & p=$!; sleep 2; kill -${signal} $(ps -o pid= --ppid $p); wait $p; echo $?`;
      assert.equal(shell(script, ...first(...RUN, 'sleep', '30')).stdout, `${status}\n`, signal);
    }
  });
});

it('a terminal can be opened by the root of a user namespace', { skip: skip || without('unshare') }, () => {
  const words = ['sh', '-c', 'exec 9<>/dev/ptmx && echo open'];
  const { stdout, stderr } = start(['unshare', '-r', ...RUN, ...words]);
  if (/cannot be made/.test(stderr)) return;
  assert.deepEqual([stdout, stderr], ['open\n', '']);
});

describe('statuses', { skip }, () => {
  it("a command's own, whatever it is; a realtime signal's as well", () => {
    for (const [script, status] of [
      ['exit 125', 125],
      ['kill -40 $$', 168],
      ['kill -9 $$', 137],
    ] as const)
      assert.equal(start([...RUN, 'sh', '-c', script]).status, status, script);
  });

  it('125 where there is no Node, and where an option is wrong', () => {
    const bare = start(RUN.concat('true'), { PATH: '/nonexistent' });
    assert.deepEqual([bare.status, /no "node" in PATH/.test(bare.stderr)], [125, true]);
    assert.equal(start([LAUNCHER, 'list'], { PATH: '/nonexistent' }).status, 1);
    assert.equal(start([LAUNCHER, 'run', '--abi', 'none', '--', 'true']).status, 125);
  });

  it('125 where there are too few descriptors for the emulator', () => {
    for (const limit of [7, 16, 25, 39]) {
      const { status, stderr } = shell(`ulimit -n ${limit}; exec "$@" true`, ...RUN);
      assert.deepEqual(
        [status, /hard limit of open files is \d+, and .* needs 40: raise it/.test(stderr)],
        [125, true],
      );
    }
    assert.equal(shell('ulimit -n 40; exec "$@" true', ...RUN).status, 0);
  });

  it('options for the Node of the emulator', () => {
    const env = { ...process.env, FWCTL_EMU_NODE_OPTIONS: '--require /none.js' };
    assert.match(start(RUN.concat('true'), env).stderr, /Cannot find module '\/none.js'/);
  });

  it('125 for an error that nobody foresaw, with what it was', () => {
    const module = join(scratch, 'late.mjs');
    writeFileSync(
      module,
      'setTimeout(() => { throw new Error("too late"); }, 500); export default { exec: () => ({}) };',
    );
    const options = ['run', '--device', `firmware=${module}`, '--'];
    const { status, stderr } = start([LAUNCHER, ...options, 'sleep', '5']);
    assert.deepEqual([status, /too late/.test(stderr)], [125, true], stderr);
  });
});

describe('places for temporary files', { skip }, () => {
  const long = join(scratch, 'x'.repeat(90));
  for (const [name, place] of [
    ['a long one', long],
    ['one that is not there', '/nonexistent/place'],
    ['one of the working directory', 'x'.repeat(90)],
    ['one that is a file', '/etc/passwd'],
  ] as const)
    it(name, () => {
      const script = `cd "$1"; mkdir -p ${'x'.repeat(90)}; shift; TMPDIR=${place} XDG_RUNTIME_DIR= "$@"`;
      const said = shell(
        script,
        scratch,
        ...RUN,
        'sh',
        '-c',
        'ls /dev/fwctl; cd /; test -S $FWCTL_EMU_SOCKET && echo reached',
      );
      assert.deepEqual(said, { status: 0, stdout: 'fwctl0\nreached\n', stderr: '' });
    });
});
