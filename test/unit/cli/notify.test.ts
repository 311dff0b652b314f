/**
 * `run --transport seccomp`: real C clients by notification, in a view by mounts and in one without; and `run` as it is
 * in a container that Docker has made, which has neither /dev/fuse nor mounts (test/c/container.c).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, env: all });
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

/** Clients of `make demo`, and those that pass descriptors on: they judge for themselves. */
const CLIENTS = ['demo-info', 'demo-info-static', 'demo-reg', 'demo-cap', 'threads', 'fdpass'];

const leftOver = () => readdirSync('/tmp').filter((name) => name.startsWith('fwctl-emu-view-'));

for (const [way, run] of Object.entries(WAYS)) {
  describe(`run by notification, ${way}`, { skip }, () => {
    for (const name of CLIENTS)
      it(name, () => {
        const { status, stdout, stderr } = run([client(name)]);
        assert.equal(status, 0, stdout + stderr);
        assert.doesNotMatch(stdout, /^ {2}(wrong|not ok)/m);
      });

    it('shows sysfs as directories, links and texts', () => {
      const script = `cat /sys/class/fwctl/fwctl0/device/vendor; realpath /sys/class/fwctl/fwctl0
        cd /sys/class/fwctl/fwctl0/ && pwd && ls | tr '\\n' ' ' && cat dev && cd / && pwd
        echo /sys/class/fwctl/*/dev; find /sys/class/fwctl/ -type l; cat /proc/sys/kernel/tainted; ls /dev/fwctl`;
      const { status, stdout, stderr } = run(['bash', '-c', script]);
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(
        stdout.replace(/^2\d\d:0$/m, 'MAJOR:0').replace(/uevent 2\d\d:0/, 'uevent MAJOR:0'),
        [
          '0x15b3',
          '/sys/devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
          '/sys/class/fwctl/fwctl0',
          'dev device power subsystem uevent MAJOR:0',
          '/',
          '/sys/class/fwctl/fwctl0/dev',
          '/sys/class/fwctl/fwctl0',
          '0',
          'fwctl0\n',
        ].join('\n'),
      );
    });

    it('shows the machine beside it', () => {
      const script =
        'ls /sys/bus/pci/devices | wc -l; cat /sys/kernel/mm/transparent_hugepage/enabled >/dev/null; ls /dev/null';
      const { status, stdout } = run(['sh', '-c', script]);
      const real = start(['sh', '-c', 'ls /sys/bus/pci/devices | wc -l']);
      assert.equal(status, 0);
      assert.deepEqual(stdout.split('\n').slice(0, 2), [`${Number(real.stdout) + 1}`, '/dev/null']);
    });

    it('opens a device that a shell has opened', () => {
      const { status, stdout } = run([
        'bash',
        '-c',
        `exec 7</dev/fwctl/fwctl0; exec ${client('statinfo')} /proc/self/fd/7`,
      ]);
      assert.equal(status === 0 || status === 1, true, stdout);
    });

    it('gives the exit status, and what is refused by the device', () => {
      assert.equal(run(['sh', '-c', 'exit 7']).status, 7);
      assert.equal(run(['sh', '-c', 'kill -9 $$']).status, 137);
      assert.equal(run(['/nowhere']).status, 127);
      const { status } = run([client('demo-info')], '--fault', 'info:error=EIO:count=1');
      assert.notEqual(status, 0);
    });

    it('leaves nothing', () => {
      assert.deepEqual(leftOver(), []);
    });
  });
}
