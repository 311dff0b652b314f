/** What all verbs' commands share: their form, the options that several have, and how values of options are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearestNames } from '../abi/nearest-name.ts';
import { ABI_PROFILES, DEFAULT_ABI } from '../abi/profiles.ts';
import type { Method, Values } from '../control/method.ts';
import type { KeyFacts } from '../host/config/device-keys.ts';
import type { TraceFieldsOption } from '../host/interceptors/trace/trace-text.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import type { LogFormat, LogLevel } from '../host/machine/log.ts';
import { LOCKDOWN_LEVELS, type LockdownLevel } from '../kernel/lockdown.ts';
import type { ServeTransport, TransportChoice } from '../serve/parts.ts';
import type { TopOptions } from './top.ts';

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
  /** Where the inspector listens, PORT or ADDRESS:PORT; empty: a free port; undefined: there is none. */
  readonly web?: string;
  /** False: --no-control. */
  readonly control: boolean;
  readonly transport: TransportChoice;
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
  /** Microseconds of looking for the next request before sleeping; undefined: none. */
  readonly spinUs?: number;
  readonly fault?: readonly string[];
  /** A file for every exchange, and the names of fields that it is not to have. */
  readonly record?: string;
  readonly mask?: readonly string[];
  /** A recording that answers; in any order with `match`. */
  readonly replay?: string;
  readonly match?: boolean;
  /** Devices are for guests: no option of a command line. */
  readonly forGuest?: boolean;
}

export interface RunVerbOptions extends MachineOptions {
  readonly mapCurrentUser?: boolean;
  readonly verifyDescriptors?: boolean;
  /** What was called, in the end, to stderr or to the file. */
  readonly summary?: boolean;
  readonly output?: string;
  /** A file for what happened, to look at. */
  readonly report?: string;
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
  readonly report?: string;
  readonly only?: readonly string[];
  /** Names of calls that may fail without a word. */
  readonly optional?: readonly string[];
  readonly verbose?: boolean;
  readonly config?: string;
  readonly abi?: string;
  readonly device?: readonly string[];
}

export interface ServeVerbOptions extends MachineOptions {
  readonly transport: ServeTransport;
  readonly devDir?: string;
  readonly controlSocket?: string;
  readonly controlMode?: string;
  readonly controlOwner?: string;
  readonly controlGroup?: string;
}

export interface PciVerbOptions extends ServeVerbOptions {
  readonly socket: string;
}

/** Options of `scopes`. */
export interface ScopesOptions {
  /** A driver of fwctl; undefined: each that the kernel has. */
  readonly driver?: string;
  readonly abi?: string;
  readonly json?: boolean;
}

/** Options of `syndromes`. */
export interface SyndromesOptions {
  readonly driver?: string;
  readonly json?: boolean;
}

export interface ControlCallOptions {
  /** --json: print the answer as it is. */
  readonly json: boolean;
  readonly socket: string | undefined;
}

export type ControlCall = (method: Method, values: Values, options: ControlCallOptions) => Promise<number>;

/** What each verb does; the result is the exit status. */
export interface Verbs {
  /** The keys of a device, for help. */
  deviceKeys(): Promise<Readonly<Record<string, KeyFacts>>>;
  drivers(): Promise<readonly DriverRow[]>;
  run(command: readonly string[], options: RunVerbOptions): Promise<number>;
  serve(options: ServeVerbOptions): Promise<number>;
  pci(options: PciVerbOptions): Promise<number>;
  record(command: readonly string[], options: RecordVerbOptions): Promise<number>;
  sweep(command: readonly string[], options: SweepVerbOptions): Promise<number>;
  sweepMerge(
    files: readonly string[],
    options: { readonly json?: string; readonly junit?: string; readonly report?: string },
  ): Promise<number>;
  /** A file of the trace as a page to look at. */
  traceReport(file: string, report: string): Promise<number>;
  doctor(options: { readonly json?: boolean }): Promise<number>;
  check(file: string): Promise<number>;
  schema(): Promise<number>;
  scopes(options: ScopesOptions): Promise<number>;
  /** `code`: undefined for all of them. */
  syndromes(code: string | undefined, options: SyndromesOptions): Promise<number>;
  printCapabilities(): Promise<number>;
  /** Verbs of the control socket from standard input; `socket`: of all that name none. */
  ctl(options: { readonly socket?: string }): Promise<number>;
  top(options: TopOptions): Promise<number>;
  /** A verb of the control socket. */
  readonly control: ControlCall;
  openapi(): Promise<number>;
}

