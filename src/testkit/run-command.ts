/** A program of any language under test: real nodes in a view of an own emulator, with faults and a log of calls. */
import { type StdioOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseRecording } from '../host/interceptors/recording/format.ts';
import { partOf } from '../host/interceptors/recording/recording-file.ts';
import { CallLog, testCall } from './calls.ts';
import { checkKeys, keysOf } from './known-keys.ts';
import { MESSAGES } from './messages.ts';

export interface RunCommandOptions {
  /** As --abi, --device, --fault and -c of `fwctl-emu run` take them. */
  readonly abi?: string;
  readonly devices?: readonly string[];
  readonly faults?: readonly string[];
  readonly config?: string;
  readonly cwd?: string;
  /** The whole environment; the test's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** Ended by SIGTERM then, and by SIGKILL a second later; 30 000 unless told. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** As shells report it: 128 + n for signal n. */
  readonly status: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Those that were answered, where the emulator was killed. */
  readonly calls: CallLog;
}

const OPTION_KEYS = keysOf<Required<RunCommandOptions>>({
  abi: true,
  devices: true,
  faults: true,
  config: true,
  cwd: true,
  env: true,
  stdin: true,
  timeoutMs: true,
});

/** The same from dist/src/testkit and, for those who install a package, from dist/bundle/kit. */
const PROGRAM = fileURLToPath(new URL('../../bundle/cli/main.cjs', import.meta.url));
const GRACE_MS = 1000;

/**
 * Runs a command to its end. Rejects with what fwctl-emu said where the command did not start: no such program, a wrong
 * option, or a machine that lacks what `fwctl-emu doctor` tells.
 */
export async function runCommand(command: readonly string[], options: RunCommandOptions = {}): Promise<CommandResult> {
  checkKeys('runCommand', options, OPTION_KEYS);
  const { abi, devices = [], faults = [], config, cwd, env, stdin, timeoutMs = 30_000 } = options;
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
  const recording = join(place, 'calls.jsonl');
  const words = [
    ...['--log-level', 'error', '--record', recording],
    ...(abi === undefined ? [] : ['--abi', abi]),
    ...(config === undefined ? [] : ['--config', config]),
    ...devices.flatMap((device) => ['--device', device]),
    ...faults.flatMap((fault) => ['--fault', fault]),
  ];
  try {
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', 'ipc'];
    const child = spawn(process.execPath, [PROGRAM, 'run', ...words, '--', ...command], { cwd, env, stdio });
    let [started, timedOut] = [false, false];
    child.once('message', () => {
      started = true; // STARTED of cli/run.ts
    });
    let kill: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    }, timeoutMs);
    const said = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    // A command that does not read its input is no error.
    child.stdin?.on('error', () => {}).end(stdin);
    const status = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 128 + 9));
    });
    clearTimeout(timer);
    clearTimeout(kill);
    if (!started && !timedOut)
      throw new Error(
        `${command[0]} was not started (status ${status}): ${said.stderr.trim() || 'fwctl-emu says nothing'}`,
      );
    return { status, timedOut, ...said, calls: callsIn(recording) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function callsIn(path: string): CallLog {
  const [whole, part] = [path, partOf(path)].map((name) => (existsSync(name) ? readFileSync(name, 'utf8') : ''));
  // Of the last line of one that was killed the end may be missing.
  const text = whole || part?.slice(0, part.lastIndexOf('\n') + 1);
  if (!text) return new CallLog();
  const { devices, exchanges } = parseRecording(text, path);
  const messages = new Map(devices.map(({ device, driver }) => [device as string, MESSAGES.get(driver)]));
  return new CallLog(exchanges.map(({ exchange }) => testCall(exchange, (device) => messages.get(device))));
}
