/**
 * The program: arguments in, exit status out. Each verb's modules are loaded when it is asked for, those of `run` and `serve`
 * beside the parser of the command line: most of a start is spent in loading, and one graph loads faster than its parts in turn.
 */
import { readFileSync } from 'node:fs';
import { CliError, EXIT } from './cli-error.ts';
import type { Machine } from './machine.ts';
import type { Log, Settings } from './parts.ts';
import type { MachineOptions, Verbs } from './program.ts';

const loadCatalogue = async () => (await import('./catalogue.ts')).catalogue;

/** package.json stands three directories above dist/src/cli. */
function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What `run` and `serve` have in common: the settings, the host, the log; the trace ends with the work. */
async function withMachine(
  options: MachineOptions,
  quiet: 'warn' | 'info',
  work: (machine: Machine, settings: Settings, log: Log) => Promise<number>,
): Promise<number> {
  const [{ createLog }, { loadSettings }] = await Promise.all([import('./log.ts'), import('./settings.ts')]);
  const log = createLog(options.logLevel ?? quiet);
  const settings = await loadSettings(options, loadCatalogue);
  const { createMachine } = await import('./machine.ts');
  const machine = await createMachine(settings, { path: options.trace, fields: options.traceFields }, log);
  try {
    return await work(machine, settings, log);
  } finally {
    machine.close();
  }
}

/** What a verb will ask for, by its name among the first arguments; loading it for nothing does no harm. */
const AHEAD: Readonly<Record<string, () => readonly Promise<unknown>[]>> = {
  run: () => [
    import('./log.ts'),
    import('./settings.ts'),
    import('./machine.ts'),
    import('./run.ts'),
    import('./find-command.ts'),
    import('./run-parts.ts'),
  ],
  serve: () => [
    import('./log.ts'),
    import('./settings.ts'),
    import('./machine.ts'),
    import('./serve.ts'),
    import('./serve-parts.ts'),
  ],
};

function loadAhead(args: readonly string[]): void {
  const verb = args.find((arg) => Object.hasOwn(AHEAD, arg));
  // Help needs none of it; what fails to load fails again where it is awaited.
  if (verb === undefined || args.includes('--help')) return;
  for (const loading of AHEAD[verb]?.() ?? []) loading.catch(() => {});
}

const verbs: Verbs = {
  async run(command, options) {
    const { runCommand } = await import('./run.ts');
    const { findCommand } = await import('./find-command.ts');
    findCommand(command[0] ?? '', process.env.PATH);
    return withMachine(options, 'warn', async ({ host }, settings, log) => {
      const { runParts } = await import('./run-parts.ts');
      for (const spec of settings.devices) host.plug(spec);
      const { transport, mapCurrentUser = false } = options;
      return runCommand({ command, transport, mapCurrentUser }, runParts(host, log));
    });
  },
  async serve(options) {
    return withMachine(options, 'info', async ({ host }, settings, log) => {
      const [{ serveUntilSignal }, { serveParts }] = await Promise.all([
        import('./serve.ts'),
        import('./serve-parts.ts'),
      ]);
      const { transport, devDir } = options;
      return serveUntilSignal({ settings, transport, devDir }, serveParts(host, log));
    });
  },
  async doctor({ json = false }) {
    const { doctor } = await import('./doctor.ts');
    return doctor(json, version(), (text) => void process.stdout.write(text));
  },
  async check(file) {
    const { checkFile } = await import('./check.ts');
    say(await checkFile(file, loadCatalogue));
    return EXIT.ok;
  },
  async schema() {
    const { schemaText } = await import('./check.ts');
    say(await schemaText(await loadCatalogue()));
    return EXIT.ok;
  },
  async printCapabilities() {
    const { capabilities } = await import('./capabilities.ts');
    say(JSON.stringify(capabilities(version(), await loadCatalogue()), null, 2));
    return EXIT.ok;
  },
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A refusal is printed as it is; what nobody foresaw, with its stack. */
function report(error: unknown): number {
  if (error instanceof CliError) {
    // A problem of a file starts with its place, as compilers print theirs.
    const bare = /^[^\n:]+:\d+:\d+: /.test(error.message);
    process.stderr.write(`${bare ? '' : 'fwctl-emu: '}${error.message}\n`);
    return error.status;
  }
  const foreseen = error instanceof Error && !BUGS.some((kind) => error instanceof kind);
  if (foreseen) process.stderr.write(`fwctl-emu: ${error.message}\n`);
  else
    process.stderr.write(
      `fwctl-emu: a bug of fwctl-emu, please report it: ${error instanceof Error ? error.stack : error}\n`,
    );
  return EXIT.failure;
}

/** Errors that nobody throws on purpose. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

async function main(): Promise<number> {
  // A reader that has seen enough (| head) is no error of ours.
  process.stdout.on('error', () => {});
  const output = {
    out: (text: string) => void process.stdout.write(text),
    error: (text: string) => void process.stderr.write(text),
  };
  try {
    const args = process.argv.slice(2);
    loadAhead(args);
    const { runProgram } = await import('./program.ts');
    return await runProgram(args, version(), verbs, output);
  } catch (error) {
    return report(error);
  }
}

// Timers of replies still held, and the sockets of a closed view, must not keep a finished program alive.
main().then((status) => process.exit(status));
