/**
 * Where devices' non-volatile state is kept between unplug and plug, by PCI address: in memory for one daemon's life,
 * or in a directory beyond it. What it holds is the firmware's business (firmware/mlx5/state.ts); here it is JSON data.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FileRefusal } from '../config/named-file.ts';
import { type DirectoryLock, StateDirectory } from './state-directory.ts';

export interface StateStore {
  /** Whether it outlives the process: changes are then worth saving at once. */
  readonly durable: boolean;
  /** The state last saved for that address; undefined: there is none. Throws StateFileError when it is damaged. */
  load(pci: string): unknown;
  /** Replaces it, wholly or not at all. Throws an Error that says why not; StateFileError over a damaged file. */
  save(pci: string, state: unknown): void;
  /** What to call that address's state in a message. */
  nameOf(pci: string): string;
  /** Others may have it from now on; nothing is loaded or saved any more. */
  close(): void;
}

/** A state file that cannot be believed: it is named, and left as it is. */
export class StateFileError extends FileRefusal {
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

  nameOf(pci: string): string {
    return pci;
  }

  close(): void {
    this.states.clear();
  }
}

const FORMAT = 'fwctl-emu device state';

/** One file a device, `0000:00:0a.0.json`, readable by the owner alone. */
export class DirectoryStateStore implements StateStore {
  readonly durable = true;
  private readonly directory: string;
  private readonly place: StateDirectory;

  /** Throws as StateDirectory does. Without a lock it is for whoever else comes, too. */
  constructor(directory: string, lock?: DirectoryLock) {
    this.directory = directory;
    this.place = new StateDirectory(directory, lock);
  }

  load(pci: string): unknown {
    const text = this.place.read(nameOf(pci));
    return text === undefined ? undefined : stateIn(text, this.nameOf(pci));
  }

  save(pci: string, state: unknown): void {
    // Throws when what is there is damaged: somebody may want to repair it.
    this.load(pci);
    const checksum = checksumOf(state);
    this.place.replace(nameOf(pci), `${JSON.stringify({ format: FORMAT, checksum, state }, null, 2)}\n`);
  }

  nameOf(pci: string): string {
    return join(this.directory, nameOf(pci));
  }

  close(): void {
    this.place.close();
  }
}

function nameOf(pci: string): string {
  if (!/^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/.test(pci)) throw new Error(`${pci} is no PCI address`);
  return `${pci}.json`;
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
  let checksum: string;
  try {
    checksum = checksumOf(file.state);
  } catch {
    throw new StateFileError(path, 'nested deeper than any state');
  }
  if (file.checksum !== checksum) throw new StateFileError(path, 'the checksum is not that of its content');
  return file.state;
}

function checksumOf(state: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(state) ?? '')
    .digest('hex');
}
