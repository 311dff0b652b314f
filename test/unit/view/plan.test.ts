import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlanError, type PlanInput, planView } from '../../../src/view/plan.ts';
import type { DirectoryEntry, Listing } from '../../../src/view/shadow.ts';
import { encodeSteps, step, stepText } from '../../../src/view/steps.ts';
import { ViewSysfs } from '../../../src/view/view-sysfs.ts';
import { connectx, iommufd } from './devices.ts';

const dir = (name: string): DirectoryEntry => ({ name, kind: 'directory' });
const file = (name: string): DirectoryEntry => ({ name, kind: 'other' });
const link = (name: string, target: string): DirectoryEntry => ({ name, kind: 'link', target });

/** A small machine: one PCI root with one function, no fwctl, no auxiliary bus. */
const MACHINE: Readonly<Record<string, readonly DirectoryEntry[]>> = {
  '/dev': [file('null'), file('ptmx'), dir('pts'), link('fd', '/proc/self/fd')],
  '/sys': [dir('class'), dir('bus'), dir('devices'), dir('dev'), dir('kernel')],
  '/sys/class': [dir('net')],
  '/sys/bus': [dir('pci'), dir('cpu')],
  '/sys/bus/pci': [dir('devices'), dir('drivers'), file('rescan')],
  '/sys/bus/pci/devices': [link('0000:00:01.0', '../../../devices/pci0000:00/0000:00:01.0')],
  '/sys/bus/pci/drivers': [dir('virtio-pci')],
  '/sys/devices': [dir('pci0000:00'), dir('virtual')],
  '/sys/devices/pci0000:00': [dir('0000:00:01.0'), file('uevent')],
  '/sys/dev': [dir('char')],
  '/sys/dev/char': [link('1:3', '../../devices/virtual/mem/null')],
};

function listing(changes: Readonly<Record<string, readonly DirectoryEntry[] | undefined>> = {}): Listing {
  return (path) => ({ ...MACHINE, ...changes })[path];
}

function plan(changes: Partial<PlanInput> = {}) {
  const { devices = [connectx(0, '0000:00:0a.0')] } = changes;
  const made = planView({
    mode: 'root',
    root: '/t',
    devices,
    nodes: 'fuse',
    sysfs: new ViewSysfs(devices).served,
    kernelLog: false,
    listing: listing(),
    ...changes,
  });
  return { ...made, texts: [...made.opening, ...made.fuse, ...made.mounts].map((each) => stepText(each)) };
}

