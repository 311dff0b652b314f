/**
 * What else answers an ioctl from user space, measured in the same run: umockdev's custom handler where it is installed
 * (Debian: umockdev, gir1.2-umockdev-1.0, python3-gi), and the floor, an ioctl that the kernel refuses by itself.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import type { Case } from './cases.ts';
import { sample } from './latency.ts';
import type { Sample } from './stats.ts';

const FLOOR: Case = { name: 'floor', title: 'ioctl(/dev/null)', client: ['--op', 'none'] };

/** The floor, ns. */
export function floor(ms: number, cpu: number): Sample {
  return sample(FLOOR, '/dev/null', ms, cpu);
}

/**
 * A handler in Python that answers each ioctl with 0 and touches no memory: the least that umockdev can be asked for.
 * The client runs below umockdev's preload library, and the time is of `ioctl` as the program sees it.
 */
const UMOCKDEV = String.raw`
import sys, threading
import gi
gi.require_version('UMockdev', '1.0')
from gi.repository import UMockdev, GLib, Gio
loop = GLib.MainLoop()
testbed = UMockdev.Testbed.new()
testbed.add_from_string('P: /devices/fwctl0\nN: fwctl0\nE: SUBSYSTEM=fwctl\nE: DEVNAME=/dev/fwctl0\n')
handler = UMockdev.IoctlBase()
def handle(base, client):
    client.complete(0, 0)
    return True
handler.connect('handle-ioctl', handle)
testbed.attach_ioctl('/dev/fwctl0', handler)
def work():
    child = Gio.Subprocess.new(sys.argv[1:] + ['/dev/fwctl0'], Gio.SubprocessFlags.STDOUT_PIPE)
    _, out, _ = child.communicate_utf8(None, None)
    print(out, end='')
    loop.quit()
threading.Thread(target=work).start()
loop.run()
`;

/** Undefined: umockdev is not here, or cannot do it. */
export function umockdev(ms: number, cpu: number): Sample | undefined {
  const client = [join(repository, 'build/c/bench-client'), '--op', 'none', '--ms', String(ms), '--cpu', String(cpu)];
  const run = spawnSync(
    'umockdev-wrapper',
    ['taskset', '-c', String(cpu), '/usr/bin/python3', '-c', UMOCKDEV, ...client],
    {
      encoding: 'utf8',
      timeout: ms + 20_000,
    },
  );
  if (run.status !== 0 || run.stdout.trim() === '') return undefined;
  return JSON.parse(run.stdout) as Sample;
}
