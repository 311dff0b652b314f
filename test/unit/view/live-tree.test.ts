import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { addEntries, removeEntries } from '../../../src/view/live-tree.ts';
import { charEntries, deviceEntries, driverEntries } from '../../../src/view/sysfs-tree.ts';
import { TaintFile } from '../../../src/view/tainted.ts';
import { connectx } from './devices.ts';

let root = '';
let umask = 0;
beforeEach(() => {
  root = realpathSync(mkdtempSync(`${tmpdir()}/live-`));
  umask = process.umask(0o077); // must not show in the modes
});
afterEach(() => {
  process.umask(umask);
  rmSync(root, { recursive: true });
});

const CPUS = { list: '0', mask: '1' };
const [first, second] = [connectx(0, '0000:00:0a.0'), connectx(1, '0000:00:0b.0')];

describe('addEntries and removeEntries', () => {
  it('make a tree in which every link resolves, with the modes of sysfs', () => {
    addEntries(root, [...driverEntries(first), ...deviceEntries(first, CPUS), ...charEntries(first)]);
    const fwctl = `${root}/devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0`;
    assert.equal(realpathSync(`${root}/class/fwctl/fwctl0`), fwctl);
    assert.equal(realpathSync(`${root}/dev/char/252:0`), fwctl);
    assert.equal(realpathSync(`${fwctl}/device`), `${root}/devices/pci0000:00/0000:00:0a.0`);
    assert.equal(realpathSync(`${fwctl}/device/driver`), `${root}/bus/pci/drivers/mlx5_core`);
    assert.equal(realpathSync(`${fwctl}/subsystem`), `${root}/class/fwctl`);
    const auxiliary = realpathSync(`${root}/bus/auxiliary/devices/mlx5_core.fwctl.0`);
    assert.equal(realpathSync(`${auxiliary}/driver`), `${root}/bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl`);
    assert.equal(readFileSync(`${fwctl}/dev`, 'utf8'), '252:0\n');
    const mode = (path: string) => statSync(path).mode & 0o7777;
    assert.equal(mode(`${fwctl}/dev`), 0o444);
    assert.equal(mode(`${fwctl}/uevent`), 0o644);
    for (const path of ['class', 'devices/pci0000:00', 'devices/pci0000:00/0000:00:0a.0/fwctl'])
      assert.equal(mode(`${root}/${path}`), 0o755, path);
  });

  it('follow plug and unplug: drivers stay, devices come and go apart from each other', () => {
    for (const device of [first, second]) addEntries(root, [...driverEntries(device), ...deviceEntries(device, CPUS)]);
    removeEntries(root, deviceEntries(first, CPUS));
    assert.deepEqual(readdirSync(`${root}/class/fwctl`), ['fwctl1']);
    assert.deepEqual(readdirSync(`${root}/devices/pci0000:00`), ['0000:00:0b.0']);
    assert.deepEqual(readdirSync(`${root}/bus/pci/devices`), ['0000:00:0b.0']);
    assert.deepEqual(readdirSync(`${root}/bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl`).sort(), [
      'bind',
      'mlx5_core.fwctl.1',
      'uevent',
      'unbind',
    ]);
    removeEntries(root, deviceEntries(first, CPUS)); // twice is no error
    removeEntries(root, deviceEntries(second, CPUS));
    assert.deepEqual(readdirSync(`${root}/class/fwctl`), []);
    assert.ok(existsSync(`${root}/bus/pci/drivers/mlx5_core/bind`));
    addEntries(root, deviceEntries(first, CPUS));
    assert.deepEqual(readdirSync(`${root}/class/fwctl`), ['fwctl0']);
  });
});

describe('TaintFile', () => {
  it('starts at 0 and is rewritten in the same inode, never longer than its value', () => {
    const path = `${root}/tainted`;
    const taint = new TaintFile(path);
    const { ino, mode } = statSync(path);
    assert.equal(mode & 0o7777, 0o644);
    assert.equal(readFileSync(path, 'utf8'), '0\n');
    taint.write(524288);
    assert.equal(readFileSync(path, 'utf8'), '524288\n');
    taint.write(1n);
    assert.equal(readFileSync(path, 'utf8'), '1\n');
    assert.equal(statSync(path).ino, ino);
  });
});
