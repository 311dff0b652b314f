/** The view for real: what a command sees inside, and that nothing changes outside. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { REPOSITORY } from './devices.ts';
import { AS_NOBODY, BASE, NOBODY, outside, ROOT, run, runCommand, until, WAYS, type Way } from './run-view.ts';

after(() => rmSync(BASE, { recursive: true }));

/** test/c/watch-names.c */
const WATCH = `${REPOSITORY}build/c/watch-names`;

for (const way of WAYS) {
  describe(`a view as ${way.name}`, { skip: way.skip }, () => {
    let untouched: ReturnType<typeof outside>;
    before(() => {
      untouched = outside();
    });
    after(() => assert.deepEqual(outside(), untouched, 'nothing outside the view may change'));

    it('shows the devices in /dev, /sys and /proc', async () => {
      const { stdout, stderr } = await run(
        way,
        `id -u; ls /dev/fwctl /sys/class/fwctl; realpath /sys/class/fwctl/fwctl0 /sys/class/fwctl/fwctl0/device/driver
         readlink /sys/class/fwctl/fwctl1/device/driver /sys/dev/char/252:1
         cat /sys/bus/pci/devices/0000:00:0a.0/device /proc/sys/kernel/tainted; grep fwctl /proc/devices; stat -c '%a %u' /dev/fwctl/fwctl0`,
      );
      assert.equal(stderr, '');
      assert.deepEqual(stdout.trimEnd().split('\n'), [
        '0',
        '/dev/fwctl:',
        'fwctl0',
        'fwctl1',
        '',
        '/sys/class/fwctl:',
        'fwctl0',
        'fwctl1',
        '/sys/devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
        '/sys/bus/pci/drivers/mlx5_core',
        '../../../bus/pci/drivers/mlx5_core',
        '../../devices/pci0000:00/0000:00:0b.0/fwctl/fwctl1',
        '0x101d',
        '0',
        '252 fwctl',
        '600 0',
        'ended 0',
      ]);
    });

    it('names by /sys/dev/char/0:0 the device that the caller has open', async () => {
      const { stdout } = await run(
        way,
        `readlink /sys/dev/char/0:0 || echo none; stat -L -c '%t:%T %F' /dev/fwctl/fwctl1
         exec 5</dev/fwctl/fwctl1; realpath /sys/dev/char/0:0; exec 5<&-; exec 5</dev/fwctl/fwctl0; realpath /sys/dev/char/0:0/device`,
      );
      assert.deepEqual(stdout.split('\n').slice(0, 4), [
        'none',
        '0:0 regular empty file',
        '/sys/devices/pci0000:00/0000:00:0b.0/fwctl/fwctl1',
        '/sys/devices/pci0000:00/0000:00:0a.0',
      ]);
    });

    it('keeps the rest of the machine: devices, terminals, real sysfs', async () => {
      const { stdout, stderr } = await run(
        way,
        `echo gone >/dev/null; head -c 4 /dev/urandom | wc -c; test -c /dev/null && test -c /dev/ptmx && echo chars
         echo x >/dev/shm/$$ && cat /dev/shm/$$ && rm /dev/shm/$$
         script -qec 'test -t 0 && tty' /dev/null </dev/null
         cat /sys/class/net/lo/address; ls -d /sys/devices/system/cpu/cpu0; readlink /sys/dev/char/1:3; pwd`,
        { cwd: '/sys/class' },
      );
      assert.equal(stderr, '');
      const lines = stdout.trimEnd().split(/\r?\n/);
      assert.deepEqual(lines.slice(0, 3), ['4', 'chars', 'x']);
      assert.match(lines[3] ?? '', way.name === 'root' ? /^\/dev\/pts\/\d+$/ : /^\/dev\/(\.host\/)?pts\/\d+$/);
      assert.deepEqual(lines.slice(4), [
        '00:00:00:00:00:00',
        '/sys/devices/system/cpu/cpu0',
        '../../devices/virtual/mem/null',
        '/sys/class',
        'ended 0',
      ]);
      const real = readdirSync('/sys/class').length;
      assert.equal(
        (await run(way, 'ls', { cwd: '/sys/class' })).stdout.trimEnd().split('\n').length,
        real + 2,
        "the working directory is the view's",
      );
      assert.equal(existsSync('/sys/class/fwctl'), false);
    });

    it("has attributes that behave as sysfs's own do", async () => {
      const { stdout } = await run(
        way,
        `f=/sys/class/fwctl/fwctl0; stat -c %s $f/dev $f/device/config; cat $f/power/autosuspend_delay_ms 2>&1
         cat /sys/bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl/bind 2>&1; (echo 1 >$f/dev) 2>&1
         echo change >$f/uevent && echo taken; /bin/echo nonsense 2>&1 >$f/uevent; mkdir $f/x 2>&1; (echo 1 >$f/x) 2>&1; true`,
      );
      assert.deepEqual(
        stdout.split('\n').map((line) => line.replace(/^.*: /, '')),
        [
          '4096',
          '256',
          'Input/output error',
          'Permission denied',
          'Permission denied',
          'taken',
          'Invalid argument',
          'Operation not permitted',
          'Permission denied',
          'ended 0',
          '',
        ],
      );
    });

    it('lets nobody write to what it shows of sysfs and /proc', async () => {
      const { stdout } = await run(
        way,
        `for f in /sys/class/fwctl/fwctl0/dev /sys/class/fwctl/fwctl0/power/control /proc/sys/kernel/tainted /proc/devices /sys/class/x; do (echo 1 >$f) 2>/dev/null && echo wrote $f; done; cat /proc/sys/kernel/tainted`,
      );
      assert.equal(stdout, '0\nended 0\n');
    });

    it('follows plug, unplug and taint', async () => {
      const show =
        'echo $(ls /dev/fwctl) $(ls /sys/class/fwctl) $(ls /sys/devices/pci0000:00 | grep -c :0[ab].0) $(cat /proc/sys/kernel/tainted)';
      const { stdout } = await run(
        way,
        `${show}; while ! realpath -e /sys/class/fwctl/fwctl2 2>/dev/null; do sleep 0.02; done
         while ! grep -q 524288 /proc/sys/kernel/tainted; do sleep 0.02; done; ${show}
         while test -e /sys/class/fwctl/fwctl0; do sleep 0.02; done; ${show}`,
        {
          async meanwhile(runner, printed) {
            await until(() => printed().split('\n').length > 1);
            runner.stdin?.write('plug\ntaint 524288\n');
            await until(() => printed().split('\n').length > 3);
            runner.stdin?.write('unplug\n');
          },
        },
      );
      assert.deepEqual(stdout.split('\n'), [
        'fwctl0 fwctl1 fwctl0 fwctl1 2 0',
        '/sys/devices/pci0000:80/0000:80:00.0/fwctl/fwctl2',
        'fwctl0 fwctl1 fwctl2 fwctl0 fwctl1 fwctl2 2 524288',
        'fwctl1 fwctl2 fwctl1 fwctl2 1 524288',
        'ended 0',
        '',
      ]);
    });

    it('lets inotify see plug and unplug, as devtmpfs does', async () => {
      const { stdout, stderr } = await run(
        way,
        `exec 7</dev/fwctl/fwctl0; { ${WATCH} /dev/fwctl/fwctl0 3 | sed -u 's/^/node: /'; } 7<&- & ${WATCH} /dev/fwctl 2 7<&-
         readlink /proc/self/fd/7; ls /dev/fwctl; exec 7<&-; wait
         touch /dev/fwctl/x 2>&1; mknod /dev/fwctl/x c 1 3 2>&1; rm /dev/fwctl/fwctl1 2>&1; true`,
        {
          async meanwhile(runner, printed) {
            await until(() => /^watching/m.test(printed()) && printed().includes('node: watching'));
            runner.stdin?.write('plug\nunplug\n');
          },
        },
      );
      assert.equal(stderr, '');
      const lines = stdout.trimEnd().split('\n');
      assert.deepEqual(
        lines.filter((line) => line.startsWith('node: ')).map((line) => line.slice(6).trim()),
        ['watching', 'IN_ATTRIB', 'IN_DELETE_SELF', 'IN_IGNORED'],
      );
      assert.deepEqual(
        lines.filter((line) => !line.startsWith('node: ')).map((line) => line.replace(/^(touch|mknod|rm): .*: /, '')),
        [
          'watching',
          'IN_CREATE fwctl2',
          'IN_DELETE fwctl0',
          '/dev/fwctl/fwctl0 (deleted)',
          'fwctl1',
          'fwctl2',
          'Permission denied',
          'Operation not permitted',
          'Operation not permitted',
          'ended 0',
        ],
      );
    });

    it('finds what it lists in every directory, while devices come and go too', async () => {
      // what is ours or between ours; the machine's own below may change meanwhile
      const walk = 'find /sys/class /sys/bus /sys/dev /sys/devices /dev/fwctl -xdev -ls';
      const { stdout, stderr } = await run(
        way,
        `${walk} >/dev/null && ls -lR /sys/dev/char /sys/class/fwctl /sys/devices/pci*/0000:00:0a.0 >/dev/null && echo whole
         for i in 1 2 3 4 5; do ${walk} 2>&1 >/dev/null | grep -Ev 'fwctl2|fwctl\\.2|0000:80:00.0|pci0000:80|252:2'; done
         echo $(ls /sys/class/fwctl/fwctl0/) $(ls /sys/class/fwctl/fwctl1/device/); readlink /sys/dev/char/252:0 /sys/dev/char/1:3`,
        {
          async meanwhile(runner, printed) {
            await until(() => printed().includes('whole'));
            runner.stdin?.write('churn\n');
          },
        },
      );
      assert.equal(stderr, '');
      const [whole, entries, ...links] = stdout.split('\n');
      assert.equal(whole, 'whole');
      assert.match(entries ?? '', /^dev device power subsystem uevent .*fwctl .*vendor$/);
      assert.deepEqual(links.slice(0, 2), [
        '../../devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
        '../../devices/virtual/mem/null',
      ]);
    });

    it('ends as the command does, with its environment and no descriptor of ours', async () => {
      assert.match((await run(way, 'exit 7')).stdout, /ended 7/);
      assert.match((await run(way, 'kill -USR1 $$')).stdout, /ended SIGUSR1/);
      const missing = await runCommand(way, ['no-such-command']);
      assert.match(missing.stdout, /ended 127/);
      assert.equal(missing.stderr, 'fwctl-emu: no-such-command: No such file or directory\n');
      const file = await runCommand(way, ['/etc/passwd']);
      assert.match(file.stdout, /ended 126/);
      const inside = await run(
        way,
        'echo $MARK; readlink /proc/self/fd/3 /proc/self/fd/4; grep -E "Sig(Ign|Blk)" /proc/self/status',
        {
          env: { MARK: 'here' },
        },
      );
      // signals 32 and 33 are glibc's own: what a caller ignored of them cannot be reset, and does not matter
      const stdout = inside.stdout.replace(
        /^SigIgn:\t\w{8}([0-9a-f]{8})$/m,
        (_, low) => `ignored ${Number.parseInt(low, 16) & 0x7fffffff}`,
      );
      assert.equal(stdout, 'here\nSigBlk:\t0000000000000000\nignored 0\nended 0\n');
    });

    it('takes nodes from a directory', async () => {
      const nodes = mkdtempSync(`${BASE}/nodes-`);
      try {
        spawnSync('chmod', ['755', nodes]);
        writeFileSync(`${nodes}/fwctl0`, 'a node\n');
        const { stdout, stderr } = await run(
          way,
          'cat /dev/fwctl/fwctl0; readlink /sys/dev/char/252:0 /sys/dev/char/1:3',
          { nodes },
        );
        assert.equal(stderr, '');
        assert.deepEqual(stdout.split('\n').slice(0, 3), [
          'a node',
          '../../devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
          '../../devices/virtual/mem/null',
        ]);
      } finally {
        rmSync(nodes, { recursive: true });
      }
    });

    it('says which step failed and leaves nothing behind', async () => {
      const { stderr, code, stdout } = await run(way, 'echo never', { nodes: '/nonexistent/nodes' });
      assert.equal(code, 99);
      assert.equal(stdout, '');
      assert.match(stderr, /^the private view cannot be made: bind \/nonexistent\/nodes \S+\/dev\/fwctl: ENOENT/);
    });

    it('outlives its daemon without hanging, and the next one starts', async () => {
      let pid = 0;
      const { stdout, code } = await run(
        way,
        `cat /sys/class/net/lo/address /sys/devices/system/cpu/online >/dev/null; echo pid $PPID; while ls /dev/fwctl >/dev/null 2>&1; do sleep 0.02; done; ls /dev/fwctl /sys/class/fwctl 2>&1
         cat /sys/class/net/lo/address; echo $(ls -d /sys/devices/system/cpu/cpu0 /sys/devices/virtual/net/lo); sleep 1.1; cat /sys/devices/virtual/net/lo/mtu`,
        {
          async meanwhile(_runner, printed) {
            await until(() => /pid \d+\n/.test(printed()));
            pid = Number(/pid (\d+)/.exec(printed())?.[1]);
            process.kill(pid, 'SIGKILL');
          },
        },
      );
      assert.equal(code, null, 'the daemon was killed');
      assert.match(stdout, /Transport endpoint is not connected|Software caused connection abort/);
      assert.match(
        stdout,
        /\n00:00:00:00:00:00\n\/sys\/devices\/system\/cpu\/cpu0 \/sys\/devices\/virtual\/net\/lo\n65536\n$/,
        "the machine's own sysfs needs no daemon",
      );
      assert.match((await run(way, 'ls /dev/fwctl')).stdout, /fwctl1\nended 0/);
    });
  });
}

