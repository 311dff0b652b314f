/** fwx, drvx, calls and their hook, compiled where they are not yet, or are older than their sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../repository.ts';

const SOURCES = join(repository, 'test/oracle');
const FOLDER = join(repository, 'build/oracle');

/** Throws an Error with the compiler's words. */
export function buildPrograms(): void {
  mkdirSync(FOLDER, { recursive: true });
  const fwx = readdirSync(join(SOURCES, 'fwx')).map((file) => join(SOURCES, 'fwx', file));
  const parts = fwx.filter((file) => file.endsWith('.c'));
  // fwx compares lengths of both signs and passes NULL on purpose
  compile('fwx', fwx, ['-Wno-sign-compare', '-Wno-nonnull', ...parts, '-lpthread']);
  const drvx = ['drvx.c', 'util.h'].map((file) => join(repository, 'test/oracle-drivers/drvx', file));
  const loose = ['-Wno-sign-compare', '-Wno-nonnull', '-Wno-format-truncation'];
  compile('drvx', drvx, [...loose, ...drvx.slice(0, 1), '-lpthread']);
  const calls = readdirSync(join(SOURCES, 'calls')).map((file) => join(SOURCES, 'calls', file));
  const wrong = ['-Wno-nonnull', '-Wno-stringop-overflow', '-Wno-stringop-overread'];
  compile('calls', calls, [...wrong, '-D_GNU_SOURCE', ...calls.filter((file) => file.endsWith('.c'))]);
  const hook = join(SOURCES, 'hook.c');
  compile('hook', [hook], [hook]);
}

function compile(name: string, sources: readonly string[], args: readonly string[]): void {
  const program = join(FOLDER, name);
  const made = existsSync(program) ? statSync(program).mtimeMs : 0;
  if (sources.every((file) => statSync(file).mtimeMs < made)) return;
  const run = spawnSync(process.env.CC ?? 'cc', ['-O2', '-Wall', '-Wextra', '-o', program, ...args], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`${name} cannot be compiled: ${run.error?.message ?? run.stderr}`);
}
