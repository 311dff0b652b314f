/**
 * What each verb does. Its modules are loaded when it is asked for, those of `run` and `serve` beside the parser of the
 * command line: most of a start is spent in loading, and one graph loads faster than its parts in turn.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { SOCKET_VARIABLE } from '../control/protocol.ts';
import type { Machine } from '../emulator/machine.ts';
import type { PassedDevices } from '../emulator/passed-devices.ts';
import type { Settings } from '../emulator/settings.ts';
import { exitPastThreads, writeWholeOutput } from '../emulator/standard-output.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { plainText } from '../host/config/plain-text.ts';
import type { TraceListener } from '../host/interceptors/trace/trace-event.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import type { Log } from '../host/machine/log.ts';
import { freeHeldAtSignals } from '../serve/signals.ts';
import type { WaitingChild } from '../view/waiting-child.ts';
import type { MachineOptions, RunVerbOptions, Verbs } from './command.ts';
import type { ControlParts } from './control-socket.ts';
import { openWeb } from './open-web.ts';
import { ownSurroundings } from './own-surroundings.ts';
import type { ViewRequest } from './parts.ts';
import { terminalProgress } from './progress.ts';
import { refusalStatus } from './refusal-status.ts';
import { report, reportForm, reportUsage } from './report.ts';

/** The drivers that devices can have; loaded where devices are. */
export type LoadDrivers = () => Promise<readonly DriverRow[]>;

/** package.json stands three directories above dist/src/cli. */
function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Above it, memory for each further device counts. */
const MANY_DEVICES = 256;

/** V8's nursery grows to 48 MiB while thousands of devices are made, which serving them does not need, and stays. */
function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** How the work ended. */
interface End {
  /** A signal asked for it: whoever sent it does not wait for ever. */
  asked: boolean;
}

/** How long a reader of the trace may then take nothing, ms. */
const PATIENCE_MS = 5000;

/** What `run` and `serve` have in common: the settings, the host, the log; the trace ends with the work. */
async function withMachine(
  drivers: LoadDrivers,
  options: MachineOptions & Pick<RunVerbOptions, 'report'>,
  quiet: 'warn' | 'info',
  work: (machine: Machine, settings: Settings, log: Log, end: End) => Promise<number>,
  passed?: PassedDevices,
): Promise<number> {
  const [{ createLog }, { logOutput }, { loadSettings }] = await Promise.all([
    import('../host/machine/log.ts'),
    import('../emulator/log-output.ts'),
    import('../emulator/settings.ts'),
  ]);
  const output = logOutput();
  const log = createLog(options.logLevel ?? quiet, output, options.logFormat ?? 'text');
  if (options.mask !== undefined && options.record === undefined)
    throw new CliError('--mask is for a recording: give --record FILE too', EXIT.usage);
  if (options.match === true && options.replay === undefined)
    throw new CliError('--match is for a replay: give --replay FILE too', EXIT.usage);
  const settings = await loadSettings(options, drivers);
  if (settings.devices.length > MANY_DEVICES) keepNurserySmall();
  if (options.spinUs !== undefined) (await import('../transport/native.ts')).loadNative().setSpin(options.spinUs);
  const { createMachine, startRecording } = await import('../emulator/machine.ts');
  const rows = await drivers();
  const { trace: path, traceFields: fields, traceHex: hex = false, traceFilter: filter } = options;
  const trace = { path, fields, hex, filter };
  const { makeBetween } = await import('../emulator/between.ts');
  const between = await makeBetween(settings, options, rows, passed);
  const behind = { instead: between.instead, forGuest: options.forGuest === true };
  const keepHistory = options.web !== undefined || options.report !== undefined;
  const parts = { drivers: rows, trace, keepHistory, stateDirectory: options.state, ...behind, log };
  const machine = await createMachine(settings, parts);
  if (options.taintHost) (await import('../emulator/taint-host.ts')).taintHost(machine.host, log);
  const end = { asked: false };
  let status: number = EXIT.ok;
  let whole = true;
  try {
    if (options.record !== undefined) await startRecording(machine, options.record, options.mask ?? []);
    status = between.status(await work(machine, { ...settings, devices: between.devices }, log, end));
  } finally {
    whole = await machine.close(end.asked ? PATIENCE_MS : undefined);
    log.end();
    await output.close(PATIENCE_MS);
  }
  if (status !== EXIT.ok || whole) return status;
  return quiet === 'warn' ? EXIT.noRun : EXIT.failure; // of `run` it would look like the command's own
}

