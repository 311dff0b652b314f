/** The servers that are compared, each on a directory of its own; every one that is started is stopped. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repository } from '../repository.ts';
import type { DriverCase } from './cases.ts';

export interface ServerKind {
  readonly name: string;
  /** The program and its arguments that serve DIR/fwctl0 until SIGTERM. */
  command(directory: string): readonly string[];
  /** Beside the own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** test/c/ref-libfuse.c: what every ratio refers to. */
export const REFERENCE: ServerKind = {
  name: 'C libfuse3',
  command: (directory) => [join(repository, 'build/c/ref-libfuse'), directory],
};

/** The reference that reads and writes those buffers of each request too. */
export function reference(buffers: DriverCase['buffers']): ServerKind {
  const copies = buffers.map(({ way, at, bytes }) => `${way}:${at}:${bytes}`);
  return { ...REFERENCE, command: (directory) => [...REFERENCE.command(directory), ...copies] };
}

/** Where the emulator that serves a directory has its control socket. */
export function socketOf(directory: string): string {
  return `${directory}.sock`;
}

/** The emulator with so many devices, further options of `serve`, and the environment. */
export function emulator(
  name: string,
  devices = 1,
  options: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ServerKind {
  return {
    name,
    env,
    command: (directory) => [
      join(repository, 'scripts/fwctl-emu'),
      ...['serve', '--transport', 'fuse', '--log-level', 'error', '--dev-dir', directory],
      ...['--control-socket', socketOf(directory)],
      ...(devices === 1 ? [] : ['--device', `connectx6dx,count=${devices}`]),
      ...options,
    ],
  };
}

export const EMULATOR: ServerKind = emulator('fwctl-emu');
/** Reads and writes of the caller's memory one by one, and nothing read ahead. */
export const PLAIN: ServerKind = emulator('plain path', 1, [], { FWCTL_EMU_SLOW: '1' });
/** Looks at no page that the same thread has just used, as `run` does. */
export const TRUSTING: ServerKind = emulator('as in run', 1, [], { FWCTL_EMU_TRUST: '1' });
export const SPINNING: ServerKind = emulator('--spin-us 50', 1, ['--spin-us', '50']);

const READY_MS = 30_000;
const STOP_MS = 10_000;

export class Server {
  readonly kind: ServerKind;
  readonly device: string;
  readonly directory: string;
  private readonly process: ChildProcess;
  private said = '';

  private constructor(kind: ServerKind) {
    this.kind = kind;
    this.directory = mkdtempSync(join(tmpdir(), 'fwctl-emu-bench-'));
    this.device = join(this.directory, 'fwctl0');
    const [program = '', ...args] = kind.command(this.directory);
    this.process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...kind.env } });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said = `${this.said}${text}`.slice(-4000);
      });
    }
    this.process.on('error', (error) => {
      this.said += String(error);
    });
  }

  /** Starts one and waits for its device. Rejects with what it said when it ends or does not come. */
  static async start(kind: ServerKind): Promise<Server> {
    const server = new Server(kind);
    for (const start = Date.now(); !existsSync(server.device); await sleep(10)) {
      const ended = server.process.exitCode !== null || server.process.pid === undefined;
      if (ended || Date.now() - start > READY_MS) {
        await server.stop();
        throw new Error(`${kind.name} ${ended ? 'ended' : 'was not ready in time'}: ${server.said.trim()}`);
      }
    }
    return server;
  }

  /** Pins all threads of the server to one CPU. */
  pin(cpu: number): void {
    for (const pid of this.pids()) {
      const run = spawnSync('taskset', ['-acp', String(cpu), String(pid)], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`taskset: ${run.stderr.trim()}`);
    }
  }

  /** The node of device `number`. */
  node(number: number): string {
    return join(this.directory, `fwctl${number}`);
  }

  /** Lets all threads of the server run where they may. */
  unpin(cpus: string): void {
    for (const pid of this.pids()) spawnSync('taskset', ['-acp', cpus, String(pid)], { stdio: 'ignore' });
  }

  /** A client that opens `files` of those nodes in turn and keeps them, and then rests. */
  hold(nodes: readonly string[], files: number, cpu: number): { readonly ready: Promise<void>; end(): void } {
    const rest = ['--op', 'info', '--count', '1', '--rest', '--cpu', String(cpu), '--hold', String(files)];
    const child = spawn(join(repository, 'build/c/bench-client'), [...rest, ...nodes], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ready = new Promise<void>((done, fail) => {
      child.stdout.once('data', () => done());
      child.once('exit', () => fail(new Error('the client that holds files ended')));
    });
    return { ready, end: () => child.stdin.end() };
  }

  /** Resident memory of the server's processes, bytes. */
  residentBytes(): number {
    const kib = this.pids().map((pid) => /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return kib.reduce((sum, value) => sum + Number(value ?? 0) * 1024, 0);
  }

  /** CPU time of all its threads so far, ns. */
  cpuTime(): number {
    const threads = this.pids().flatMap((pid) =>
      readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`),
    );
    return threads.reduce((sum, path) => sum + Number(readFileSync(`${path}/schedstat`, 'utf8').split(' ')[0]), 0);
  }

  async stop(): Promise<void> {
    const running = () =>
      this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
    this.process.kill('SIGTERM');
    for (const start = Date.now(); running(); await sleep(10)) {
      if (Date.now() - start > STOP_MS) this.process.kill('SIGKILL');
    }
    spawnSync('umount', ['-l', this.directory], { stdio: 'ignore' }); // only one that was killed leaves its mount
    for (const path of [this.directory, socketOf(this.directory)]) rmSync(path, { recursive: true, force: true });
  }

  /** Ends it at once; its mount goes with this program's mount namespace. */
  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** The process and its descendants (scripts/fwctl-emu may be a shell around Node). */
  private pids(): number[] {
    const list = [this.process.pid ?? 0];
    for (const pid of list) {
      for (const task of readdirSync(`/proc/${pid}/task`)) {
        const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8');
        list.push(...children.split(' ').filter(Boolean).map(Number));
      }
    }
    return list;
  }
}
