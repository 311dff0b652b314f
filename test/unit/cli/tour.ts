/**
 * docs/tour.md is a transcript: its console blocks are run again and their output compared. The blocks of a section
 * marked `<!-- session: run -->` run in one shell under `fwctl-emu run`, those of `<!-- session: shell -->` in one
 * shell of the machine.
 */
import { spawnSync } from 'node:child_process';

interface Command {
  /** Line numbers in the document, from 0: of the `$ ` line, and of the first line behind its output. */
  readonly line: number;
  readonly end: number;
  readonly text: string;
}

interface Session {
  readonly kind: string;
  readonly commands: Command[];
}

const MARK = '@@@ tour';

export function sessionsOf(lines: readonly string[]): Session[] {
  const sessions: Session[] = [];
  let inside = false;
  let open: { line: number; text: string } | undefined;
  const finish = (end: number) => {
    if (open !== undefined) sessions.at(-1)?.commands.push({ ...open, end });
    open = undefined;
  };
  for (const [line, text] of lines.entries()) {
    const kind = /^<!-- session: (\w+) -->$/.exec(text)?.[1];
    if (kind !== undefined) sessions.push({ kind, commands: [] });
    if (text.startsWith('```')) {
      finish(line);
      inside = text === '```console';
    } else if (inside && text.startsWith('$ ')) {
      finish(line);
      open = { line, text: text.slice(2) };
    }
  }
  return sessions;
}

/** The directory that the document shows; played is another one, for the suites of two clones run side by side. */
const SHOWN = '/tmp/fwctl-emu-tour';

/**
 * The document with the outputs of now. `emulator`: the command line of fwctl-emu; `path` is put before PATH;
 * `directory`, which does not exist yet, is where SHOWN stands.
 */
export function playTour(document: string, emulator: readonly string[], path: string, directory: string): string {
  const lines = document.split('\n');
  const outputs = new Map<Command, string[]>();
  for (const { kind, commands } of sessionsOf(lines)) {
    const typed = commands.map(({ text }) => `{ ${text}\n} 2>&1; echo; echo '${MARK}'`).join('\n');
    const script = typed.replaceAll(SHOWN, directory);
    const [program = '', ...args] = kind === 'run' ? [...emulator, 'run', '--', 'bash', '-s'] : ['bash', '-s'];
    const env = { ...process.env, PATH: `${path}:${process.env.PATH}`, NO_COLOR: '1', LC_ALL: 'C', TZ: 'UTC' };
    delete (env as NodeJS.ProcessEnv).FWCTL_EMU_SOCKET;
    const played = spawnSync(program, args, { input: script, encoding: 'utf8', env, timeout: 120_000 });
    const parts = played.stdout.replaceAll(directory, SHOWN).split(`\n${MARK}\n`);
    if (parts.length !== commands.length + 1)
      throw new Error(`the tour's ${kind} session ended early: ${played.stdout}${played.stderr}`);
    for (const [i, command] of commands.entries()) {
      const text = (parts[i] ?? '').replace(/\n$/, '');
      outputs.set(command, text === '' ? [] : text.split('\n'));
    }
  }
  const result: string[] = [];
  let skipTo = 0;
  const byLine = new Map([...outputs].map(([command, output]) => [command.line, { command, output }]));
  for (const [line, text] of lines.entries()) {
    if (line < skipTo) continue;
    result.push(text);
    const played = byLine.get(line);
    if (played === undefined) continue;
    result.push(...played.output.map((each) => each.trimEnd()));
    skipTo = played.command.end;
  }
  return result.join('\n');
}

/** What differs from run to run, by name: times, threads, sizes. */
export function steady(document: string): string {
  return (
    document
      .replace(/\b\d\d:\d\d:\d\d\.\d{6}\b/g, 'TIME')
      .replace(/"time":"[^"]*"/g, '"time":"TIME"')
      .replace(/"us":[\d.]+/g, '"us":N')
      .replace(/"tid":\d+/g, '"tid":N')
      .replace(/ held \S+$| {2}\d+(\.\d)?(us|ms|s)$/gm, '  DURATION')
      .replace(/\b(demo-\w+|node)\/\d+/g, '$1/TID')
      .replace(/\b(demo-\w+|node)\(\d+\)/g, '$1(TID)')
      .replace(/pid \d+/g, 'pid N')
      .replace(/up [\d.]+ s/g, 'up N s')
      .replace(/[\d.]+ MiB/g, 'N MiB')
      // MGIR tells how long the device has been up.
      .replace(/exchanges, \d+ bytes$/gm, 'exchanges, N bytes')
      .replace(/mean [\d.]+ us/g, 'mean N us')
      .replace(/^\[ *[\d.]+\]/gm, '[SECONDS]')
      .replace(/(_bucket|_sum|_seconds|_bytes)(\{[^}]*\})? [\d.e+-]+$/gm, '$1$2 N')
      .replace(/\b[A-Z][a-z]{2} +\d+ \d\d:\d\d\b/g, 'DATE')
      .replace(/fwctl-emu-\w{6}\b/g, 'fwctl-emu-XXXXXX')
      .replace(/"version":"[^"]*"|"version": "[^"]*"|version="[^"]*"/g, 'VERSION')
      // How many fields have room on a line depends on the width of the thread's number.
      .replace(/ -> OK .*$/gm, ' -> OK FIELDS')
  );
}