/** What one run of a command is given beside its options. */
interface RunExtras extends Pick<ViewRequest, 'waiting' | 'another'> {
  readonly passed?: PassedDevices;
  readonly listener?: TraceListener;
}

/** `run`, and `record` with the devices that it stands before. */
async function runIt(
  drivers: LoadDrivers,
  command: readonly string[],
  options: RunVerbOptions,
  { passed, listener, ...children }: RunExtras,
): Promise<number> {
  // The modes of the command's terminal, and O_NONBLOCK, stay as it leaves them: Node would put back what it found.
  exitPastThreads();
  process.once('uncaughtException', (error) => {
    report(error, 'text');
    process.exit(EXIT.noRun);
  });
  const { runCommand } = await import('./run.ts');
  const { findCommand } = await import('./find-command.ts');
  findCommand(command[0] ?? '', process.env.PATH, options.trace === '' ? command : []);
  const work = async (machine: Machine, settings: Settings, log: Log, end: End) => {
    const { host, faults } = machine;
    if (listener !== undefined) await machine.trace.subscribe({ listener, detail: 'keys' });
    const [{ runParts }, { openRunControl }] = await Promise.all([
      import('./run-parts.ts'),
      import('./control-socket.ts'),
    ]);
    plugMany(settings, host);
    const summed = options.summary === true || options.output !== undefined;
    const endSummary = summed
      ? await (await import('./run-summary.ts')).startSummary(options, machine, complain)
      : undefined;
    const { transport, mapCurrentUser = false, verifyDescriptors = false } = options;
    const parts = controlParts(machine, settings, log);
    const control = await openRunControl(options, parts);
    const web = await openWeb(options.web, { verb: 'run', command, parts, say: complain });
    const stopFreeing = freeHeldAtSignals(() => {
      end.asked = true;
      if (faults.holdNothing()) log.info('a signal: the faults so far hold nothing back any more');
    });
    try {
      const variables: Record<string, string> = control?.path === undefined ? {} : { [SOCKET_VARIABLE]: control.path };
      const request = { command, transport, mapCurrentUser, verifyDescriptors, variables, ...children };
      const status = await runCommand(request, runParts(host, log));
      endSummary?.(status);
      if (options.report !== undefined)
        await (await import('./run-report.ts')).writeRunReport(options.report, command, status, parts);
      await web?.ended(status);
      if (status !== 0 && endSummary === undefined && options.trace === undefined && process.stderr.isTTY) {
        const hint = await (await import('./run-summary.ts')).refusedHint(machine);
        if (hint !== undefined) complain(`fwctl-emu: ${hint}`);
      }
      return status;
    } finally {
      stopFreeing();
      await web?.finish();
      await control?.finish();
    }
  };
  return withMachine(drivers, options, 'warn', work, passed);
}

/** Of thousands somebody may want to see that they come. */
function plugMany({ devices }: Settings, host: Machine['host']): void {
  const progress = devices.length > MANY_DEVICES ? terminalProgress() : undefined;
  for (const [index, spec] of devices.entries()) {
    host.plug(spec);
    if (index % MANY_DEVICES === 0) progress?.show(`plugging: ${index} of ${devices.length} devices`);
  }
  progress?.end();
}

