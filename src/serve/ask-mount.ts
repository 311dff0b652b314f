/**
 * Whether a FUSE mount has a living server, asked by statfs(2), which no cache answers, in a child process: against a
 * hung server the call sleeps, and may sleep uninterruptibly, so it must be nobody's that matters.
 */
import { spawn } from 'node:child_process';
import type { MountAnswer } from './parts.ts';

/** The child's exit status for ENOTCONN and ECONNABORTED, which say that the server has gone. */
const DEAD = 107;
const PROGRAM = `
const dead = ['ENOTCONN', 'ECONNABORTED'];
try { require('node:fs').statfsSync(process.argv[1]); }
catch (error) { process.exit(dead.includes(error.code) ? ${DEAD} : 0); }`;

/** `alive` for every other answer: a refusal (EACCES) comes from a living server or from the kernel on its behalf. */
export function askMount(path: string, limitMs = 3000): Promise<MountAnswer> {
  return new Promise((answer) => {
    const child = spawn(process.execPath, ['-e', PROGRAM, path], { stdio: 'ignore', env: {} });
    const timer = setTimeout(() => {
      // SIGKILL may have to wait for the server; we do not.
      child.kill('SIGKILL');
      child.unref();
      answer('silent');
    }, limitMs);
    const settle = (result: MountAnswer) => {
      clearTimeout(timer);
      answer(result);
    };
    child.on('error', () => settle('silent'));
    child.on('exit', (code) => settle(code === DEAD ? 'dead' : 'alive'));
  });
}
