/** `serve --workers 2` over FUSE for tests: started, asked by its control socket, and taken away with what it has left. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callMethod, type Values } from '../../../src/control/client.ts';
import type { Method } from '../../../src/control/method.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { repository } from '../../repository.ts';

export const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
export const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-workers-')));
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await pause(50);
  for (const mount of mountsBelow(scratch).reverse()) spawnSync('umount', ['-l', mount], { stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true });
});

interface Ended {
  /** Or the signal that killed it. */
  readonly status: number | NodeJS.Signals | null;
  readonly text: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has written that. */
  said(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

export function run(program: string, ...args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  let over = false;
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ status: signal ?? code, text })),
  );
  void ended.then(() => {
    over = true;
  });
  return {
    child,
    ended,
    async said(pattern) {
      while (!pattern.test(text)) {
        assert.equal(over, false, `it ended without ${pattern}: ${text}`);
        await pause(10);
      }
    },
  };
}

export const hold = (path: string, ...words: readonly string[]) =>
  run(join(repository, 'build/c/hold'), path, ...words);

export interface Place {
  readonly directory: string;
  readonly socket: string;
}

export function placeFor(name: string): Place {
  return { directory: join(scratch, name), socket: join(scratch, `${name}.sock`) };
}

export async function serve({ directory, socket }: Place, ...more: readonly string[]): Promise<Running> {
  const words = ['serve', '--workers', '2', '--transport', 'fuse', '--dev-dir', directory, '--control-socket', socket];
  const server = run(
    process.execPath,
    MAIN,
    ...words,
    '--device',
    'connectx6dx,count=4',
    '--log-level',
    'warn',
    ...more,
  );
  await server.said(/^fwctl-emu: serving /m);
  return server;
}

export function methodOf(verb: string): Method {
  const method = METHODS.find((row) => row.verb === verb);
  assert.ok(method, verb);
  return method;
}

export function control(socket: string, verb: string, values: Values = {}): Promise<unknown> {
  return callMethod(socket, methodOf(verb), values);
}

/** Mount points at or below a path, in the table's order. */
export function mountsBelow(path: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point === path || point.startsWith(`${path}/`));
}
