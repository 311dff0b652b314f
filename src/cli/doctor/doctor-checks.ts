/** The single checks of `doctor`: each tries the thing itself and says what it saw, what that means, and what to do. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { errnoName } from '../../abi/errno.ts';
import { DEFAULT_DEV_DIR } from '../../host/config/defaults.ts';
import { askMount } from '../../serve/ask-mount.ts';
import { type DirectoryState, directoryState, judgeDirectory } from '../../serve/dev-directory.ts';
import { openRefusal } from '../../serve/serve-parts.ts';
import { isOurs, mountAt, readMountTable } from '../../transport/mount-table.ts';
import { loadNative, type Native, type NotifyNative } from '../../transport/native.ts';
import { VIEW_EXEC } from '../native-files.ts';
import type { Finding } from './doctor-report.ts';
import type { ProbeFailure, ProbeStep } from './view-probe.ts';

const OLDEST_NODE = 18;

export function checkNode(version: string): Finding {
  const found = `${version} (${process.execPath})`;
  if (Number(/^v(\d+)/.exec(version)?.[1]) >= OLDEST_NODE) return { name: 'node', status: 'ok', found };
  const todo = `install Node.js ${OLDEST_NODE} or later`;
  return { name: 'node', status: 'fail', found, means: 'it is too old', todo };
}

/** The finding, and the addon where it can be loaded. */
export function checkAddon(load: () => Native & NotifyNative = loadNative): {
  finding: Finding;
  native: (Native & NotifyNative) | undefined;
} {
  const name = 'addon';
  try {
    const native = load();
    if (existsSync(VIEW_EXEC)) return { finding: { name, status: 'ok', found: 'loaded' }, native };
    const means = 'without it there is no private view';
    return { finding: { name, status: 'fail', found: `${VIEW_EXEC} is missing`, means, todo: 'make build' }, native };
  } catch (error) {
    const { message: found } = error as Error;
    const means = 'nothing that talks to the kernel works without it';
    return { finding: { name, status: 'fail', found, means, todo: 'make build' }, native: undefined };
  }
}

export function checkFuseDevice(refusal = openRefusal('/dev/fuse')): Finding {
  const name = 'fuse-device';
  if (refusal === undefined) return { name, status: 'ok', found: `/dev/fuse opens${modeOf('/dev/fuse')}` };
  const remedies: Record<string, string> = {
    ENOENT: 'modprobe fuse; in a container: docker run --device /dev/fuse',
    EACCES: 'chmod 0666 /dev/fuse (the default of udev), or run as root',
    EPERM: 'let the container use it: docker run --device /dev/fuse',
    ENODEV: 'modprobe fuse',
    ENXIO: 'modprobe fuse',
  };
  const code = refusal.split(' ').at(-1) ?? '';
  const means = 'serve without CUSE cannot work, and run by seccomp user notification alone, if at all';
  return { name, status: 'fail', found: refusal, means, todo: remedies[code] ?? 'see why it does not open' };
}

export function checkCuseDevice(refusal = openRefusal('/dev/cuse')): Finding {
  const name = 'cuse-device';
  if (refusal === undefined)
    return { name, status: 'ok', found: '/dev/cuse opens: serve makes true character devices' };
  const means = 'serve uses a FUSE mount instead: nodes are regular files to stat(2); run is not concerned';
  const todo = refusal.endsWith('ENOENT')
    ? 'if true character devices are wanted: modprobe cuse'
    : 'if wanted: run as root';
  return { name, status: 'warn', found: refusal, means, todo };
}

/** `failure`: of installing a filter in a child, or of reading that one's memory; undefined: there was none. */
export function checkSeccomp(failure: ProbeFailure | undefined): Finding {
  const name = 'seccomp-notify';
  if (failure === undefined)
    return { name, status: 'ok', found: "a command's calls can be answered: run needs no /dev/fuse and no mounts" };
  const code = failure.what.split(' ').at(-1) ?? '';
  const reasons: Record<string, string> = {
    EINVAL: 'the kernel is older than Linux 5.19, or a sandbox such as gVisor',
    EBUSY: 'somebody listens to the calls of this process already: run inside run, sysbox, bypass4netns, LXD',
    EPERM: 'the container forbids seccomp(2)',
  };
  return {
    name,
    status: 'warn',
    found: failure.what,
    means: `run needs /dev/fuse and mounts here${reasons[code] === undefined ? '' : `: ${reasons[code]}`}`,
    todo: failure.remedy,
  };
}

