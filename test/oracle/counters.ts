/**
 * FWX_COUNTERS: a directory whose files say the machine's counters at the moment of reading. Where the devices are on a
 * FUSE mount, it is on the same one, unlisted: close(2) does not wait for the release there, and requests of one mount
 * alone keep their order. For CUSE, whose close does wait, a mount of its own.
 */
import { constants, mkdirSync, openSync } from 'node:fs';
import { MountSession } from '../../src/transport/fuse/mount-session.ts';
import type { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { type DirectoryNode, directory, type MapDirectory } from '../../src/transport/fuse/tree.ts';
import type { Native } from '../../src/transport/native.ts';
import type { BenchMachine } from './bench-machine.ts';

/** MS_NOSUID | MS_NODEV. */
const FLAGS = 6;
const MNT_DETACH = 2;

function counterFiles(machine: Pick<BenchMachine, 'counters'>): DirectoryNode {
  return directory(
    Object.keys(machine.counters()).map((name) => [
      name,
      { kind: 'text', mode: 0o444, read: () => `${machine.counters()[name]}\n` },
    ]),
  );
}

/** Name of the counters among the devices. */
export const HIDDEN_COUNTERS = '.counters';

/** Adds the counters to the devices' directory, where a look-up finds them and a listing does not. */
export function hideCounters(devices: DirectoryNode, machine: Pick<BenchMachine, 'counters'>): void {
  const { entries } = devices as MapDirectory;
  entries.set(HIDDEN_COUNTERS, counterFiles(machine));
  const listed = () => [...Map.prototype.keys.call(entries)].filter((name) => name !== HIDDEN_COUNTERS).values();
  entries.keys = listed as (typeof entries)['keys'];
}

/** Makes `path` and mounts on it; the returned function takes the mount away. */
export function mountCounters(
  path: string,
  machine: Pick<BenchMachine, 'counters'>,
  native: Native,
  buffers: FuseBuffers,
): () => void {
  const tree = counterFiles(machine);
  mkdirSync(path);
  const fd = openSync('/dev/fuse', constants.O_RDWR | constants.O_NONBLOCK);
  const options = `fd=${fd},rootmode=40000,user_id=0,group_id=0,allow_other`;
  const error = native.mount('fwctl-emu', path, 'fuse', FLAGS, options);
  if (error < 0) throw new Error(`the counters cannot be mounted: ${error}`);
  const complain = (problem: unknown) => console.error('counters:', problem);
  const session = new MountSession(fd, tree, native, buffers, '', {
    ended() {},
    bug: complain,
    unreachable: complain,
  });
  return () => {
    native.umount(path, MNT_DETACH);
    session.close();
  };
}