/** Takes the result of a verb over as the exit status. */
export type Done = (result: Promise<number>) => Promise<void>;

export interface Output {
  out(text: string): void;
  error(text: string): void;
}

const TRACE_FIELDS: readonly TraceFieldsOption[] = ['none', 'changed', 'all'];
const LOG_FORMATS: readonly LogFormat[] = ['text', 'json'];
const LOG_LEVEL_NAMES: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function verb(parent: Command, name: string, about: string, output: Output): Command {
  const command = parent.command(name).description(about).helpOption('-h, --help', 'print this help');
  configure(command, output);
  return command;
}

/** Help to stdout, errors to stderr in our form, and an exception instead of process.exit(). */
export function configure(command: Command, output: Output): void {
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
  const transports = ['auto', 'cuse', 'fuse', ...(command.name() === 'serve' ? [] : ['seccomp'])];
  const abis = ABI_PROFILES.map((profile) => profile.name).join(', ');
  command
    .option('-c, --config <FILE>', 'configuration in YAML')
    .option('--abi <NAME>', `the kernel that is emulated: ${abis}, latest (default: ${DEFAULT_ABI}, or the file's)`)
    .addOption(
      choice(
        '--lockdown <LEVEL>',
        "kernel lockdown, which caps the scope of RPCs (default: none, or the file's)",
        LOCKDOWN_LEVELS,
      ),
    )
    .option('--taint-host', 'taint the real kernel when the emulated one is (needs root; lasts until the next boot)');
  return tracedOptions(command)
    .option('--web [=PORT]', 'an inspector for a browser on 127.0.0.1, at PORT, ADDRESS:PORT or a free port')
    .addOption(choice('--transport <NAME>', 'how the nodes are made', transports).default('auto'))
    .option('--spin-us <N>', 'look for the next call for N microseconds before sleeping: sooner, for CPU time', spinUs)
    .addOption(logLevelOption())
    .addOption(logFormatOption());
}

/** What is traced, and what fails. */
function tracedOptions(command: Command): Command {
  return command
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
    .option('--no-control', 'without a control socket');
}

/** Options of `pci`: the kernel is the guest's. */
export function guestOptions(command: Command): Command {
  command
    .option('--device <SPEC>', "a device; may be given again (default: one connectx6dx, or the file's)", collect)
    .option('--state <DIR>', 'keep in DIR what a device keeps over a power cycle, a file a device (default: nowhere)')
    .option('--record <FILE>', 'record every command of the guest, as JSON lines')
    .option('-c, --config <FILE>', 'configuration in YAML');
  return tracedOptions(command).addOption(logLevelOption()).addOption(logFormatOption());
}

/** The options of machineOptions, and those that say which devices there are and whether they are recorded. */
export function deviceOptions(command: Command): Command {
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

export function logLevelOption(): Option {
  return choice('--log-level <LEVEL>', 'least important line that is logged to stderr', LOG_LEVEL_NAMES);
}

export function logFormatOption(): Option {
  const about = 'how the log and what is refused are written, text unless told';
  return choice('--log-format <FORMAT>', about, LOG_FORMATS);
}

/** An option with fixed values, whose refusal names them and the nearest. */
export function choice(flags: string, about: string, values: readonly string[]): Option {
  return new Option(flags, `${about}: ${values.join(', ')}`).argParser((value: string) => {
    if (values.includes(value)) return value;
    const [near] = nearestNames(value, values, 1);
    throw new InvalidArgumentError(
      `Allowed: ${values.join(', ')}.${near === undefined ? '' : `\n(Did you mean ${near}?)`}`,
    );
  });
}

export function octal(text: string): string {
  if (/^0?[0-7]{3}$/.test(text)) return text;
  throw new InvalidArgumentError('Three octal digits, e.g. 0660.');
}

export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
