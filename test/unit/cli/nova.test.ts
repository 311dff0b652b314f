/** A device of driver nova-core, whole: what a C client gets, where it stands in sysfs, what is seen of its calls. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = join(repository, 'dist/src/cli/main.js');
const CLIENT = join(repository, 'build/c/demo-nova');
const skip = (!existsSync(CLIENT) && 'C clients are not built (make c)') || runRefusal();
const timeout = 60_000;

const emu = (...words: string[]) =>
  spawnSync(process.execPath, [MAIN, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
const NOVA = ['--device', 'driver=nova-core,pci=0000:00:10.0'];

test('the client is content, and its calls are traced by name', { skip, timeout }, () => {
  const { status, stdout, stderr } = emu('run', '--trace', ...NOVA, '--', CLIENT);
  assert.equal(status, 0, stdout + stderr);
  assert.doesNotMatch(stdout, /NOT OK/);
  assert.match(stderr, /scope=CONFIGURATION QUERY_SUPPORTED_VGPU_TYPES in=8 out=264 -> OK {2}vgpuTypeIds\[0\]=1519/);
  assert.match(stderr, /ASSIGN_VGPU_TYPE in=32 out=8 -> EIO: .*NV_ERR_STATE_IN_USE/);
  assert.match(stderr, /-> EPERM: .*no such command.*passes: scope 0 .*scopes --driver nova-core/);
});

test('the class device stands below the PCI function', { skip, timeout }, () => {
  const script =
    'readlink -f /sys/class/fwctl/fwctl0 /sys/class/fwctl/fwctl0/device; cat /sys/class/fwctl/fwctl0/device/device; basename $(readlink -f /sys/class/fwctl/fwctl0/device/driver)';
  const { stdout, stderr } = emu('run', ...NOVA, '--', 'sh', '-c', script);
  const path = '/sys/devices/pci0000:00/0000:00:10.0';
  assert.equal(stdout, `${path}/fwctl/fwctl0\n${path}\n0x2bb5\nNovaCore\n`, stderr);
});

test('its scopes are told', { timeout }, () => {
  const { stdout } = emu('scopes', '--driver', 'nova-core', '--json');
  assert.match(stdout, /"ASSIGN_VGPU_TYPE"/);
});
