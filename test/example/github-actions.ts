/**
 * Runs the `run:` steps of extras/github-actions/fwctl-emu.yml on this machine, job by job, as GitHub would: `bash -e`,
 * each job in a fresh checkout. checkout, upload-artifact and download-artifact are done in their place; other actions,
 * and what only Ubuntu's kernel has, are skipped by name.
 *
 *     scripts/try-example [TARBALL]
 *
 * The C project is test/c/sweep-client.c with a Makefile; fwctl-emu is a tarball of `npm pack`, installed below a
 * directory of its own. Exit status 1: a step failed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { repository } from '../repository.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
}

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflow = parse(readFileSync(join(repository, 'extras/github-actions/fwctl-emu.yml'), 'utf8')) as Workflow;
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-example-'));
const [project, artifacts, prefix] = ['project', 'artifacts', 'prefix'].map((name) => join(scratch, name));
for (const folder of [project, artifacts, prefix]) mkdirSync(folder as string);

const MAKEFILE = `mytool: mytool.c fwctl-client.h
\t$(CC) -O2 -pthread -o $@ $<
check: mytool
\t./mytool fwctl0 info
`;

function makeProject(tarball: string): void {
  writeFileSync(join(project as string, 'Makefile'), MAKEFILE);
  cpSync(join(repository, 'test/c/sweep-client.c'), join(project as string, 'mytool.c'));
  cpSync(join(repository, 'test/c/fwctl-client.h'), join(project as string, 'fwctl-client.h'));
  cpSync(tarball, join(project as string, (workflow.env.FWCTL_EMU ?? '').replace(/^\.\//, '')));
}

function packed(): string {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch];
  const { stdout, status, stderr } = spawnSync('npm', args, { cwd: repository, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  return join(scratch, stdout.trim());
}

/** Each combination of the matrix's values. */
function combinations(job: Job): Readonly<Record<string, unknown>>[] {
  return Object.entries(job.strategy?.matrix ?? {}).reduce<Record<string, unknown>[]>(
    (list, [key, values]) => list.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

/** False: it failed. */
function take(step: Step, folder: string, fill: (text: string) => string): boolean {
  const title = fill(step.name ?? step.uses ?? step.run ?? '');
  const say = (word: string) => console.log(`${word.padEnd(8)}${title.split('\n')[0]}`);
  const path = fill(String(step.with?.path ?? ''));
  const files = () =>
    readdirSync(folder).filter((name) => new RegExp(`^${path.replaceAll('.', '\\.').replace('*', '.*')}$`).test(name));
  if (step.if === 'failure()') return true;
  if (step.uses?.startsWith('actions/checkout')) cpSync(project as string, folder, { recursive: true });
  else if (step.uses?.startsWith('actions/upload-artifact')) {
    const found = files();
    for (const name of found) cpSync(join(folder, name), join(artifacts as string, name));
    say(found.length > 0 ? 'ok' : 'FAILED');
    return found.length > 0;
  } else if (step.uses?.startsWith('actions/download-artifact')) {
    cpSync(artifacts as string, folder, { recursive: true });
  } else if (step.run === undefined || !existsHere(step.run)) {
    say('skipped');
    return true;
  } else {
    const env = {
      ...process.env,
      ...workflow.env,
      npm_config_prefix: prefix,
      PATH: `${prefix}/bin:${process.env.PATH}`,
    };
    const ran = spawnSync('bash', ['-e', '-c', fill(step.run)], { cwd: folder, env, encoding: 'utf8' });
    say(ran.status === 0 ? 'ok' : 'FAILED');
    if (ran.status !== 0) console.log(`exit status ${ran.status}\n${ran.stdout}${ran.stderr}`);
    return ran.status === 0;
  }
  say('ok');
  return true;
}

/** A kernel setting that this kernel lacks needs no change. */
function existsHere(command: string): boolean {
  const key = /sysctl -w ([\w.]+)=/.exec(command)?.[1];
  return key === undefined || existsSync(`/proc/sys/${key.replaceAll('.', '/')}`);
}

let failed = false;
try {
  const [given] = process.argv.slice(2);
  makeProject(given === undefined ? packed() : resolve(given));
  for (const [name, job] of Object.entries(workflow.jobs)) {
    for (const matrix of combinations(job)) {
      console.log(
        `\n${name} ${Object.entries(matrix)
          .map((pair) => pair.join('='))
          .join(' ')}`.trimEnd(),
      );
      const folder = mkdtempSync(join(scratch, 'job-'));
      const fill = (text: string) => text.replace(/\$\{\{ matrix\.(\w+) \}\}/g, (_, key) => String(matrix[key]));
      if (!job.steps.every((step) => take(step, folder, fill))) failed = true;
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