describe('planView', () => {
  it('makes namespaces, then a private tree, then the tmpfs, before anything else', () => {
    assert.deepEqual(plan().texts.slice(0, 4), ['namespaces root', 'private', 'tmpfs /t mode=755', 'send /t']);
    assert.equal(plan({ mode: 'mount' }).texts[0], 'namespaces mount');
  });

  it('gives a /dev of its own where the real one has no fwctl: filled first, then moved', () => {
    const { texts, skeleton } = plan();
    const order = [
      'bind /t/dev /t/dev',
      'bind /dev/null /t/dev/null',
      'rbind /dev/pts /t/dev/pts',
      'bind /t/fuse/fwctl /t/dev/fwctl',
      'rbind /dev /t/dev/.host',
      'move /t/dev /dev',
    ].map((text) => texts.indexOf(text));
    assert.ok(!order.includes(-1), texts.join('\n'));
    assert.deepEqual(
      order,
      order.slice().sort((a, b) => a - b),
    );
    assert.ok(texts.indexOf('fuse /t/fuse allow_other,default_permissions') < (order[0] as number));
    assert.deepEqual(
      skeleton.links.filter(({ path }) => path.startsWith('dev/')),
      [
        { path: 'dev/ptmx', target: '.host/ptmx' },
        { path: 'dev/fd', target: '/proc/self/fd' },
      ],
    );
    assert.ok(skeleton.files.includes('dev/null'));
    assert.ok(!skeleton.files.includes('dev/ptmx'), 'a bound ptmx finds no pts beside it');
  });

  it('makes a ptmx of its own for root, who may', () => {
    const { texts, skeleton } = plan({ mode: 'mount' });
    assert.ok(texts.indexOf('ptmx /t/dev/ptmx .host/ptmx') > texts.indexOf('bind /t/dev /t/dev'));
    assert.ok(!skeleton.links.some(({ path }) => path === 'dev/ptmx'));
  });

  it('keeps a ptmx that is a link already', () => {
    const { texts, skeleton } = plan({ listing: listing({ '/dev': [link('ptmx', 'pts/ptmx'), dir('pts')] }) });
    assert.ok(skeleton.links.some(({ path, target }) => path === 'dev/ptmx' && target === 'pts/ptmx'));
    assert.ok(texts.includes('rbind /dev /t/dev/.host'), 'what comes later is linked to');
  });

  it("tells which names of its own /dev are the machine's", () => {
    assert.deepEqual(plan({ kernelLog: true }).ownDev, ['null', 'pts', 'fd']);
    assert.equal(plan({ listing: listing({ '/dev/fwctl': [] }) }).ownDev, undefined, 'the real /dev is live by itself');
  });

  it('mounts on the real /dev/fwctl where there is one, and leaves the rest of /dev alone', () => {
    const { texts } = plan({ listing: listing({ '/dev/fwctl': [file('fwctl7')] }) });
    assert.ok(texts.includes('bind /t/fuse/fwctl /dev/fwctl'));
    assert.ok(!texts.some((text) => text.startsWith('move') && text.endsWith(' /dev')));
  });

  it('needs no mount in /dev for nodes that are there, and one for nodes elsewhere', () => {
    const there = plan({ nodes: { directory: '/dev/fwctl' } });
    assert.ok(!there.texts.some((text) => / \/dev(\/|$)/.test(text)));
    const elsewhere = plan({ nodes: { directory: '/dev/emu-7' } });
    assert.ok(elsewhere.texts.includes('bind /dev/emu-7 /t/dev/fwctl'));
  });

  it('shadows sysfs: real links copied, the rest bound, room for ours, read-only above', () => {
    const { texts, skeleton, served } = plan();
    const places = [...skeleton.directories, ...served.directories.map((path) => `sys/${path}`)];
    assert.ok(texts.includes('rbind /sys/class/net /t/sys/class/net'));
    assert.ok(texts.includes('bind /sys/bus/pci/rescan /t/sys/bus/pci/rescan'));
    assert.ok(texts.includes('rbind /sys/devices/pci0000:00/0000:00:01.0 /t/sys/devices/pci0000:00/0000:00:01.0'));
    assert.ok(served.links.some(({ path }) => path === 'bus/pci/devices/0000:00:01.0'));
    for (const path of [
      'class/fwctl',
      'bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl',
      'bus/pci/drivers/mlx5_core',
      'devices/pci0000:00',
    ]) {
      assert.ok(places.includes(`sys/${path}`), path);
    }
    for (const top of ['class', 'bus']) {
      assert.equal(texts[texts.indexOf(`move /t/sys/${top} /sys/${top}`) + 1], `readonly /sys/${top}`);
    }
    assert.ok(!texts.includes('readonly /sys/devices'), 'attributes of the devices take writes');
    assert.ok(texts.includes('move /t/sys/dev/char /sys/dev/char'));
    assert.ok(!texts.some((text) => / \/sys\/kernel/.test(text)), 'the rest of /sys is not touched');
  });

  it('binds the directories with entries of the devices from the FUSE tree, before anything is bound in there', () => {
    const { texts, skeleton, served } = plan();
    assert.deepEqual(
      texts.filter((text) => text.startsWith('bind /t/fuse/sys/')),
      [
        'class/fwctl',
        'bus/pci/devices',
        'bus/pci/drivers',
        'bus/auxiliary/devices',
        'bus/auxiliary/drivers',
        'devices',
        'dev/char',
      ].map((path) => `bind /t/fuse/sys/${path} /t/sys/${path}`),
    );
    const live = texts.indexOf('bind /t/fuse/sys/devices /t/sys/devices');
    const real = texts.indexOf('rbind /sys/devices/pci0000:00/0000:00:01.0 /t/sys/devices/pci0000:00/0000:00:01.0');
    assert.ok(live >= 0 && live < real, texts.join('\n'));
    assert.ok(served.directories.includes('devices/pci0000:00/0000:00:01.0'));
    assert.ok(served.files.includes('devices/pci0000:00/uevent'));
    assert.ok(!skeleton.directories.includes('sys/devices/pci0000:00'));
  });

  it('has no step more for 100 devices than for one', () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      connectx(i, `0000:00:${(i + 2).toString(16).padStart(2, '0')}.0`),
    );
    assert.deepEqual(plan({ devices: many }).texts, plan().texts);
  });

  it('shows the emulated kernel log as /dev/kmsg, where it is asked for', () => {
    const own = plan({ kernelLog: true });
    assert.ok(own.texts.includes('bind /t/fuse/kmsg /t/dev/kmsg'));
    assert.ok(own.skeleton.files.includes('dev/kmsg'));
    const there = plan({ nodes: { directory: '/dev/fwctl' }, kernelLog: true });
    const bound = there.mounts.find((each) => stepText(each) === 'bind /t/fuse/kmsg /dev/kmsg');
    assert.equal(bound?.optional, true);
    assert.ok(!plan().texts.some((text) => text.includes('kmsg')));
  });

  it('has /dev/char and, where the machine has them, modules', () => {
    assert.ok(plan().texts.includes('bind /t/fuse/char /t/dev/char'));
    assert.ok(!plan().texts.some((text) => text.includes('modules')));
    assert.ok(plan({ modules: true }).texts.includes('bind /t/modules /proc/modules'));
    const devices = [{ ...connectx(0, '0000:00:0a.0') }];
    const sysfs = new ViewSysfs(devices).served;
    sysfs.place('module/mlx5_core');
    const machine = listing({ '/sys/module': [dir('fuse')] });
    const { texts } = plan({ devices, sysfs, listing: machine });
    assert.ok(texts.includes('move /t/sys/module /sys/module'));
    assert.ok(texts.includes('rbind /sys/module/fuse /t/sys/module/fuse'));
    assert.ok(texts.includes('bind /t/fuse/sys/module/mlx5_core /t/sys/module/mlx5_core'));
    assert.ok(!plan({ sysfs }).texts.some((text) => text.includes('/sys/module')), 'the machine has no such directory');
  });

  it('leaves links of netdevs to the FUSE tree, which has them as they are at the look-up', () => {
    const sysfs = new ViewSysfs([connectx(0, '0000:00:0a.0')]).served;
    sysfs.latePlace('class/net');
    const entries = [link('eth0', '../../devices/virtual/net/eth0'), file('bonding_masters')];
    const { texts, served } = plan({ sysfs, listing: listing({ '/sys/class/net': entries }) });
    assert.ok(texts.includes('bind /sys/class/net/bonding_masters /t/sys/class/net/bonding_masters'));
    assert.ok(!served.links.some(({ path }) => path.startsWith('class/net')));
  });

  it('shows the lockdown in securityfs, or where that would be', () => {
    const textsOf = (entries: readonly DirectoryEntry[] | undefined) =>
      plan({ lockdown: true, listing: listing({ '/sys/kernel/security': entries }) }).texts.filter((text) =>
        text.includes('security'),
      );
    assert.deepEqual(textsOf([file('lockdown'), file('lsm')]), [
      'bind /t/security/lockdown /sys/kernel/security/lockdown',
      'readonly /sys/kernel/security/lockdown',
    ]);
    assert.deepEqual(textsOf([]), ['bind /t/security /sys/kernel/security', 'readonly /sys/kernel/security']);
    assert.deepEqual(textsOf([file('lsm')]), []);
    assert.deepEqual(textsOf(undefined), []);
    assert.ok(!plan().texts.some((text) => text.includes('security')));
  });

  it('never binds what it shadows itself', () => {
    const { texts } = plan();
    for (const path of ['/sys/bus/pci', '/sys/bus/pci/drivers', '/sys/devices/pci0000:00']) {
      assert.ok(!texts.some((text) => text.startsWith(`rbind ${path} `)), path);
    }
  });

  it('makes room on every root bus of the machine, for devices that are plugged in later', () => {
    const { served, texts } = plan({
      listing: listing({
        '/sys/devices': [dir('pci0000:00'), dir('pci0000:80')],
        '/sys/devices/pci0000:80': [dir('0000:80:01.0')],
      }),
    });
    assert.ok(served.directories.includes('devices/pci0000:80'));
    assert.ok(texts.includes('rbind /sys/devices/pci0000:80/0000:80:01.0 /t/sys/devices/pci0000:80/0000:80:01.0'));
  });

  it('lets an emulated function hide the real one of its address, and emulated devices all real fwctl devices', () => {
    const { served, texts } = plan({
      devices: [connectx(0, '0000:00:01.0')],
      listing: listing({
        '/sys/class': [dir('net'), dir('fwctl')],
        '/sys/class/fwctl': [link('fwctl0', '../../devices/real')],
        '/sys/bus/pci/drivers': [dir('mlx5_core')],
        '/sys/bus/pci/drivers/mlx5_core': [link('0000:00:01.0', 'real'), link('0000:00:02.0', 'real'), file('bind')],
      }),
    });
    const links = served.links.map(({ path }) => path);
    assert.ok(!texts.some((text) => text.includes('0000:00:01.0')));
    assert.ok(!links.includes('bus/pci/devices/0000:00:01.0'));
    assert.ok(!links.includes('class/fwctl/fwctl0'));
    assert.deepEqual(
      links.filter((path) => path.startsWith('bus/pci/drivers/mlx5_core/')),
      ['bus/pci/drivers/mlx5_core/0000:00:02.0'],
    );
    assert.ok(texts.includes('bind /sys/bus/pci/drivers/mlx5_core/bind /t/sys/bus/pci/drivers/mlx5_core/bind'));
  });

  it('shows nodes that are in no directory of fwctl, and what /proc/misc says', () => {
    const misc = {
      '/sys/class': [dir('net'), dir('misc')],
      '/sys/class/misc': [link('kvm', '../../devices/virtual/misc/kvm')],
    };
    const devices = {
      '/sys/devices/virtual': [dir('misc'), dir('mem')],
      '/sys/devices/virtual/misc': [dir('kvm')],
      '/dev/vfio': [file('12')],
    };
    const { texts, skeleton, served } = plan({
      devices: [iommufd()],
      listing: listing({ ...misc, ...devices, '/dev': [...(MACHINE['/dev'] ?? []), dir('vfio')] }),
    });
    assert.ok(skeleton.files.includes('dev/iommu') && skeleton.files.includes('dev/vfio/vfio'));
    for (const text of [
      'bind /t/fuse/nodes/iommu /t/dev/iommu',
      'bind /t/fuse/nodes/vfio.vfio /t/dev/vfio/vfio',
      'bind /dev/vfio/12 /t/dev/vfio/12',
      'bind /t/fuse/sys/class/misc /t/sys/class/misc',
      'rbind /sys/devices/virtual/misc/kvm /t/sys/devices/virtual/misc/kvm',
      'bind /t/misc /proc/misc',
    ])
      assert.ok(texts.includes(text), text);
    assert.ok(served.directories.includes('devices/virtual/misc'));
    assert.ok(served.links.some(({ path }) => path === 'class/misc/kvm'));
    assert.ok(!plan().texts.some((text) => text.includes('misc')), 'a view without them leaves all that alone');
  });

  it('binds such nodes onto real ones where all are there', () => {
    const there = { '/dev': [dir('fwctl'), dir('vfio'), file('iommu')], '/dev/fwctl': [], '/dev/vfio': [file('vfio')] };
    const { texts } = plan({ devices: [iommufd()], listing: listing(there) });
    assert.ok(texts.includes('bind /t/fuse/nodes/iommu /dev/iommu'));
    assert.ok(texts.includes('bind /t/fuse/nodes/vfio.vfio /dev/vfio/vfio'));
    assert.ok(!texts.some((text) => text === 'move /t/dev /dev'));
    const half = plan({ devices: [iommufd()], listing: listing({ ...there, '/dev/vfio': [] }) });
    assert.ok(half.texts.includes('move /t/dev /dev'));
  });

  it('makes all of /sys itself where no sysfs is mounted', () => {
    const bare = Object.fromEntries(
      Object.keys(MACHINE).map((path) => [path, path.startsWith('/sys/') ? undefined : []]),
    );
    const { texts, skeleton } = plan({ listing: listing(bare) });
    assert.ok(texts.includes('move /t/sys /sys'));
    const char = texts.indexOf('bind /t/fuse/sys/dev/char /t/sys/dev/char');
    assert.ok(char >= 0 && char < texts.indexOf('move /t/sys /sys'));
    assert.ok(skeleton.directories.includes('sys/class/fwctl'));
  });

  it('says what is missing when there is no /sys or /dev to mount on', () => {
    assert.throws(
      () => plan({ listing: listing({ '/sys': undefined }) }),
      (error) => error instanceof PlanError && /no \/sys/.test(error.message),
    );
    assert.throws(
      () => plan({ listing: listing({ '/dev': undefined }) }),
      (error) => error instanceof PlanError && /no \/dev/.test(error.message),
    );
  });

  it('shows the taint and the major number, where /proc lets it, and takes the tmpfs away last', () => {
    const { mounts } = plan();
    const tainted = mounts.find((each) => stepText(each) === 'bind /t/tainted /proc/sys/kernel/tainted');
    assert.equal(tainted?.optional, true);
    assert.ok(mounts.some((each) => stepText(each) === 'bind /t/devices /proc/devices'));
    assert.equal(stepText(mounts.at(-1) as never), 'detach /t');
  });

  it('lists parents before children, so that all can be made in one go', () => {
    const seen = new Set<string>();
    for (const path of plan().skeleton.directories) {
      for (const other of seen) assert.ok(!other.startsWith(`${path}/`), `${path} after ${other}`);
      seen.add(path);
    }
  });
});

describe('encodeSteps', () => {
  it('ends every field with NUL and marks what may fail', () => {
    const steps = [step('bind', '/a b', '/c:d,\\'), { ...step('readonly', '/x'), optional: true }, step('exec')];
    assert.equal(encodeSteps(steps), 'bind\0/a b\0/c:d,\\\0?readonly\0/x\0exec\0');
  });
});
