/** `fwctl-emu doctor`: tries what `run` and `serve` need, and says which of them work here, for root and for others. */
import { spawn } from 'node:child_process';
import { isatty } from 'node:tty';
import { errnoName } from '../../abi/errno.ts';
import { EXIT } from '../../host/config/cli-error.ts';
import { wantsColor } from '../../host/config/wants-color.ts';
import type { Native, NotifyNative } from '../../transport/native.ts';
import { VIEW_EXEC } from '../native-files.ts';
import {
  checkAddon,
  checkCuseDevice,
  checkDevDirectory,
  checkFuseDevice,
  checkNode,
  checkProcessVm,
  checkRequestTimeout,
  checkSeccomp,
  checkView,
  checkYama,
} from './doctor-checks.ts';
import { type Diagnosis, diagnosisText, type Finding, type Way } from './doctor-report.ts';
import { type ProbeFailure, type ProbeStep, probeFilter, probeView } from './view-probe.ts';

/** Debian's nobody: an ordinary user that every machine has. */
const NOBODY = 65534;

/** Writes the diagnosis; the exit status. */
export async function doctor(json: boolean, version: string, write: (text: string) => void): Promise<number> {
  const diagnosis = await diagnose(version);
  const color = isatty(1) && wantsColor(process.env);
  write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : diagnosisText(diagnosis, color));
  return diagnosis.ok ? EXIT.ok : EXIT.failure;
}

async function diagnose(version: string): Promise<Diagnosis> {
  const root = process.geteuid?.() === 0;
  const { finding: addon, native } = checkAddon();
  const readMemory = native && ((tid: number) => memoryFailure(native.processVmProbe(tid)));
  const own = await probe(() => probeView({ mode: root ? 'mount' : 'root', readMemory }));
  // Ordinary users are tried by becoming one: permissions of files and devices then count as they will.
  const others = root ? await probe(() => probeView({ mode: 'root', uid: NOBODY, readMemory })) : undefined;
  // In a chroot that is no mount no view can be made, and `serve` works.
  const mounts =
    root && stopsAtMounts(own) ? await probe(() => probeView({ mode: 'mount', bare: true, readMemory })) : own;
  const cuse = checkCuseDevice();
  const listened = native && (await filterFailure(native));
  const seccomp = native && checkSeccomp(listened);
  const base = [
    checkNode(process.version),
    addon,
    checkFuseDevice(),
    cuse,
    checkYama(),
    checkRequestTimeout(),
    checkProcessVm(native && (await childMemory(native))),
  ];
  const directory = await checkDevDirectory();
  const findings = [
    ...base,
    ...(seccomp ? [seccomp] : []),
    ...viewFindings('view', own, 'fail'),
    ...(others ? viewFindings('view-as-nobody', others, 'warn') : []),
    directory,
  ];
  const needed = base.filter((finding) => finding.name !== 'cuse-device');
  const run = verdict([...needed, ...viewFindings('view', own, 'fail')]);
  const rootless = others && verdict([addon, ...viewFindings('view-as-nobody', others, 'fail')]);
  const asRoot = 'run doctor as root to know';
  const bare = mountsFailure(own);
  const trapped: Way = seccomp
    ? { name: 'run by seccomp', ...howTrapped(seccomp, bare) }
    : { name: 'run by seccomp', status: 'fails', why: `addon: ${addon.found}` };
  const works = run.status === 'works' || trapped.status === 'works';
  const ways: Way[] = [
    root ? { name: 'run as root', ...run } : { name: 'run as root', status: 'untested', why: asRoot },
    root && rootless ? { name: 'run rootless', ...rootless } : { name: 'run rootless', ...run },
    trapped,
    root
      ? {
          name: 'serve over FUSE',
          ...verdict([...needed, ...viewFindings('view', mounts, 'fail'), blocking(directory)]),
        }
      : { name: 'serve over FUSE', status: 'fails', why: 'it needs root' },
    { name: 'serve over CUSE', ...verdict([addon, blocking(cuse), blocking(directory)]) },
  ];
  const how = run.status === 'works' ? 'FUSE' : trapped.status === 'works' ? `seccomp, ${trapped.why}` : undefined;
  // what run can do without is no failure of this machine
  const judged = works && run.status !== 'works' ? findings.map(asWarning) : findings;
  return { version, findings: judged, ways, ok: works, run: how };
}