export function checkYama(file = '/proc/sys/kernel/yama/ptrace_scope'): Finding {
  const name = 'yama';
  let scope: string;
  try {
    scope = readFileSync(file, 'utf8').trim();
  } catch {
    return { name, status: 'ok', found: 'this kernel has no Yama: it limits nothing' };
  }
  const found = `ptrace_scope is ${scope}`;
  if (scope === '3') {
    const means =
      "no process may read another's memory, not even root: over FUSE every call fails with EFAULT; CUSE works";
    const todo = 'boot with kernel.yama.ptrace_scope=2 or lower: it cannot be lowered while running';
    return { name, status: 'fail', found, means, todo };
  }
  return { name, status: 'ok', found, means: scope === '0' ? undefined : 'run and serve work all the same' };
}

/** Linux 7.2 and later can bound a FUSE server's answers; what firmware holds for longer aborts a connection. */
export function checkRequestTimeout(file = '/proc/sys/fs/fuse/max_request_timeout'): Finding {
  const name = 'fuse-time-out';
  let seconds: string;
  try {
    seconds = readFileSync(file, 'utf8').trim();
  } catch {
    return { name, status: 'ok', found: 'this kernel bounds no FUSE request' };
  }
  if (seconds === '0') return { name, status: 'ok', found: 'fs.fuse.max_request_timeout is 0: nothing is bounded' };
  const found = `fs.fuse.max_request_timeout is ${seconds} s`;
  const means = 'a call that is held for longer (delay, hang) ends all devices of run and of serve over FUSE';
  return { name, status: 'warn', found, means, todo: 'sysctl fs.fuse.max_request_timeout=0, or serve over CUSE' };
}

/** `processVm`: process_vm_readv() on a child of ours: 0 or -errno. */
export function checkProcessVm(result: number | undefined): Finding {
  const name = 'process-vm';
  if (result === undefined) return { name, status: 'skip', found: 'not tried: the addon is missing' };
  if (result === 0) return { name, status: 'ok', found: "a child's memory can be read" };
  const means = "a caller's memory cannot be read: over FUSE every call would fail with EFAULT";
  const todo = 'in a container: docker run --cap-add SYS_PTRACE, or a seccomp profile that allows process_vm_readv';
  return { name, status: 'fail', found: `process_vm_readv: ${errnoName(-result)}`, means, todo };
}

const STEP_TEXT: Record<ProbeStep['name'], readonly [ok: string, means: string]> = {
  namespaces: ['can be made', 'there can be no view by mounts'],
  memory: ['a process in there can be read', 'every call in a private view would fail with EFAULT'],
  mounts: ['own mounts can be made in there', 'there can be no view by mounts'],
  fuse: ['FUSE can be mounted in there', 'a view by mounts would have no device nodes by FUSE'],
};

/** The findings of one probed view. `subject`: `view` for our own user, `view-as-nobody`. */
export function checkView(subject: string, steps: readonly ProbeStep[], failing: 'fail' | 'warn'): Finding[] {
  return steps.map(({ name, failure }) => {
    const [good, means] = STEP_TEXT[name];
    if (failure === undefined) return { name: `${subject}-${name}`, status: 'ok', found: good };
    return { name: `${subject}-${name}`, status: failing, found: failure.what, means, todo: failure.remedy };
  });
}

/** Whether `serve` could have its directory now. */
export async function checkDevDirectory(path = DEFAULT_DEV_DIR): Promise<Finding> {
  const name = 'dev-directory';
  const table = readMountTable();
  const system = { mountTable: () => table, askMount, unmountLazily: () => 0 };
  let state: DirectoryState;
  try {
    state = await directoryState(path, system);
  } catch (error) {
    return { name, status: 'warn', found: (error as Error).message };
  }
  const verdict = judgeDirectory(state);
  const mount = mountAt(table, path);
  if (verdict.act === 'refuse') {
    const means = 'serve would refuse; run works';
    return { name, status: 'warn', found: `${path}: ${verdict.why}`, means, todo: verdict.remedy };
  }
  if (mount && isOurs(mount)) {
    const found = `${path} has the dead mount of a killed fwctl-emu`;
    return { name, status: 'warn', found, means: 'serve takes it away' };
  }
  return { name, status: 'ok', found: verdict.act === 'create' ? `${path} is free` : `${path} is there and empty` };
}

function modeOf(path: string): string {
  return ` (mode 0${(statSync(path).mode & 0o777).toString(8)})`;
}