/** `run --abi A,B`: once for each. */
async function compareRuns(
  drivers: LoadDrivers,
  command: readonly string[],
  options: RunVerbOptions,
  first: WaitingChild | undefined,
): Promise<number> {
  const { abiList, compareAbis } = await import('./compare-abis.ts');
  if (options.record !== undefined || options.replay !== undefined)
    throw new CliError('run: a recording is of one kernel; give one --abi', EXIT.usage);
  const names = abiList(options.abi) ?? [];
  let waiting = first;
  const run = (abi: string, listener: TraceListener) => {
    const children = { waiting, another: abi === names.at(-1) ? undefined : (next: WaitingChild) => (waiting = next) };
    return runIt(drivers, command, { ...options, abi }, { listener, ...children });
  };
  return compareAbis(names, run, complain);
}

/** What `run` or `serve` will ask for; loading it for nothing does no harm. */
function loadAhead(args: readonly string[], drivers: LoadDrivers): void {
  const verb = args.find((arg) => arg === 'run' || arg === 'serve');
  // Help needs none of it; what fails to load fails again where it is awaited.
  if (verb === undefined || args.includes('--help')) return;
  const ahead = [
    drivers(),
    import('../host/machine/log.ts'),
    import('../emulator/log-output.ts'),
    import('../emulator/settings.ts'),
    import('../emulator/machine.ts'),
    ...(verb === 'run'
      ? [import('./run.ts'), import('./find-command.ts'), import('./run-parts.ts')]
      : [import('../serve/serve.ts'), import('../serve/serve-parts.ts')]),
    import('./control-socket.ts'),
  ];
  for (const loading of ahead) loading.catch(() => {});
}

function verbsOf(drivers: LoadDrivers, waiting: WaitingChild | undefined): Verbs {
  return {
    drivers,
    async deviceKeys() {
      const { allDeviceKeys } = await import('../host/config/device-keys.ts');
      const { catalogueOf } = await import('../host/machine/catalogue.ts');
      return allDeviceKeys(catalogueOf(await drivers()).drivers);
    },
    async run(command, options) {
      if (options.abi?.includes(',') !== true) return runIt(drivers, command, options, { waiting });
      return compareRuns(drivers, command, options, waiting);
    },
    async record(command, { from, ...options }) {
      const { passedDevices } = await import('../emulator/passed-devices.ts');
      const { loadNative } = await import('../transport/native.ts');
      const passed = await passedDevices(from, await drivers(), loadNative());
      return runIt(drivers, command, options, { passed, waiting });
    },
    async sweep(command, options) {
      const { sweep } = await import('./sweep/sweep.ts');
      const progress = terminalProgress();
      return sweep(command, options, {
        drivers: await drivers(),
        version: version(),
        say,
        tell: complain,
        progress,
        program: process.argv[1] ?? '',
      });
    },
    async sweepMerge(files, options) {
      const { mergeReports } = await import('./sweep/sweep-merge.ts');
      return mergeReports(files, options, version(), say);
    },
    async traceReport(file, page) {
      const { writeTraceReport } = await import('./trace-report.ts');
      return writeTraceReport(file, page, await drivers(), version());
    },
    async serve(options) {
      return withMachine(drivers, options, 'info', async (machine, settings, log, end) => {
        end.asked = true;
        const [{ serveUntilSignal }, { serveParts }, { openServeControl }] = await Promise.all([
          import('../serve/serve.ts'),
          import('../serve/serve-parts.ts'),
          import('./control-socket.ts'),
        ]);
        const { transport, devDir } = options;
        const parts = controlParts(machine, settings, log);
        const openControl = () => openServeControl(options, parts);
        const web = await openWeb(options.web, { verb: 'serve', command: [], parts, say: complain });
        const serving = { ...serveParts(machine.host, log), openControl };
        return serveUntilSignal({ settings, transport, devDir }, serving).finally(() => web?.finish());
      });
    },
    async pci(options) {
      const { pciUntilSignal } = await import('./pci.ts');
      return withMachine(drivers, { ...options, forGuest: true }, 'info', pciUntilSignal(options, version(), say));
    },
    async doctor({ json = false }) {
      const { doctor } = await import('./doctor/doctor.ts');
      return doctor(json, version(), (text) => void process.stdout.write(text));
    },
    async check(file) {
      const { checkFile } = await import('./check.ts');
      say(await checkFile(file, drivers));
      return EXIT.ok;
    },
    async schema() {
      const { schemaText } = await import('./check.ts');
      say(await schemaText(await drivers()));
      return EXIT.ok;
    },
    async scopes(options) {
      const { scopesText } = await import('./scopes.ts');
      say(await scopesText(await drivers(), options));
      return EXIT.ok;
    },
    async syndromes(code, options) {
      const { syndromesText } = await import('./syndromes.ts');
      say(await syndromesText(await drivers(), code, options));
      return EXIT.ok;
    },
    async control(method, values, options) {
      const { controlCall } = await import('./control-call.ts');
      if (method.params.format !== undefined) exitPastThreads();
      return controlCall(method, values, options, ownSurroundings());
    },
    async ctl({ socket }) {
      const [{ ctl }, { plainCall }, { controlCall }] = await Promise.all([
        import('./ctl.ts'),
        import('./plain-verb.ts'),
        import('./control-call.ts'),
      ]);
      return ctl({
        text: readFileSync(0, 'utf8'),
        async run(words) {
          const call = plainCall(words);
          if (call === undefined) return runLine(words, verbsOf(drivers, waiting));
          const { method, values, options } = call;
          return controlCall(method, values, { ...options, socket: options.socket ?? socket }, ownSurroundings());
        },
      });
    },
    async top(options) {
      const { top } = await import('./top.ts');
      return top(options, { env: process.env, output: process.stdout, input: process.stdin });
    },
    async openapi() {
      const { openapi } = await import('../control/openapi.ts');
      const { METHODS } = await import('../control/methods.ts');
      say(JSON.stringify(openapi(version(), METHODS), null, 2));
      return EXIT.ok;
    },
    async printCapabilities() {
      const { capabilities } = await import('./capabilities.ts');
      say(JSON.stringify(capabilities(version(), await drivers()), null, 2));
      return EXIT.ok;
    },
  };
}

