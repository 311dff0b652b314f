/** Why a view could not be made: the step, the errno, and what to do about it. */
import { existsSync, readFileSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { type Step, type StepKind, stepText } from './steps.ts';

export class ViewError extends Error {
  /** The step that failed; undefined: no step of the plan. */
  readonly step: Step | undefined;
  /** Positive errno; undefined: no system call failed. */
  readonly errno: number | undefined;
  /** What makes it work, as far as can be said: sentences without a full stop at the end. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string, step?: Step, errno?: number) {
    super(remedy === undefined ? message : `${message}; ${remedy}`);
    this.step = step;
    this.errno = errno;
    this.remedy = remedy;
  }
}

/** The error of a failed step. */
export function stepError(step: Step, errno: number): ViewError {
  const name = errnoText(errno);
  const row = REMEDIES.find(({ kinds, errnos }) => kinds.includes(step.kind) && errnos.includes(name));
  return new ViewError(`the private view cannot be made: ${stepText(step)}: ${name}`, row?.remedy(), step, errno);
}

export function errnoText(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}

interface RemedyRow {
  readonly kinds: readonly StepKind[];
  readonly errnos: readonly string[];
  readonly remedy: () => string | undefined;
}

const AS_ROOT = 'or run as root';

const REMEDIES: readonly RemedyRow[] = [
  { kinds: ['namespaces'], errnos: ['EPERM', 'EACCES', 'ENOSPC'], remedy: namespaceRemedy },
  {
    kinds: ['namespaces'],
    errnos: ['EUSERS'],
    remedy: () => 'user namespaces are nested too deeply: start from an outer one',
  },
  {
    kinds: ['namespaces'],
    errnos: ['EINVAL'],
    remedy: () => `this kernel is built without user namespaces: run as root`,
  },
  {
    kinds: ['private'],
    errnos: ['EINVAL'],
    remedy: () => 'the root directory is no mount point (a chroot): mount --bind it onto itself before entering it',
  },
  { kinds: ['private', 'tmpfs'], errnos: ['EACCES', 'EPERM'], remedy: namespaceRemedy },
  {
    kinds: ['fuse'],
    errnos: ['ENOENT'],
    remedy: () =>
      'there is no /dev/fuse: modprobe fuse, or pass the device into the container (docker run --device /dev/fuse)',
  },
  {
    kinds: ['fuse'],
    errnos: ['EACCES'],
    remedy: () => `/dev/fuse is not open to this user: chmod 0666 /dev/fuse, ${AS_ROOT}`,
  },
  {
    kinds: ['fuse'],
    errnos: ['EPERM'],
    remedy: () =>
      '/dev/fuse is forbidden here (a container without the device): docker run --device /dev/fuse --cap-add SYS_ADMIN',
  },
  { kinds: ['fuse'], errnos: ['ENODEV', 'ENXIO'], remedy: () => 'this kernel has no FUSE: modprobe fuse' },
  {
    kinds: ['bind', 'rbind', 'move', 'readonly', 'detach'],
    errnos: ['EPERM', 'EACCES'],
    remedy: () => `a security module or the container forbids mounts: allow them for fwctl-emu, ${AS_ROOT}`,
  },
  {
    kinds: ['bind', 'rbind', 'move'],
    errnos: ['ENOSPC'],
    remedy: () => 'the mount limit is reached: raise /proc/sys/fs/mount-max',
  },
  {
    kinds: ['filter'],
    errnos: ['EBUSY'],
    remedy: () =>
      'somebody listens to the calls of this process already (run inside run, sysbox, bypass4netns): start it outside of that',
  },
  {
    kinds: ['filter'],
    errnos: ['EINVAL'],
    remedy: () => 'Linux 5.19 or later is needed, and no sandbox such as gVisor',
  },
  { kinds: ['bind'], errnos: ['ENOTCONN'], remedy: () => 'the FUSE mount is not served' },
];

/** A switch of the machine that forbids what a view needs, if there is one that we know. */
function namespaceRemedy(): string {
  const root = process.geteuid?.() === 0;
  const otherwise = root ? 'or give it CAP_SYS_ADMIN (docker run --cap-add SYS_ADMIN)' : AS_ROOT;
  for (const { path, forbids, remedy } of SWITCHES) {
    if (existsSync(path) && readFileSync(path, 'utf8').trim() === forbids) return `${remedy}, ${otherwise}`;
  }
  const confined = 'seccomp of a container (docker run --security-opt seccomp=unconfined) or a security module';
  return `user namespaces are forbidden here by ${confined}: allow them, ${otherwise}`;
}

const SWITCHES = [
  { path: '/proc/sys/user/max_user_namespaces', forbids: '0', remedy: 'sysctl -w user.max_user_namespaces=10000' },
  {
    path: '/proc/sys/kernel/unprivileged_userns_clone',
    forbids: '0',
    remedy: 'sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    remedy: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const;
