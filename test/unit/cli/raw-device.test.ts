/** A raw device, as programs meet it: of nobody's, unless it is told whose it is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/toy-client');
const skip = (!existsSync(CLIENT) && 'C clients are not built (make c)') || runRefusal();

const run = (device: string, script: string) =>
  spawnSync(process.execPath, [MAIN, 'run', '--device', device, '--', 'sh', '-c', script], {
    encoding: 'utf8',
    timeout: 60_000,
  });

test('its counters say FWCTL_RPC, and nothing of a status: its messages are bytes', { skip }, () => {
  const stats = `"${CLIENT}" /dev/fwctl/fwctl0 >&2; "${process.execPath}" "${MAIN}" stats --json`;
  const { stdout, stderr } = run('driver=raw,rpc=hex:0300000001020304', stats);
  const [device] = JSON.parse(stdout).devices;
  assert.deepEqual(
    device.calls.map(({ command, outcome, count }: Record<string, unknown>) => `${command} ${outcome} ${count}`).sort(),
    ['FWCTL_INFO ok 1', 'FWCTL_RPC ok 2'],
    stderr,
  );
});

test("its sysfs is nobody's, or who its keys say: Huawei's client wants to see ubase", { skip }, () => {
  const show = 'cd /sys/class/fwctl/fwctl0/device && cat vendor device class uevent && basename $(readlink -f driver)';
  const nobody = run('driver=raw', show);
  assert.match(nobody.stdout, /^0x1234\n0x0001\n0xff0000\nDRIVER=fwctl_emu_raw\n/, nobody.stderr);
  assert.match(nobody.stdout, /\nfwctl_emu_raw\n$/);
  assert.doesNotMatch(nobody.stdout, /15b3|mlx5/i);
  const keys = 'driver=raw,pci_vendor=0x19e5,pci_device=0xa222,pci_class=0x020000,pci_driver=ubase';
  const told = run(keys, show);
  assert.match(told.stdout, /^0x19e5\n0xa222\n0x020000\nDRIVER=ubase\n/, told.stderr);
  assert.match(told.stdout, /\nubase\n$/);
  const wrong = run('driver=raw,pci_vendor=0x10000', 'true');
  assert.equal(wrong.status, 125);
  assert.match(wrong.stderr, /pci_vendor/);
});