/** A machine whose /dev is its own alone: node by node from the real one, fuse(4) open to all. */
const OWN_DEV = `d=$(mktemp -d) && mount -t tmpfs none $d && (cd /dev && cp -a fuse full null ptmx random tty urandom zero $d) &&
  chmod 666 $d/fuse && mkdir $d/pts $d/shm $d/dir && mount --rbind /dev/pts $d/pts && mknod $d/old c 1 3 && chmod 666 $d/old && mount --move $d /dev && rmdir $d`;

for (const [index, way] of WAYS.entries()) {
  describe(`the machine's /dev in a view as ${way.name}`, {
    skip: (!ROOT && 'only root makes nodes') || way.skip,
  }, () => {
    it('is seen as it is during the run', async () => {
      const flags = mkdtempSync(`${BASE}/late-`);
      spawnSync('chmod', ['777', flags]);
      const wait = (flag: string) => `while ! test -e ${flags}/${flag}; do sleep 0.02; done`;
      const machine = `(${wait('begun')}; mknod /dev/late c 1 5; chmod 666 /dev/late; mkdir /dev/latedir; mknod /dev/latedir/zero c 1 5
        chmod 666 /dev/latedir/zero; ${wait('seen')}; rm -r /dev/late /dev/latedir /dev/old; rmdir /dev/dir) >/dev/null 2>&1 </dev/null &`;
      const inner = index === 0 ? 'exec "$@"' : `exec ${AS_NOBODY} "$@"`;
      const prefix = ['unshare', '--mount', 'sh', '-c', `${OWN_DEV}\n${machine}\n${inner}`, 'sh'];
      const { stdout, stderr } = await run(
        { ...way, prefix },
        `stat -c %F /dev/old /dev/dir; touch ${flags}/begun; while ! test -c /dev/latedir/zero; do sleep 0.02; done
         for f in /dev/late /dev/latedir/zero; do test -c $f; head -c 2 $f | od -An -tx1; done
         touch ${flags}/seen; while test -e /dev/old || test -e /dev/late || test -e /dev/dir; do sleep 0.02; done; ls -d /dev/l* /dev/old /dev/dir 2>/dev/null; test -c /dev/null && echo end`,
      );
      assert.equal(stderr, '');
      assert.equal(stdout, 'character special file\ndirectory\n 00 00\n 00 00\nend\nended 0\n');
    });
  });
}

describe('a view that keeps the user', { skip: WAYS[1]?.skip ?? false }, () => {
  it('shows the uid outside, whose nodes they are', async () => {
    const { stdout, stderr } = await run(
      WAYS[1] as Way,
      `id -u; stat -c '%a %u' /dev/fwctl/fwctl0; exec 5</dev/fwctl/fwctl0 && realpath /sys/dev/char/0:0; grep CapEff /proc/self/status`,
      { map: 'current' },
    );
    assert.equal(stderr, '');
    const uid = ROOT ? NOBODY : process.geteuid?.();
    assert.deepEqual(stdout.split('\n').slice(0, 4), [
      `${uid}`,
      `600 ${uid}`,
      '/sys/devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
      'CapEff:\t0000000000000000',
    ]);
  });
});
