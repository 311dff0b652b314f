/**
 * Where devices' non-volatile state is kept between unplug and plug, by PCI address: in memory for one daemon's life,
 * or in a directory beyond it. What it holds is the firmware's business (firmware/mlx5/state.ts); here it is JSON data.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from '../config/named-file.ts';
import { makeDirectories } from './make-directories.ts';

export interface StateStore {
  /** Whether it outlives the process: changes are then worth saving at once. */
  readonly durable: boolean;
  /** The state last saved for that address; undefined: there is none. Throws StateFileError when it is damaged. */
  load(pci: string): unknown;
  /** Replaces it, wholly or not at all. Throws an Error that says why not; StateFileError over a damaged file. */
  save(pci: string, state: unknown): void;
}

/** A state file that cannot be believed: it is named, and left as it is. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
  readonly path: string;

  constructor(path: string, problem: string) {
    super(
      `${path}: the saved state is damaged (${problem}); it was left as it is: repair it, or move it away to start anew`,
    );
    this.path = path;
  }
}

/** For one daemon: survives unplug and plug, ends with the process. */
export class MemoryStateStore implements StateStore {
  readonly durable = false;
  private readonly states = new Map<string, string>();

  load(pci: string): unknown {
    const text = this.states.get(pci);
    return text === undefined ? undefined : JSON.parse(text);
  }

  save(pci: string, state: unknown): void {
    this.states.set(pci, JSON.stringify(state));
  }
}

const FORMAT = 'fwctl-emu device state';
/** No device has so much. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One file a device, `0000:00:0a.0.json`, readable by the owner alone. */
export class DirectoryStateStore implements StateStore {
  readonly durable = true;
  private readonly directory: string;

  /** Makes the directory if it is missing. Throws an Error that names it when it cannot be made. */
  constructor(directory: string) {
    this.directory = directory;
    try {
      makeDirectories(directory, 0o700);
    } catch (error) {
      throw new Error(
        `${directory}: no state can be kept there (${(error as NodeJS.ErrnoException).code}); name another directory`,
      );
    }
  }

  load(pci: string): unknown {
    const path = this.pathOf(pci);
    let text: string;
    try {
      text = readRegularFile(path, { what: 'saved state', maxBytes: MAX_BYTES });
    } catch (error) {
      const { cause } = error as { cause?: NodeJS.ErrnoException };
      if (cause?.code === 'ENOENT') return undefined;
      throw error;
    }
    return stateIn(text, path);
  }

  save(pci: string, state: unknown): void {
    const path = this.pathOf(pci);
    // Throws when what is there is damaged: somebody may want to repair it.
    this.load(pci);
    const checksum = checksumOf(state);
    writeAtomically(this.directory, path, `${JSON.stringify({ format: FORMAT, checksum, state }, null, 2)}\n`);
  }

  private pathOf(pci: string): string {
    if (!/^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/.test(pci)) throw new Error(`${pci} is no PCI address`);
    return join(this.directory, `${pci}.json`);
  }
}

function stateIn(text: string, path: string): unknown {
  let file: { format?: unknown; checksum?: unknown; state?: unknown } | null;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new StateFileError(path, `no JSON: ${(error as Error).message}`);
  }
  if (typeof file !== 'object' || file?.format !== FORMAT)
    throw new StateFileError(path, `"format" is not "${FORMAT}"`);
  if (file.checksum !== checksumOf(file.state))
    throw new StateFileError(path, 'the checksum is not that of its content');
  return file.state;
}

function checksumOf(state: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(state) ?? '')
    .digest('hex');
}

/** A reader, or a start after a power cut, finds the old file or the new: write, fsync, rename, fsync the directory. */
function writeAtomically(directory: string, path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    // left by one of our number that was killed; never written through, should it be a link
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    const folder = openSync(directory, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // It was renamed, or never made.
    }
    throw new Error(
      `${path}: the state cannot be saved (${(error as NodeJS.ErrnoException).code}); the earlier one stays`,
    );
  }
}