/** A line of `ctl` that is not plain: a wrong one as a rule, which the parser knows to say. */
async function runLine(words: readonly string[], verbs: Verbs): Promise<number> {
  const { runProgram } = await import('./program.ts');
  let said = '';
  const output = {
    out: (text: string) => void process.stdout.write(text),
    error(text: string) {
      said += text;
    },
  };
  const status = await runProgram(words, version(), verbs, output);
  if (said === '') return status;
  throw new CliError(said.trim().replace(/^fwctl-emu: /, ''), EXIT.usage);
}

function controlParts(machine: Machine, settings: Settings, log: Log): ControlParts {
  return { machine, configured: settings.devices, version: version(), log };
}

function complain(text: string): void {
  process.stderr.write(`${plainText(text)}\n`);
}

function say(text: string): void {
  process.stdout.write(`${plainText(text)}\n`);
}

/**
 * Does what the arguments (without node and script) say; the exit status. Nothing is thrown: what goes wrong is said,
 * and process.exitCode says if the output is not whole.
 */
export async function fwctlEmu(args: readonly string[], drivers: LoadDrivers, waiting?: WaitingChild): Promise<number> {
  writeWholeOutput();
  if (args[0] === '__complete') {
    const { completions } = await import('./complete.ts');
    process.stdout.write(await completions(args.slice(1), drivers));
    return EXIT.ok;
  }
  const form = reportForm(args);
  let said = '';
  const output = {
    out: (text: string) => void process.stdout.write(text),
    error(text: string) {
      if (form === 'text') process.stderr.write(plainText(text));
      else said += text;
    },
  };
  try {
    loadAhead(args, drivers);
    const { runProgram } = await import('./program.ts');
    const status = await runProgram(args, version(), verbsOf(drivers, waiting), output);
    if (form !== 'text' && said !== '') reportUsage(said, form);
    return status;
  } catch (error) {
    return refusalStatus(args, report(error, form));
  }
}
