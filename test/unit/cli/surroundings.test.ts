/** What tools that begin at the PCI function, netdev or RDMA device find in a `run`, by the kernel's own ways. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const LAUNCHER = join(repository, 'scripts/fwctl-emu');

/** Prints one line a fact. The capability's walk is that of mtcr_ul: lock, space, address, flag, data. */
const CLIENT = `
import os, struct
base = "/sys/bus/pci/devices/0000:00:0a.0/"
def say(name, *values): print(name, *values)
config = os.open(base + "config", os.O_RDWR)
say("size", os.fstat(config).st_size, len(os.pread(config, 8192, 0)), len(os.pread(config, 8, 4094)), len(os.pread(config, 4, 4096)))
def get(at): return struct.unpack("<I", os.pread(config, 4, at))[0]
def put(at, value): return os.pwrite(config, struct.pack("<I", value), at)
vsc = os.pread(config, 1, 0x34)[0]
while get(vsc) & 0xff != 9: vsc = get(vsc) >> 8 & 0xff
ticket = get(vsc + 8); put(vsc + 0xc, ticket)
say("locked", get(vsc + 0xc) == ticket)
put(vsc + 4, 2); put(vsc + 0x10, 0xf0014)
say("chip", hex(get(vsc + 0x10)), hex(get(vsc + 0x14)))
put(vsc + 0xc, 0)
try: os.pwrite(config, b"1234", 4096)
except OSError as error: say("beyond", error.strerror)
if os.getuid() == 0 and open("/proc/self/uid_map").read().split()[-1] != "1":
    if os.fork() == 0:
        os.setgid(65534); os.setuid(65534)
        own = os.open(base + "config", os.O_RDONLY)
        say("nobody", len(os.pread(own, 4096, 0)), len(os.pread(own, 4, 64)), len(os.pread(config, 4096, 0)))
        os._exit(0)
    os.wait()
else: say("nobody", 64, 0, 4096)
say("vpd", os.pread(os.open(base + "vpd", os.O_RDONLY), 4096, 0)[3:15].decode())
try: os.pread(os.open(base + "resource0", os.O_RDONLY), 4, 0)
except OSError as error: say("resource0", error.strerror)
text = lambda path: open("/sys/" + path).read().strip()
say("net", *[text("class/net/enp0s10np0/" + name) for name in ("address", "operstate", "speed")])
say("rdma", *[text("class/infiniband/mlx5_0/" + name) for name in ("fw_ver", "node_guid", "ports/1/state")])
for link in ("class/net/enp0s10np0/device", "class/infiniband/mlx5_0/device", "bus/pci/drivers/mlx5_core/module"):
    say(link, os.path.realpath("/sys/" + link))
say("machine", all(os.path.exists("/sys/class/net/" + name) for name in MACHINE))
say("holders", *os.listdir("/sys/module/fwctl/holders"))
say("char", *[os.path.realpath("/dev/char/" + name) for name in os.listdir("/dev/char") if "fwctl" in os.readlink("/dev/char/" + name)])
`;

const EXPECTED = `size 4096 4096 2 0
locked True
chip 0x800f0014 0x212
beyond File too large
nobody 64 0 4096
vpd ConnectX-6 D
resource0 Input/output error
net 0c:42:a1:00:00:00 up 100000
rdma 22.43.1014 0c42:a103:0000:0000 4: ACTIVE
class/net/enp0s10np0/device /sys/devices/pci0000:00/0000:00:0a.0
class/infiniband/mlx5_0/device /sys/devices/pci0000:00/0000:00:0a.0
bus/pci/drivers/mlx5_core/module /sys/module/mlx5_core
machine True
holders mlx5_fwctl
char /dev/fwctl/fwctl0
`;

function lacks(): string | false {
  if (spawnSync('python3', ['-c', '']).status !== 0) return 'there is no python3';
  if (existsSync('/dev/fwctl')) return 'the machine has a /dev/fwctl, and its /dev is left as it is';
  if (existsSync('/sys/class/infiniband/mlx5_0')) return 'the machine has such a card';
  return existsSync(LAUNCHER) ? runRefusal() : 'scripts/fwctl-emu is not built';
}

test('a view shows a card from all sides', { skip: lacks() }, () => {
  const machine = readdirSync('/sys/class/net').filter((name) => name !== 'bonding_masters');
  const client = `MACHINE = ${JSON.stringify(machine)}\n${CLIENT}`;
  const words = ['run', '--transport', 'fuse', '--device', 'connectx6dx', '--', 'python3', '-c', client];
  const { stdout, stderr } = spawnSync(LAUNCHER, words, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(stdout, EXPECTED, stderr);
});

test('and none of it where it is told so', { skip: lacks() }, () => {
  const script = 'ls /sys/class/net /sys/class/infiniband /sys/module/mlx5_core /sys/bus/pci/devices/0000:00:0a.0/vpd';
  const words = ['run', '--device', 'connectx6dx,surroundings=none', '--', 'sh', '-c', script];
  const { stdout, status } = spawnSync(LAUNCHER, words, { encoding: 'utf8', timeout: 60_000 });
  assert.notEqual(status, 0);
  assert.doesNotMatch(stdout, /enp0s10|mlx5|vpd/);
});
