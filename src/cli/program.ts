/** The command line: verbs, options, help. What a verb does is in `Verbs`; this file knows only how it is asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_SOCKET } from '../control/protocol.ts';
import { EXIT } from '../host/config/cli-error.ts';
import { DEFAULT_DEV_DIR } from '../host/config/defaults.ts';
import type { KeyFacts } from '../host/config/device-keys.ts';
import { markBareTrace } from './bare-trace.ts';
import {
  configure,
  type Done,
  deviceOptions,
  guestOptions,
  logLevelOption,
  type Output,
  octal,
  type PciVerbOptions,
  type RunVerbOptions,
  type ScopesOptions,
  type ServeVerbOptions,
  type SyndromesOptions,
  type Verbs,
  verb,
} from './command.ts';
import { faultVerbs } from './fault-verbs.ts';
import { helpArguments } from './help-arguments.ts';
import { addProfileVerbs } from './profile/profile.ts';
import { isRecordVerb, refusalStatus } from './refusal-status.ts';
import type { TopOptions } from './top.ts';

const EXAMPLES = `
Examples:
  fwctl-emu run -- mlx5ctl fwctl0 info
  fwctl-emu run --trace --abi v2 -- sh
  fwctl-emu run --abi v2,linux-6.15,linux-7.3 -- mlx5ctl fwctl0 reg
  sudo fwctl-emu serve --device connectx6dx,count=2,mode=0660,group=daemon
  fwctl-emu doctor`;

const RUN_HELP = `
The exit status is the command's own: 128 + n when signal n killed it. As of env(1), 127 says that it was not found, 126
that it could not be started, 125 that fwctl-emu itself failed. The command has all that it would have without this: open
descriptors, limits, ignored and blocked signals, environment, terminal. Nothing outside the view changes, and no root is needed where user namespaces and /dev/fuse are allowed.
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

const PCI_HELP = `
Runs in the foreground until SIGTERM, SIGINT or SIGHUP. QEMU 10.1 or later connects, whose memory must be shared:
  -object memory-backend-memfd,id=m0,size=1G,share=on -numa node,memdev=m0
  -device '{"driver":"vfio-user-pci","socket":{"path":"PATH","type":"unix"}}'
The guest's own mlx5_core brings the device up. "unplug" pulls the function out, "set DEVICE health.synd 1" makes it ill.

Examples:
  fwctl-emu pci --socket /tmp/cx6 --trace
  fwctl-emu pci --socket /tmp/cx --device connectx6dx --device connectx7
  fwctl-emu set fwctl0 health.rfr 1 --socket /tmp/cx6.control`;

const SCOPES_HELP = `
Of cxl and pds the device says which features and operations there are; their rows are the driver's rules for these.

Examples:
  fwctl-emu scopes --driver bnxt
  fwctl-emu scopes --abi v2 --json`;

const CTL_HELP = `
In one process, which is ten times as fast as a process a verb. Words are divided as by a shell, "#" begins a comment. The first line
that fails is named, and ends it with its exit status. "trace" and "record" are verbs of their own.

Example:
  fwctl-emu ctl <<'END'
  fault add rpc:opcode=QUERY_HCA_CAP:error=EIO:count=1
  set fwctl0 registers.MTMP.temperature 800
  END`;

const TOP_HELP = `
Keys: q quits, / filters (Escape shows all again), r lets go what faults hold, space pauses. The times are the emulator's own part of a call;
SLOWEST is the upper end of the slowest call's bucket since the frame before. Without a terminal the frames are plain text.

Examples:
  fwctl-emu top
  fwctl-emu top --interval 0.2 --count 2`;

const SYNDROMES_HELP = `
A traced call says the same with the values of its own request (run --trace, run --summary).

Examples:
  fwctl-emu syndromes 0xe00301
  fwctl-emu syndromes REPLY_TOO_SHORT
  fwctl-emu syndromes --driver bnxt --json`;

const deviceHelp = (keys: Readonly<Record<string, KeyFacts>>) => `
A device SPEC is PROFILE[,KEY=VALUE]... or KEY=VALUE[,KEY=VALUE]..., the keys being those of the configuration file:
${Object.entries(keys)
  .map(([key, row]) => `  ${(key === 'set' || key === 'live' ? `${key}.NAME` : key).padEnd(11)} ${row.about}`)
  .join('\n')}
`;

/** Reads the arguments (without node and script) and does what they say; the exit status. Throws a verb's refusal. */
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
  // Only help tells them, and they are with the drivers.
  const keys = args.some((arg) => HELP.has(arg)) ? await verbs.deviceKeys() : {};
  const program = buildProgram(version, verbs, output, done, keys);
  const own = valuedOptions(program.options);
  const at = args.findIndex((arg, i) => !arg.startsWith('-') && !own.has(args[i - 1] ?? ''));
  // What `run` does not need is not loaded for it.
  if (!OWN_VERBS.has(args[at] ?? '') || (args[at] === 'record' && isRecordVerb(args[at + 1])))
    await addRunningVerbs(program, verbs, output, done);
  try {
    const valued = valuedOptions([program, ...program.commands].flatMap(({ options }) => options));
    await program.parseAsync(markBareTrace(helpArguments(program, args, at), valued), { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof PrintCapabilities) return verbs.printCapabilities();
    // commander has written its message or the help; 0 for --help and --version, everything else is usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : refusalStatus(args, EXIT.usage);
    throw error;
  }
}

/** Words of a command line that may ask for help. */
const HELP: ReadonlySet<string> = new Set(['-h', '--help', 'help']);

/** Leaves the parser at `--print-capabilities`, as --version does. */
class PrintCapabilities extends Error {}

