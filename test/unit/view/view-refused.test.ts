/** Machines that refuse a part of the view: the error or the warning says what, and what to do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { AS_NOBODY, BASE, fuseNode, over, run, WAYS, type Way } from './run-view.ts';

after(() => rmSync(BASE, { recursive: true }));

describe('a machine that forbids', { skip: WAYS[0]?.skip ?? false }, () => {
  const as = (script: string): Way => ({
    name: '',
    prefix: ['unshare', '--mount', 'sh', '-c', `${script}; exec "$@"`, 'sh'],
    skip: false,
  });

  it('/dev/fuse to this user: the error says so', { skip: WAYS[1]?.skip ?? false }, async () => {
    const closed = `${fuseNode('600')}; set -- ${AS_NOBODY} "$@"`;
    const { code, stderr } = await run(as(closed), 'true');
    assert.equal(code, 99);
    assert.match(stderr, /fuse \S+ \S+: EACCES; .*chmod 0666 \/dev\/fuse, or run as root/);
  });

  it('/dev/fuse to everybody: there is none', async () => {
    const { code, stderr } = await run(as(over('/dev', 'cp -a /dev/null /dev/urandom $d')), 'true');
    assert.equal(code, 99);
    assert.match(stderr, /ENOENT; there is no \/dev\/fuse: modprobe fuse/);
  });

  it('mounts to root: a user namespace serves', { skip: WAYS[1]?.skip ?? false }, async () => {
    const { stdout } = await run(
      as('set -- setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$@"'),
      'ls /dev/fwctl; readlink /proc/self/ns/user',
    );
    assert.match(stdout, /^fwctl0\nfwctl1\nuser:\[\d+\]\nended 0\n/);
  });

  it('sysfs and /proc/sys: the rest is shown, with a warning', async () => {
    const { stdout, stderr } = await run(
      as('mount -t tmpfs none /sys; mount -t tmpfs none /proc/sys'),
      'realpath /sys/class/fwctl/fwctl1/device; exec 5</dev/fwctl/fwctl0; realpath /sys/dev/char/0:0',
    );
    assert.match(stderr, /warning: \/proc\/sys\/kernel\/tainted is the machine's own: ENOENT/);
    assert.match(
      stdout,
      /^\/sys\/devices\/pci0000:00\/0000:00:0b.0\n\/sys\/devices\/pci0000:00\/0000:00:0a.0\/fwctl\/fwctl0\nended 0/,
    );
  });

  it('user namespaces, for all live in a chroot: devices are still found by what a caller has open', async () => {
    const root = mkdtempSync(`${BASE}/root-`);
    const inside = `d=${root}; mount --rbind / $d; exec chroot $d "$@"`;
    const { stdout } = await run(as(inside), 'exec 5</dev/fwctl/fwctl1; realpath /sys/dev/char/0:0');
    assert.equal(stdout, '/sys/devices/pci0000:00/0000:00:0b.0/fwctl/fwctl1\nended 0\n');
  });

  it('changes below /sys and /proc, as containers do: read-only and masked parts, as root and rootless', async () => {
    const contained =
      'mount -o remount,bind,ro /sys; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; mount -t tmpfs -o ro none /sys/devices/virtual';
    const show = 'ls /dev/fwctl; cat /proc/sys/kernel/tainted; cat /sys/class/fwctl/fwctl0/dev';
    for (const inner of WAYS) {
      if (inner.skip !== false) continue;
      const { stdout, stderr } = await run(
        { ...as(contained), prefix: [...as(contained).prefix, ...inner.prefix] },
        show,
      );
      assert.equal(stdout, 'fwctl0\nfwctl1\n0\n252:0\nended 0\n', `${inner.name}: ${stderr}`);
    }
  });
});
