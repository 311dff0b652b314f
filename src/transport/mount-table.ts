/**
 * The mounts of this mount namespace: /proc/self/mountinfo (proc_pid_mountinfo(5)), and which of them are ours.
 * Reading the table touches no mount, so a dead or hung one cannot hold us up.
 */
import { readFileSync } from 'node:fs';

/** The `source` of every FUSE mount that this program makes. */
export const MOUNT_SOURCE = 'fwctl-emu';

export interface Mount {
  readonly id: number;
  readonly parent: number;
  /** `major:minor` of its st_dev; 0:minor for FUSE, minor being the name in /sys/fs/fuse/connections. */
  readonly device: string;
  /** The directory of the file system that is mounted, and where. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  /** `fuse`, `fuse.NAME`, `tmpfs`, ... */
  readonly fstype: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Parses the text of a mountinfo file. A line that is none is left out. */
export function parseMountInfo(text: string): Mount[] {
  return text
    .split('\n')
    .map(parseLine)
    .filter((mount) => mount !== undefined);
}

/** The mounts of this process's namespace, oldest first. */
export function readMountTable(file = '/proc/self/mountinfo'): Mount[] {
  return parseMountInfo(readFileSync(file, 'utf8'));
}

/** The mount that one sees at exactly that path (the last of those put on top of each other), if any. */
export function mountAt(table: readonly Mount[], path: string): Mount | undefined {
  return table.filter((mount) => mount.mountPoint === path).at(-1);
}

/** Whether this program made the mount, now or in an earlier life. */
export function isOurs(mount: Mount): boolean {
  return mount.source === MOUNT_SOURCE && (mount.fstype === 'fuse' || mount.fstype.startsWith('fuse.'));
}

function parseLine(line: string): Mount | undefined {
  const fields = line.split(' ');
  // Between the sixth field and "-" stand any number of optional ones (shared:N, master:N).
  const dash = fields.indexOf('-', 6);
  const [id, parent, device, root, mountPoint, options] = fields;
  const [fstype, source, superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
  if (!id || !parent || !device || !root || !mountPoint || !options || !fstype || source === undefined)
    return undefined;
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unmangle(root),
    mountPoint: unmangle(mountPoint),
    options: options.split(','),
    fstype: unmangle(fstype),
    source: unmangle(source),
    superOptions: (superOptions ?? '').split(','),
  };
}

/** The kernel writes space, tab, newline, backslash, '#' as backslash and 3 octal digits: mangle(), seq_escape(). */
function unmangle(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
