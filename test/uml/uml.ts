/** Runs a command in user-mode Linux (scripts/uml) from a test; skips the test, by name, where that cannot be had. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { repository } from '../repository.ts';

export interface UmlRun {
  /** The command's exit status; 124 out of time, 125 the guest died. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface UmlOptions {
  /** The Debian suite whose kernel is booted; the installed one when not said. */
  readonly suite?: string;
  /** Seconds until the guest is ended; 300 when not said. */
  readonly timeout?: number;
  /** The guest's memory; 1G when not said. */
  readonly mem?: string;
  /** Host directory that the command sees, writable, as $FWCTL_UML_RESULTS. */
  readonly results?: string;
  /** Further environment; only FWCTL_* and NODE_* names reach the guest. */
  readonly env?: Readonly<Record<string, string>>;
}

/** scripts/uml's exit status for "not to be had on this machine". */
const ABSENT = 77;

/**
 * The run of `command` as root in the guest, in the repository; undefined: the test has been skipped, with the reason.
 */
export async function uml(
  context: TestContext,
  command: readonly string[],
  options: UmlOptions = {},
): Promise<UmlRun | undefined> {
  const args = ['--timeout', String(options.timeout ?? 300), '--mem', options.mem ?? '1G'];
  if (options.suite !== undefined) args.push('--suite', options.suite);
  if (options.results !== undefined) args.push('--results', options.results);
  const run = await output(join(repository, 'scripts/uml'), [...args, '--', ...command], {
    ...process.env,
    ...options.env,
  });
  if (run.status !== ABSENT) return run;
  const reasons = run.stderr.split('\n').filter((line) => line.startsWith('uml: '));
  context.skip(`user-mode Linux: ${reasons.at(-1)?.slice('uml: '.length) ?? 'absent'}`);
  return undefined;
}

function output(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<UmlRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
