/** The command line: verbs, options, help. What a verb does is in `Verbs`; this file knows only how it is asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { nearestNames } from '../abi/nearest-name.ts';
import { ABI_PROFILES, DEFAULT_ABI } from '../abi/profiles.ts';
import { DEFAULT_DEV_DIR } from '../host/defaults.ts';
import { DEVICE_KEYS } from '../host/device-keys.ts';
import type { TraceFieldsOption } from '../host/trace-text.ts';
import { markBareTrace } from './bare-trace.ts';
import { EXIT } from './cli-error.ts';
import type { LogLevel, TransportChoice } from './parts.ts';

/** Options of both `run` and `serve`. */
export interface MachineOptions {
  readonly config?: string;
  readonly abi?: string;
  readonly device?: readonly string[];
  /** Undefined: no trace; empty: to stderr. */
  readonly trace?: string;
  readonly traceFields: TraceFieldsOption;
  readonly transport: TransportChoice;
  readonly logLevel?: LogLevel;
}

export interface RunVerbOptions extends MachineOptions {
  readonly mapCurrentUser?: boolean;
}

export interface ServeVerbOptions extends MachineOptions {
  readonly devDir?: string;
}

/** What each verb does; the result is the exit status. */
export interface Verbs {
  run(command: readonly string[], options: RunVerbOptions): Promise<number>;
  serve(options: ServeVerbOptions): Promise<number>;
  doctor(options: { readonly json?: boolean }): Promise<number>;
  check(file: string): Promise<number>;
  schema(): Promise<number>;
  printCapabilities(): Promise<number>;
}

export interface Output {
  out(text: string): void;
  error(text: string): void;
}

const TRACE_FIELDS: readonly TraceFieldsOption[] = ['none', 'changed', 'all'];
const LOG_LEVEL_NAMES: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const EXAMPLES = `
Examples:
  fwctl-emu run -- mlx5ctl fwctl0 info
  fwctl-emu run --trace --abi v2 -- sh
  sudo fwctl-emu serve --device connectx6dx,count=2,mode=0660,group=daemon
  fwctl-emu doctor`;

const RUN_HELP = `
The exit status is the command's own: 128 + n when signal n killed it, 127 when it was not found, 126 when it could
not be started. Nothing outside the view changes, and no root is needed where user namespaces and /dev/fuse are allowed.

Examples:
  fwctl-emu run -- mlx5ctl fwctl0 info
  fwctl-emu run --trace=rpc.log --device connectx6dx,pci=0000:03:00.0 -- ./my-tool --verbose
  fwctl-emu run -c lab.yaml --abi linux-6.15 -- make -C tests check`;

const SERVE_HELP = `
Runs in the foreground until SIGTERM, SIGINT or SIGHUP, and then leaves no mount, directory or process. It says READY=1 to
systemd (Type=notify). CUSE, where /dev/cuse opens, gives true character devices; a FUSE mount shows regular files.

Examples:
  sudo fwctl-emu serve
  sudo fwctl-emu serve -c /etc/fwctl-emu/lab.yaml --log-level debug
  fwctl-emu serve --transport fuse --dev-dir /tmp/fwctl`;

const DEVICE_HELP = `
A device SPEC is PROFILE[,KEY=VALUE]... or KEY=VALUE[,KEY=VALUE]..., the keys being those of the configuration file:
${Object.entries(DEVICE_KEYS)
  .map(([key, row]) => `  ${(key === 'set' ? 'set.NAME' : key).padEnd(9)} ${row.about}`)
  .join('\n')}
`;

