/**
 * `run --transport seccomp`: real C clients by notification, in a view by mounts and in one without; and `run` as it is
 * in a container that Docker has made, which has neither /dev/fuse nor mounts (test/c/container.c).
 */
import assert from 'node:assert/strict';
import { type StdioOptions, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { loadNative } from '../../../src/transport/native.ts';
import { repository } from '../../repository.ts';

const LAUNCHER = join(repository, 'scripts/fwctl-emu');
const client = (name: string) => join(repository, 'build/c', name);

const skip = (() => {
  if (!existsSync(LAUNCHER) || !existsSync(client('container'))) return 'it is not built';
  return loadNative().probeFilter() === 0 ? false : 'this kernel has no filters that can be listened to';
})();

function start(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [program = '', ...args] = command;
  const all = { ...process.env, ...env };
  // a bash whose standard input is a socket may read root's ~/.bashrc
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const options = { encoding: 'utf8', timeout: 60_000, env: all, stdio } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { status, stdout, stderr };
}

/** Each way to run a command by notification: with mounts where the machine allows them, and without. */
const WAYS: Readonly<Record<string, (command: readonly string[], ...options: string[]) => ReturnType<typeof start>>> = {
  'with mounts': (command, ...options) =>
    start([LAUNCHER, 'run', '--transport', 'seccomp', ...options, '--', ...command]),
  'without mounts': (command, ...options) =>
    start([LAUNCHER, 'run', '--transport', 'seccomp', ...options, '--', ...command], { FWCTL_EMU_NO_MOUNTS: '1' }),
  'in a container': (command, ...options) =>
    start([client('container'), LAUNCHER, 'run', ...options, '--', ...command]),
  'in a container, as root': (command, ...options) =>
    start([client('container'), '--root', LAUNCHER, 'run', ...options, '--', ...command]),
};

/** Clients of `make demo`, those that pass descriptors on, and parts of descriptors.c: they judge for themselves. */
const CLIENTS: readonly string[][] = [
  ['demo-info'],
  ['demo-info-static'],
  ['demo-reg'],
  ['demo-cap'],
  ['threads'],
  ['fdpass'],
  ...['reuse', 'dup2', 'cloexec', 'threads-close', 'fork', 'vfork', 'reopen', 'readonly'].map((part) => [
    'descriptors',
    part,
  ]),
];

/** What the keeper is for: the emulator is killed, and the command lives on. */
const KILLED = `exec 5<>/dev/fwctl/fwctl0; kill -9 $PPID; sleep 0.3; cat /proc/sys/kernel/ostype; ls -d /etc
  ${client('descriptors')} inherited 5`;

const leftOver = () => readdirSync('/tmp').filter((name) => name.startsWith('fwctl-emu-view-'));

for (const [way, run] of Object.entries(WAYS)) {
  describe(`run by notification, ${way}`, { skip }, () => {
    it('serves real clients', () => {
      const script = CLIENTS.map(
        ([name = '', ...words]) => `${client(name)} ${words.join(' ')} || echo FAILED ${name} ${words}`,
      );
      const { status, stdout, stderr } = run(['sh', '-c', script.join('\n')]);
      assert.deepEqual([status, stderr], [0, '']);
      assert.doesNotMatch(stdout, /FAILED|^ {2}(wrong|not ok)|^wrong/m);
      assert.equal(stdout.match(/^ok /gm)?.length, 8);
    });

    it('lets no signal end a call of who restarts calls, and executes none twice', () => {
      for (const flags of ['restart', 'none']) {
        const { status, stdout, stderr } = run([client('descriptors'), 'timer', flags, '3000'], '--summary');
        assert.equal(status, 0, stdout);
        assert.match(stdout, flags === 'restart' ? /3000 calls, \d+ signals, 0 EINTR/ : /3000 calls/);
        assert.match(stderr, /^ +3000 +3000 .* QUERY_ISSI/m);
      }
    });

    it('sees another file behind the same number at once where it is to look at each', () => {
      const all = ['--verify-descriptors'];
      const { status, stdout } = run(['env', 'VERIFIED=1', client('descriptors'), 'dup2'], ...all);
      assert.deepEqual([status, stdout], [0, 'ok dup2\n']);
    });

    it('shows sysfs as directories, links and texts', () => {
      const script = `cat /sys/class/fwctl/fwctl0/device/vendor; realpath /sys/class/fwctl/fwctl0
        cd /sys/class/fwctl/fwctl0/ && pwd && ls | tr '\\n' ' ' && cat dev && cd / && pwd
        echo /sys/class/fwctl/*/dev; find /sys/class/fwctl/ -type l; cat /proc/sys/kernel/tainted; ls /dev/fwctl
        ls /sys/bus/pci/devices | wc -l; ls /dev/null`;
      const { status, stdout, stderr } = run(['bash', '-c', script]);
      const real = readdirSync('/sys/bus/pci/devices').length;
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(
        stdout.replace(/uevent 2\d\d:0/, 'uevent MAJOR:0'),
        [
          '0x15b3',
          '/sys/devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
          '/sys/class/fwctl/fwctl0',
          'dev device power subsystem uevent MAJOR:0',
          '/',
          '/sys/class/fwctl/fwctl0/dev',
          '/sys/class/fwctl/fwctl0',
          '0',
          'fwctl0',
          String(real + 1),
          '/dev/null\n',
        ].join('\n'),
      );
    });

    it('gives the exit status, and what a fault says', () => {
      assert.equal(run(['sh', '-c', 'exit 7']).status, 7);
      assert.equal(run(['sh', '-c', 'kill -9 $$']).status, 137);
      assert.equal(run(['/nowhere']).status, 127);
      assert.match(run([client('demo-info')], '--fault', 'info:error=EIO:count=1').stdout, /Input\/output error|EIO/);
    });

    it('lets the command live when it is killed itself: its calls go on, those on a device are ENOTCONN', async () => {
      const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
      chmodSync(place, 0o777);
      try {
        run(['sh', '-c', `{ ${KILLED}; } >${place}/said 2>&1; touch ${place}/over`]);
        for (let i = 0; i < 100 && !existsSync(`${place}/over`); i++) await setTimeout(100);
        assert.match(
          readFileSync(`${place}/said`, 'utf8'),
          /^Linux\n\/etc\ninherited: Transport endpoint is not connected\n$/,
        );
      } finally {
        rmSync(place, { recursive: true });
      }
    });

    it('leaves nothing', async () => {
      for (let i = 0; i < 50 && leftOver().length > 0; i++) await setTimeout(100); // the keeper of the killed one
      assert.deepEqual(leftOver(), []);
    });
  });
}

describe('run by notification below another listener', { skip }, () => {
  it('says that there is one', () => {
    const inner = [LAUNCHER, 'run', '--transport', 'seccomp', '--', 'true'];
    const { status, stderr } = start([LAUNCHER, 'run', '--transport', 'seccomp', '--', ...inner]);
    assert.equal(status, 125);
    assert.match(stderr, /EBUSY; somebody listens to the calls of this process already/);
  });
});

describe('doctor in a container', { skip }, () => {
  it('says that run works, and how', () => {
    const { status, stdout } = start([client('container'), LAUNCHER, 'doctor', '--json']);
    const { ok, run, ways } = JSON.parse(stdout) as {
      ok: boolean;
      run: string;
      ways: { name: string; status: string }[];
    };
    assert.deepEqual([status, ok, run], [0, true, 'seccomp, by path calls (namespaces: EPERM)']);
    assert.equal(ways.find(({ name }) => name === 'run by seccomp')?.status, 'works');
  });
});
