/** Whether a command can be started, told before anything is set up: execvp(3)'s search, shells' exit statuses. */
import { accessSync, constants, statSync } from 'node:fs';
import { CliError, EXIT } from '../host/config/cli-error.ts';

/** execvp(3) without PATH: confstr(_CS_PATH). */
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * Throws CliError (127 not found, 126 found and not executable); otherwise the path that would be started. `traced`:
 * the command line behind a bare --trace, whose first word may have been meant as its file.
 */
export function findCommand(name: string, path: string | undefined, traced: readonly string[] = []): string {
  try {
    return findPath(name, path);
  } catch (error) {
    const [file = '', next] = traced;
    if (!(error instanceof CliError) || (next !== '--' && !/\.(txt|log|jsonl|pcapng|trace|out)$/.test(file)))
      throw error;
    throw new CliError(`${error.message}; did you mean --trace=${file}?`, error.status);
  }
}

function findPath(name: string, path: string | undefined): string {
  if (name === '') throw new CliError('run: the command is an empty text; write a program after "--"', EXIT.usage);
  if (name.includes('/')) {
    const state = stateOf(name);
    if (state === 'executable') return name;
    throw state === 'absent' ? notFound(name, 'no such file') : notExecutable(name);
  }
  let seen: string | undefined;
  for (const directory of (path ?? DEFAULT_PATH).split(':')) {
    const candidate = `${directory || '.'}/${name}`;
    const state = stateOf(candidate);
    if (state === 'executable') return candidate;
    if (state === 'blocked') seen ??= candidate;
  }
  throw seen === undefined ? notFound(name, 'not found in PATH') : notExecutable(seen);
}

function stateOf(file: string): 'executable' | 'blocked' | 'absent' {
  try {
    if (statSync(file).isDirectory()) return 'blocked';
    accessSync(file, constants.X_OK);
    return 'executable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'blocked' : 'absent';
  }
}

function notFound(name: string, why: string): CliError {
  return new CliError(`run: ${name}: ${why}; check the name, or give a path`, EXIT.notFound);
}

function notExecutable(file: string): CliError {
  const why = 'not an executable file; check it with "ls -l", or chmod +x it';
  return new CliError(`run: ${file}: ${why}`, EXIT.notExecutable);
}
