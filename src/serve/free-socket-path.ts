/** A path where a socket is to be made: what a dead predecessor has left there is taken away, nothing else is. */
import { lstatSync, unlinkSync } from 'node:fs';
import { CliError } from '../host/config/cli-error.ts';
import { somebodyListens } from '../host/machine/somebody-listens.ts';

/** Throws CliError where something is there that lives, or is no socket. */
export async function freeSocketPath(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new CliError(`pci: ${path} is there and is no socket; give another --socket PATH`);
  if (await somebodyListens(path)) throw new CliError(`pci: somebody listens at ${path}; give another --socket PATH`);
  unlinkSync(path);
}
