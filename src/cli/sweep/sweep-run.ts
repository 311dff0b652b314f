/** One run of a sweep: the command under `fwctl-emu run` in its own process group, with limits on time and output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:os';

export interface RunRequest {
  readonly program: string;
  /** Options of `run`, without the command. */
  readonly options: readonly string[];
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

export interface RunEnd {
  /** The exit status of `run`: the command's own, or 128 + signal. */
  readonly status: number;
  /** It was ended by us: for its time, or for its output. */
  readonly stopped: 'time' | 'output' | undefined;
  readonly ms: number;
  readonly outputBytes: number;
  /** Of stdout, then stderr; two runs that said the same have the same. */
  readonly digest: string;
  /** The end of what it said, stdout and stderr as they came. */
  readonly tail: string;
}

/** No report of a tool is as long: an endless loop that prints. */
const MOST_OUTPUT = 64 * 1024 * 1024;
const TAIL_BYTES = 2048;
/** From SIGTERM, which `run` passes on, to SIGKILL for all of them. */
const GRACE_MS = 1500;

export function runOnce({ program, options, command, timeoutMs }: RunRequest): Promise<RunEnd> {
  const started = performance.now();
  const child = spawn(process.execPath, [program, 'run', ...options, '--', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stopped: RunEnd['stopped'];
  let grace: NodeJS.Timeout | undefined;
  const stop = (why: 'time' | 'output'): void => {
    if (stopped !== undefined) return;
    stopped = why;
    child.kill('SIGTERM');
    grace = setTimeout(() => killGroup(child), GRACE_MS);
  };
  const timer = setTimeout(() => stop('time'), timeoutMs);
  let outputBytes = 0;
  let tail = Buffer.alloc(0);
  const hashes = [createHash('sha256'), createHash('sha256')];
  [child.stdout, child.stderr].forEach((stream, index) => {
    stream.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes > MOST_OUTPUT) return stop('output');
      hashes[index]?.update(chunk);
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
    });
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(grace);
      // What the command left running in the background goes with it.
      killGroup(child);
      resolve({
        status: signal === null ? (code ?? 1) : 128 + constants.signals[signal],
        stopped,
        ms: Math.round(performance.now() - started),
        outputBytes,
        digest: hashes.map((hash) => hash.digest('hex')).join(' '),
        tail: tail.toString('utf8'),
      });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone.
  }
}
