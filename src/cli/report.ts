/**
 * How a refusal is written to stderr: a line for people; under --json the control socket's error object, which a
 * program reads as it reads an answer; where the log is JSON, a line of the log. One form a run, never two.
 */
import type { ErrorBody } from '../control/protocol.ts';
import { CliError, EXIT, type ExitStatus } from '../host/config/cli-error.ts';
import { plainText } from '../host/config/plain-text.ts';
import { rawText } from '../host/machine/log.ts';

export type ReportForm = 'text' | 'answer' | 'log';

/** Verbs whose --json names a file. */
const FILE_JSON: ReadonlySet<string> = new Set(['sweep', 'run', 'record', 'serve']);

/** By the command line alone, which may be wrong: it has not been read yet. */
export function reportForm(args: readonly string[]): ReportForm {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const verb = own.find((arg) => !arg.startsWith('-')) ?? '';
  if (own.includes('--json') && !FILE_JSON.has(verb)) return 'answer';
  const at = own.findIndex((arg) => arg === '--log-format' || arg.startsWith('--log-format='));
  const asked = at < 0 ? undefined : (own[at]?.split('=')[1] ?? own[at + 1]);
  return asked === 'json' ? 'log' : 'text';
}

/** Writes it as it is; what nobody foresaw, with its stack. The exit status. */
export function report(error: unknown, form: ReportForm): ExitStatus {
  const status = error instanceof CliError ? error.status : EXIT.failure;
  const code = error instanceof CliError ? (error.code ?? CODES[status] ?? 'refused') : 'failed';
  const message = messageOf(error);
  if (form !== 'text') write(form, code, message);
  // A problem of a file starts with its place, as compilers print theirs.
  else process.stderr.write(plainText(`${PLACE.test(message) ? '' : 'fwctl-emu: '}${message}\n`));
  return status;
}

/** The same of a command line that could not be read: what commander has said of it. */
export function reportUsage(said: string, form: Exclude<ReportForm, 'text'>): void {
  const [first = '', ...rest] = said.trim().split('\n');
  const hint = rest.filter((line) => line.startsWith('(')).join(' ');
  write(form, 'usage', `${first.replace(/^fwctl-emu: /, '')}${hint === '' ? '' : ` ${hint}`}`);
}

function write(form: Exclude<ReportForm, 'text'>, code: string, message: string): void {
  const body: ErrorBody = { error: { code, message } };
  process.stderr.write(
    form === 'answer' ? `${JSON.stringify(body)}\n` : rawText({ level: 'error', message, fields: { code } }),
  );
}

function messageOf(error: unknown): string {
  if (error instanceof CliError) return error.message;
  const foreseen = error instanceof Error && !BUGS.some((kind) => error instanceof kind);
  if (foreseen) return error.message;
  return `a bug of fwctl-emu, please report it: ${error instanceof Error ? error.stack : error}`;
}

const PLACE = /^[^\n:]+:\d+:\d+: /;
/** Errors that nobody throws on purpose. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];
const CODES: Readonly<Record<number, string>> = {
  [EXIT.usage]: 'usage',
  [EXIT.noRun]: 'not_run',
  [EXIT.notFound]: 'not_found',
};
