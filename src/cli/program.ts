/** The command line: verbs, options, help. What a verb does is in `Verbs`; this file knows only how it is asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { nearestNames } from '../abi/nearest-name.ts';
import { ABI_PROFILES, DEFAULT_ABI } from '../abi/profiles.ts';
import { DEFAULT_SOCKET } from '../control/protocol.ts';
import { DEFAULT_DEV_DIR } from '../host/config/defaults.ts';
import { DEVICE_KEYS } from '../host/config/device-keys.ts';
import type { TraceFieldsOption } from '../host/interceptors/trace/trace-text.ts';
import { LOCKDOWN_LEVELS, type LockdownLevel } from '../kernel/lockdown.ts';
import { markBareTrace } from './bare-trace.ts';
import { EXIT } from '../emulator/cli-error.ts';
import type { ControlCall } from './control-verbs.ts';
import { faultVerbs } from './fault-verbs.ts';
import { helpArguments } from './help-arguments.ts';
import type { LogLevel, TransportChoice } from './parts.ts';
import { addProfileVerbs } from './profile/profile.ts';

/** Options of both `run` and `serve`. */
export interface MachineOptions {
  /** Directory in which non-volatile firmware state is kept. */
  readonly state?: string;
  readonly config?: string;
  readonly abi?: string;
  readonly lockdown?: LockdownLevel;
  /** Taint the real kernel too. */
  readonly taintHost?: boolean;
  readonly device?: readonly string[];
  /** Undefined: no trace; empty: to stderr. */
  readonly trace?: string;
  readonly traceFields: TraceFieldsOption;
  readonly traceFilter?: string;
  readonly traceHex?: boolean;
  /** False: --no-control. */
  readonly control: boolean;
  readonly transport: TransportChoice;
  readonly logLevel?: LogLevel;
  /** Microseconds of looking for the next request before sleeping; undefined: none. */
  readonly spinUs?: number;
  readonly fault?: readonly string[];
  /** A file for every exchange, and the names of fields that it is not to have. */
  readonly record?: string;
  readonly mask?: readonly string[];
  /** A recording that answers; in any order with `match`. */
  readonly replay?: string;
  readonly match?: boolean;
}

export interface RunVerbOptions extends MachineOptions {
  readonly mapCurrentUser?: boolean;
}

export interface RecordVerbOptions extends RunVerbOptions {
  readonly record: string;
  /** Directory of the nodes. */
  readonly from: string;
}

/** Options of the runs that a sweep makes, and of its reports. */
export interface SweepVerbOptions {
  readonly timeout: number;
  /** Part `index`, from 1, of `count`. */
  readonly shard: { readonly index: number; readonly count: number };
  readonly jobs: number;
  readonly json?: string;
  readonly junit?: string;
  readonly only?: readonly string[];
  /** Names of calls that may fail without a word. */
  readonly optional?: readonly string[];
  readonly verbose?: boolean;
  readonly config?: string;
  readonly abi?: string;
  readonly device?: readonly string[];
}

export interface ServeVerbOptions extends MachineOptions {
  readonly devDir?: string;
  readonly controlSocket?: string;
  readonly controlMode?: string;
  readonly controlOwner?: string;
  readonly controlGroup?: string;
}

