/** libudev, on which udevadm, fwupd, lshw and pyudev stand, finds the devices of a `run`: by every way that it has. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const LAUNCHER = join(repository, 'scripts/fwctl-emu');

/** By syspath, by number, by subsystem and name, by listing; a parent's attribute; the machine's own device. */
const CLIENT = `
import ctypes, os
udev = ctypes.CDLL("libudev.so.1")
for name in "new device_new_from_syspath device_new_from_devnum device_new_from_subsystem_sysname enumerate_new enumerate_get_list_entry list_entry_get_next device_get_parent".split():
    getattr(udev, "udev_" + name).restype = ctypes.c_void_p
for name in "device_get_devnode device_get_syspath device_get_subsystem device_get_sysattr_value list_entry_get_name".split():
    getattr(udev, "udev_" + name).restype = ctypes.c_char_p
p = ctypes.c_void_p
u = p(udev.udev_new())
def tell(how, device):
    if not device: return print(how, "none")
    d = p(device)
    print(how, udev.udev_device_get_devnode(d).decode(), udev.udev_device_get_syspath(d).decode(), udev.udev_device_get_subsystem(d).decode())
    return d
d = tell("syspath", udev.udev_device_new_from_syspath(u, b"/sys/class/fwctl/fwctl1"))
major, minor = map(int, open("/sys/class/fwctl/fwctl1/dev").read().split(":"))
tell("devnum", udev.udev_device_new_from_devnum(u, ctypes.c_char(b"c"), ctypes.c_ulong(os.makedev(major, minor))))
tell("name", udev.udev_device_new_from_subsystem_sysname(u, b"fwctl", b"fwctl1"))
e = p(udev.udev_enumerate_new(u)); udev.udev_enumerate_add_match_subsystem(e, b"fwctl"); udev.udev_enumerate_scan_devices(e)
entry = udev.udev_enumerate_get_list_entry(e)
while entry:
    print("listed", udev.udev_list_entry_get_name(p(entry)).decode()); entry = udev.udev_list_entry_get_next(p(entry))
for subsystem in (b"pci", b"net", b"infiniband"):
    e = p(udev.udev_enumerate_new(u)); udev.udev_enumerate_add_match_subsystem(e, subsystem); udev.udev_enumerate_scan_devices(e)
    entry = udev.udev_enumerate_get_list_entry(e)
    while entry:
        path = udev.udev_list_entry_get_name(p(entry)).decode(); entry = udev.udev_list_entry_get_next(p(entry))
        if "0000:00:0b.0" in path: print(subsystem.decode(), path)
parent = d and p(udev.udev_device_get_parent(d))
print("parent", parent and udev.udev_device_get_sysattr_value(parent, b"vendor").decode())
print("lo", bool(udev.udev_device_new_from_syspath(u, b"/sys/class/net/lo")))
`;

function lacks(): string | false {
  const { status } = spawnSync('python3', ['-c', 'import ctypes; ctypes.CDLL("libudev.so.1")']);
  if (status !== 0) return 'there is no python3 with libudev.so.1';
  return existsSync(LAUNCHER) ? runRefusal() : 'scripts/fwctl-emu is not built';
}

test('libudev finds the devices of a view', { skip: lacks() }, () => {
  const words = ['run', '--device', 'connectx6dx,count=2', '--', 'python3', '-c', CLIENT];
  const { stdout, stderr } = spawnSync(LAUNCHER, words, { encoding: 'utf8', timeout: 60_000 });
  const [first, second] = ['0a', '0b'].map((slot, at) => `/sys/devices/pci0000:00/0000:00:${slot}.0/fwctl/fwctl${at}`);
  const found = `/dev/fwctl/fwctl1 ${second} fwctl\n`;
  const card = '/sys/devices/pci0000:00/0000:00:0b.0';
  const beside = `pci ${card}\nnet ${card}/net/enp0s11np0\ninfiniband ${card}/infiniband/mlx5_1\n`;
  assert.equal(
    stdout,
    `syspath ${found}devnum ${found}name ${found}listed ${first}\nlisted ${second}\n${beside}parent 0x15b3\nlo True\n`,
    stderr,
  );
});
