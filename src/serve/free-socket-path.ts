/** A path where a socket is to be made: what a dead predecessor has left there is taken away, nothing else is. */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { CliError } from '../host/config/cli-error.ts';

/** Throws CliError where something is there that lives, or is no socket. */
export async function freeSocketPath(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new CliError(`pci: ${path} is there and is no socket; give another --socket PATH`);
  if (await listens(path)) throw new CliError(`pci: somebody listens at ${path}; give another --socket PATH`);
  unlinkSync(path);
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (lives: boolean) => {
      socket.destroy();
      resolve(lives);
    };
    socket.on('connect', () => answer(true));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      answer(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}