/** What each verb does; the result is the exit status. */
export interface Verbs {
  run(command: readonly string[], options: RunVerbOptions): Promise<number>;
  serve(options: ServeVerbOptions): Promise<number>;
  record(command: readonly string[], options: RecordVerbOptions): Promise<number>;
  sweep(command: readonly string[], options: SweepVerbOptions): Promise<number>;
  sweepMerge(files: readonly string[], options: { readonly json?: string; readonly junit?: string }): Promise<number>;
  doctor(options: { readonly json?: boolean }): Promise<number>;
  check(file: string): Promise<number>;
  schema(): Promise<number>;
  printCapabilities(): Promise<number>;
  /** A verb of the control socket. */
  readonly control: ControlCall;
  openapi(): Promise<number>;
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
  fwctl-emu run --abi v2,linux-6.15,linux-7.3 -- mlx5ctl fwctl0 reg
  sudo fwctl-emu serve --device connectx6dx,count=2,mode=0660,group=daemon
  fwctl-emu doctor`;

const RUN_HELP = `
The exit status is the command's own: 128 + n when signal n killed it, 127 when it was not found, 126 when it could
not be started. Nothing outside the view changes, and no root is needed where user namespaces and /dev/fuse are allowed.
Several names of --abi, divided by commas: the command is run once for each, and what differed is said, call by call.

Examples:
  fwctl-emu run -- mlx5ctl fwctl0 info
  fwctl-emu run --trace=rpc.log --device connectx6dx,pci=0000:03:00.0 -- ./my-tool --verbose
  fwctl-emu run -c lab.yaml --abi linux-6.15 -- make -C tests check
  fwctl-emu run --abi v2,linux-6.15,linux-7.3 -- mlx5ctl fwctl0 reg --id=NODE_DESC`;

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
  const own = valuedOptions(program.options);
  const at = args.findIndex((arg, i) => !arg.startsWith('-') && !own.has(args[i - 1] ?? ''));
  // What `run` does not need is not loaded for it.
  if (!OWN_VERBS.has(args[at] ?? '') || asksRunning(args[at], args[at + 1]))
    await addRunningVerbs(program, verbs, output, done);
  try {
    const valued = valuedOptions([program, ...program.commands].flatMap(({ options }) => options));
    await program.parseAsync(markBareTrace(helpArguments(program, args, at), valued), { from: 'user' });
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

/** Verbs that need no emulator that runs; the others are the control socket's. */
const OWN_VERBS: ReadonlySet<string> = new Set(['run', 'serve', 'record', 'sweep', 'doctor', 'check', 'profile']);

/** `record start` and so on are an emulator's; `record -o FILE -- COMMAND` is not, whatever the command is called. */
function asksRunning(verb: string | undefined, next: string | undefined): boolean {
  return verb === 'record' && /^(start|stop|status|-h|--help)$/.test(next ?? '');
}

/** The verbs for an emulator that runs, from the table of its methods. */
export async function addRunningVerbs(
  program: Command,
  verbs: Pick<Verbs, 'control' | 'openapi'>,
  output: Output,
  done: (result: Promise<number>) => Promise<void>,
): Promise<void> {
  const { addControlVerbs } = await import('./control-verbs.ts');
  program.commandsGroup('Of an emulator that runs (inside "run", or beside "serve"):');
  addControlVerbs(program, {
    verb: (parent, name, about) => verb(parent, name, about, output),
    choice,
    call: verbs.control,
    done,
  });
  verb(program, 'openapi', 'print the OpenAPI document of the control socket', output).action(() =>
    done(verbs.openapi()),
  );
}

export function buildProgram(
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
  program.commandsGroup('Commands:');
  const globalLevel = <T extends object>(options: T): T => ({ ...program.opts(), ...options });

  deviceOptions(verb(program, 'run', 'run one command in a private view of the emulated machine', output))
    .option(
      '--map-current-user',
      'rootless: keep the own user id in the view (otherwise the command sees itself as root)',
    )
    .argument('<COMMAND...>', 'the program and its arguments')
    .usage('[options] -- COMMAND [ARG...]')
    .passThroughOptions()
    .addHelpText('after', DEVICE_HELP + RUN_HELP)
    .action((command: string[], options: RunVerbOptions) => done(verbs.run(command, globalLevel(options))));

  deviceOptions(verb(program, 'serve', 'serve the emulated devices to the whole machine', output))
    .option('--dev-dir <DIR>', `directory of the nodes; another than ${DEFAULT_DEV_DIR} is always a FUSE mount`)
    .option('--control-socket <PATH>', `the control socket (default: systemd's, or ${DEFAULT_SOCKET})`)
    .addOption(new Option('--control-mode <MODE>', 'its permission bits, octal (default: 0660)').argParser(octal))
    .option('--control-owner <USER>', 'its owner (default: who runs this)')
    .option('--control-group <GROUP>', 'its group, whose members may use it (default: of who runs this)')
    .addHelpText('after', DEVICE_HELP + SERVE_HELP)
    .action((options: ServeVerbOptions) => done(verbs.serve(globalLevel(options))));

  faultVerbs(program, verbs, output, done, globalLevel);

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
  addProfileVerbs(program, {
    verb: (parent, name, about) => verb(parent, name, about, output),
    done,
    out: (text) => output.out(text),
  });
  return program;
}

export function verb(parent: Command, name: string, about: string, output: Output): Command {
  const command = parent.command(name).description(about).helpOption('-h, --help', 'print this help');
  configure(command, output);
  return command;
}

/** Help to stdout, errors to stderr in our form, and an exception instead of process.exit(). */
function configure(command: Command, output: Output): void {
  const asked = `${fullName(command)} --help`;
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

/** `fwctl-emu taint clear`. */
function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** Options of `run`, `serve` and `record`. */
export function machineOptions(command: Command): Command {
  const abis = ABI_PROFILES.map((profile) => profile.name).join(', ');
  return command
    .option('-c, --config <FILE>', 'configuration in YAML')
    .option('--abi <NAME>', `the kernel that is emulated: ${abis}, latest (default: ${DEFAULT_ABI}, or the file's)`)
    .addOption(
      choice(
        '--lockdown <LEVEL>',
        "kernel lockdown, which caps the scope of RPCs (default: none, or the file's)",
        LOCKDOWN_LEVELS,
      ),
    )
    .option('--taint-host', 'taint the real kernel when the emulated one is (needs root; lasts until the next boot)')
    .option(
      '--trace [=FILE]',
      'write each call, decoded, to stderr or to FILE (emptied first; JSON lines for *.jsonl, packets for *.pcapng)',
    )
    .addOption(
      choice('--trace-fields <WHICH>', 'fields of replies below a line of the trace', TRACE_FIELDS).default('none'),
    )
    .option('--fault <SPEC>', 'a fault, e.g. rpc:opcode=NOP:error=EIO:when=3; may be given again', collect)
    .option('--mask <FIELD>', 'a field that the recording is not to have; may be given again', collect)
    .option(
      '--trace-filter <FILTER>',
      'only the calls that fit, e.g. command=ACCESS_REG,outcome!=ok (see "fwctl-emu trace --help")',
    )
    .option('--trace-hex', "the payloads' bytes as well")
    .option('--no-control', 'without a control socket')
    .addOption(choice('--transport <NAME>', 'how the nodes are made', ['auto', 'cuse', 'fuse']).default('auto'))
    .option('--spin-us <N>', 'look for the next call for N microseconds before sleeping: sooner, for CPU time', spinUs)
    .addOption(logLevelOption());
}

/** The options of machineOptions, and those that say which devices there are and whether they are recorded. */
function deviceOptions(command: Command): Command {
  command
    .option('--device <SPEC>', "a device; may be given again (default: one connectx6dx, or the file's)", collect)
    .option('--state <DIR>', 'keep in DIR what a device keeps over a power cycle, a file a device (default: nowhere)')
    .option('--record <FILE>', 'record every exchange with the devices, as JSON lines')
    .option('--replay <FILE>', 'answer from a recording, strictly in its order')
    .option('--match', 'with --replay: answer each request by one that was recorded, in any order');
  return machineOptions(command);
}

const MOST_SPIN_US = 1000;

function spinUs(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= MOST_SPIN_US) return Number(text);
  throw new InvalidArgumentError(`It is a whole number of microseconds from 0 to ${MOST_SPIN_US}.`);
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

function octal(text: string): string {
  if (/^0?[0-7]{3}$/.test(text)) return text;
  throw new InvalidArgumentError('Three octal digits, e.g. 0660.');
}

export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** The flags that take the next word. */
function valuedOptions(options: readonly Option[]): Set<string> {
  const flags = options.filter((option) => option.required).flatMap((option) => [option.short, option.long]);
  return new Set(flags.filter((flag) => flag !== undefined && flag !== null));
}