/** Reads the arguments (without node and script) and does what they say; the exit status. Refusals of a verb are thrown. */
export async function runProgram(
  args: readonly string[],
  version: string,
  verbs: Verbs,
  output: Output,
): Promise<number> {
  let status: number = EXIT.ok;
  const done = async (result: Promise<number>) => {
    status = await result;
  };
  const program = buildProgram(version, verbs, output, done);
  try {
    await program.parseAsync(markBareTrace(args, valuedOptions(program)), { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof PrintCapabilities) return verbs.printCapabilities();
    // commander has written its message or the help; 0 for --help and --version, everything else is usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

/** Leaves the parser at `--print-capabilities`, as --version does. */
class PrintCapabilities extends Error {}

function buildProgram(
  version: string,
  verbs: Verbs,
  output: Output,
  done: (result: Promise<number>) => Promise<void>,
): Command {
  const program = new Command('fwctl-emu')
    .description("An emulator of Linux's fwctl devices, with an emulated mlx5 firmware behind them")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command')
    .enablePositionalOptions()
    .option('--print-capabilities', 'print what this build can do, as JSON')
    .addOption(logLevelOption())
    .addHelpText('after', EXAMPLES);
  program.on('option:print-capabilities', () => {
    throw new PrintCapabilities();
  });
  configure(program, output);
  const globalLevel = <T extends MachineOptions>(options: T): T => ({ ...program.opts(), ...options });

  machineOptions(verb(program, 'run', 'run one command in a private view of the emulated machine', output))
    .option(
      '--map-current-user',
      'rootless: keep the own user id in the view (otherwise the command sees itself as root)',
    )
    .argument('<COMMAND...>', 'the program and its arguments')
    .usage('[options] -- COMMAND [ARG...]')
    .passThroughOptions()
    .addHelpText('after', DEVICE_HELP + RUN_HELP)
    .action((command: string[], options: RunVerbOptions) => done(verbs.run(command, globalLevel(options))));

  machineOptions(verb(program, 'serve', 'serve the emulated devices to the whole machine', output))
    .option('--dev-dir <DIR>', `directory of the nodes; another than ${DEFAULT_DEV_DIR} is always a FUSE mount`)
    .addHelpText('after', DEVICE_HELP + SERVE_HELP)
    .action((options: ServeVerbOptions) => done(verbs.serve(globalLevel(options))));

  verb(program, 'doctor', 'test what this machine allows, and say what to do about the rest', output)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nThe exit status is 0 when "fwctl-emu run" can work for the present user, otherwise 1.')
    .action((options: { json?: boolean }) => done(verbs.doctor(options)));

  const check = verb(program, 'check', 'examine a configuration file', output)
    .argument('[FILE]', 'a configuration in YAML')
    .option('--schema', 'print the JSON Schema of a configuration instead')
    .usage('FILE | --schema')
    .addHelpText('after', '\nProblems are printed one a line, as FILE:LINE:COLUMN: MESSAGE; the exit status is then 1.')
    .action((file: string | undefined, options: { schema?: boolean }) => {
      if (options.schema && file !== undefined) check.error('error: check takes a FILE or --schema, not both');
      if (options.schema) return done(verbs.schema());
      if (file === undefined) return check.error("error: missing required argument 'FILE'");
      return done(verbs.check(file));
    });
  return program;
}

function verb(program: Command, name: string, about: string, output: Output): Command {
  const command = program.command(name).description(about).helpOption('-h, --help', 'print this help');
  configure(command, output);
  return command;
}

/** Help to stdout, errors to stderr in our form, and an exception instead of process.exit(). */
function configure(command: Command, output: Output): void {
  const asked = command.name() === 'fwctl-emu' ? 'fwctl-emu --help' : `fwctl-emu ${command.name()} --help`;
  command
    .exitOverride()
    .showHelpAfterError(`Try: ${asked}`)
    .configureHelp({ helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => output.out(text),
      writeErr: (text) => output.error(text),
      outputError: (text, write) => write(`fwctl-emu: ${text.replace(/^error: /, '')}`),
    });
}

function machineOptions(command: Command): Command {
  const abis = ABI_PROFILES.map((profile) => profile.name).join(', ');
  return command
    .option('-c, --config <FILE>', 'configuration in YAML')
    .option('--abi <NAME>', `the kernel that is emulated: ${abis}, latest (default: ${DEFAULT_ABI}, or the file's)`)
    .option('--device <SPEC>', "a device; may be given again (default: one connectx6dx, or the file's)", collect)
    .option('--trace [=FILE]', 'write each call, decoded, to stderr or to FILE (emptied first; JSON lines for *.jsonl)')
    .addOption(
      choice('--trace-fields <WHICH>', 'fields of replies below a line of the trace', TRACE_FIELDS).default('none'),
    )
    .addOption(choice('--transport <NAME>', 'how the nodes are made', ['auto', 'cuse', 'fuse']).default('auto'))
    .addOption(logLevelOption());
}

function logLevelOption(): Option {
  return choice('--log-level <LEVEL>', 'least important line that is logged to stderr', LOG_LEVEL_NAMES);
}

/** An option with fixed values, whose refusal names them and the nearest. */
function choice(flags: string, about: string, values: readonly string[]): Option {
  return new Option(flags, `${about}: ${values.join(', ')}`).argParser((value: string) => {
    if (values.includes(value)) return value;
    const [near] = nearestNames(value, values, 1);
    throw new InvalidArgumentError(
      `Allowed: ${values.join(', ')}.${near === undefined ? '' : `\n(Did you mean ${near}?)`}`,
    );
  });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** The flags that take the next word, of all verbs. */
function valuedOptions(program: Command): Set<string> {
  const options = [program, ...program.commands].flatMap((command) => command.options);
  const flags = options.filter((option) => option.required).flatMap((option) => [option.short, option.long]);
  return new Set(flags.filter((flag) => flag !== undefined && flag !== null));
}