/** The errno's name of a filter that cannot be installed, or why its command cannot be read. */
async function filterFailure(native: Native & NotifyNative): Promise<ProbeFailure | undefined> {
  const error = native.probeFilter();
  if (error < 0) return { what: `seccomp: ${errnoName(-error)}`, remedy: undefined };
  try {
    return await probeFilter((tid) => memoryFailure(native.processVmProbe(tid)));
  } catch (error) {
    return { what: (error as Error).message, remedy: 'make build, or install again' };
  }
}

function howTrapped(seccomp: Finding, bare: string | undefined): Pick<Way, 'status' | 'why'> {
  if (seccomp.status !== 'ok') return { status: 'fails', why: `${seccomp.name}: ${seccomp.found}` };
  return { status: 'works', why: bare === undefined ? 'with mounts' : `by path calls (${bare})` };
}

/** Why the view has no mounts; undefined: it has. */
function mountsFailure(probed: Probed): string | undefined {
  if ('untried' in probed) return probed.untried;
  return probed.find(({ name, failure }) => name !== 'fuse' && name !== 'memory' && failure !== undefined)?.failure
    ?.what;
}

function asWarning(finding: Finding): Finding {
  return finding.status === 'fail' ? { ...finding, status: 'warn' } : finding;
}

type Probed = readonly ProbeStep[] | { readonly untried: string };

async function probe(attempt: () => Promise<ProbeStep[]>): Promise<Probed> {
  try {
    return await attempt();
  } catch (error) {
    return { untried: (error as Error).message };
  }
}

function viewFindings(subject: string, probed: Probed, failing: 'fail' | 'warn'): Finding[] {
  if (!('untried' in probed)) return checkView(subject, probed, failing);
  const status = failing === 'fail' ? 'fail' : 'skip';
  const [means, todo] = probed.untried.endsWith('EACCES')
    ? [
        'that user may not pass through a directory above it',
        `let others through, or put fwctl-emu elsewhere: namei -l ${VIEW_EXEC}`,
      ]
    : ['it could not be tried', 'make build, or install again'];
  return [{ name: subject, status, found: probed.untried, means, todo }];
}

function stopsAtMounts(probed: Probed): boolean {
  return !('untried' in probed) && probed.at(-1)?.name === 'mounts' && probed.at(-1)?.failure !== undefined;
}

/** The first thing that fails decides. */
function verdict(findings: readonly Finding[]): Pick<Way, 'status' | 'why'> {
  const bad = findings.find((finding) => finding.status === 'fail');
  return bad ? { status: 'fails', why: `${bad.name}: ${bad.found}` } : { status: 'works' };
}

/** What is a mere warning of the machine stands in the way of this one thing; a dead mount of ours does not. */
function blocking(finding: Finding): Finding {
  const passes = finding.status === 'ok' || (finding.name === 'dev-directory' && finding.todo === undefined);
  return passes ? { ...finding, status: 'ok' } : { ...finding, status: 'fail' };
}

function memoryFailure(result: number): ProbeFailure | undefined {
  if (result === 0) return undefined;
  const remedy = 'allow ptrace here (docker run --cap-add SYS_PTRACE)';
  return { what: `process_vm_readv: ${errnoName(-result)}`, remedy };
}

/** process_vm_readv() on a plain child: as between daemon and command. */
async function childMemory(native: Native): Promise<number | undefined> {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const started = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
  });
  if (!started || child.pid === undefined) return undefined;
  try {
    return native.processVmProbe(child.pid);
  } finally {
    child.kill('SIGKILL');
  }
}