/** Verbs that need no emulator that runs; the others are the control socket's. */
const OWN_VERBS: ReadonlySet<string> = new Set([
  'run',
  'serve',
  'pci',
  'record',
  'sweep',
  'doctor',
  'check',
  'scopes',
  'syndromes',
  'profile',
]);

/** The verbs for an emulator that runs, from the table of its methods. */
export async function addRunningVerbs(
  program: Command,
  verbs: Pick<Verbs, 'control' | 'openapi' | 'ctl' | 'traceReport' | 'top'>,
  output: Output,
  done: Done,
): Promise<void> {
  const { addControlVerbs } = await import('./control-verbs.ts');
  program.commandsGroup('Of an emulator that runs (inside "run", or beside "serve"):');
  addControlVerbs(program, { call: verbs.control, traceReport: verbs.traceReport, output, done });
  verb(program, 'top', 'watch devices, calls a second, refusals and what is held, live in the terminal', output)
    .addOption(new Option('--interval <SECONDS>', 'between two frames').argParser(interval).default(1))
    .addOption(new Option('--count <N>', 'end after so many frames').argParser(frames))
    .option('--filter <TEXT>', 'only rows that have it in their device, command or outcome')
    .option('--socket <PATH>', "the emulator's socket")
    .addHelpText('after', TOP_HELP)
    .action((options: TopOptions) => done(verbs.top(options)));
  verb(program, 'ctl', 'carry out verbs of this list, one a line of standard input', output)
    .option('--socket <PATH>', "the emulator's socket, for lines that name none")
    .addHelpText('after', CTL_HELP)
    .action((options: { socket?: string }) => done(verbs.ctl(options)));
  const openapi = verb(program, 'openapi', 'print the OpenAPI document of the control socket', output);
  openapi.action(() => done(verbs.openapi()));
}

export function buildProgram(
  version: string,
  verbs: Verbs,
  output: Output,
  done: Done,
  keys: Readonly<Record<string, KeyFacts>>,
): Command {
  const program = new Command('fwctl-emu')
    .description(
      "An emulator of Linux's fwctl devices (mlx5, bnxt, cxl, pds, nova-core), with emulated firmware behind them, and of /dev/iommu",
    )
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
    .option(
      '--verify-descriptors',
      'over seccomp: look at the descriptor of every ioctl (otherwise not within 50 us of its last)',
    )
    .argument('<COMMAND...>', 'the program and its arguments')
    .usage('[options] -- COMMAND [ARG...]')
    .option('--summary', 'say in the end what was called, and what was refused and why, to stderr')
    .option('-o, --output <FILE>', 'write the summary to FILE instead (JSON for *.json)')
    .option('--report <FILE>', 'write what happened to FILE in the end, as one HTML page to look at')
    .passThroughOptions()
    .addHelpText('after', deviceHelp(keys) + RUN_HELP)
    .action((command: string[], options: RunVerbOptions) => done(verbs.run(command, globalLevel(options))));

  deviceOptions(verb(program, 'serve', 'serve the emulated devices to the whole machine', output))
    .option('--dev-dir <DIR>', `directory of the nodes; another than ${DEFAULT_DEV_DIR} is always a FUSE mount`)
    .option('--control-socket <PATH>', `the control socket (default: systemd's, or ${DEFAULT_SOCKET})`)
    .addOption(new Option('--control-mode <MODE>', 'its permission bits, octal (default: 0660)').argParser(octal))
    .option('--control-owner <USER>', 'its owner (default: who runs this)')
    .option('--control-group <GROUP>', 'its group, whose members may use it (default: of who runs this)')
    .addHelpText('after', deviceHelp(keys) + SERVE_HELP)
    .action((options: ServeVerbOptions) => done(verbs.serve(globalLevel(options))));

  guestOptions(verb(program, 'pci', 'put the emulated devices into virtual machines, as PCI functions', output))
    .requiredOption('--socket <PATH>', 'the vfio-user socket of the first device; others get PATH.1, PATH.2, ...')
    .option('--control-socket <PATH>', 'the control socket (default: PATH.control)')
    .addHelpText('after', deviceHelp(keys) + PCI_HELP)
    .action((options: PciVerbOptions) => done(verbs.pci(globalLevel(options))));

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
  verb(program, 'scopes', 'print which command passes in which scope', output)
    .option('--driver <NAME>', 'of this driver only (default: every one that the kernel has)')
    .option('--abi <NAME>', 'the kernel whose drivers they are, as for run')
    .option('--json', 'print JSON')
    .addHelpText('after', SCOPES_HELP)
    .action((options: ScopesOptions) => done(verbs.scopes(options)));
  verb(program, 'syndromes', "print what a firmware's refusals mean", output)
    .argument('[CODE]', 'one of them, by its number or name')
    .option('--driver <NAME>', 'of this driver only')
    .option('--json', 'print JSON')
    .addHelpText('after', SYNDROMES_HELP)
    .action((code: string | undefined, options: SyndromesOptions) => done(verbs.syndromes(code, options)));
  addProfileVerbs(program, {
    verb: (parent, name, about) => verb(parent, name, about, output),
    done,
    out: (text) => output.out(text),
    drivers: () => verbs.drivers(),
  });
  return program;
}

function interval(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 3600)) throw new InvalidArgumentError('Write a number of seconds from 0.1 to 3600.');
  return value;
}

function frames(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

/** The flags that take the next word. */
function valuedOptions(options: readonly Option[]): Set<string> {
  const flags = options.filter((option) => option.required).flatMap((option) => [option.short, option.long]);
  return new Set(flags.filter((flag) => flag !== undefined && flag !== null));
}
