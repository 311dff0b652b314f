/**
 * What a device keeps without power: NVM variables that were set, and the NVM's items once somebody has changed one.
 * Saved as plain JSON data, bytes in hex, to be read by people.
 */
import { FirmwareStateError, isRecord, isTexts } from '../../abi/device-state.ts';
import { hex, unhex } from '../../abi/hex.ts';
import type { BnxtDevice } from './device.ts';
import { NvmDirectory, type NvmItem } from './nvm-directory.ts';

/** Raised when the form changes: an older state is then refused, not guessed at. */
const STATE_VERSION = 1;

export interface BnxtState {
  readonly version: typeof STATE_VERSION;
  /** Those that are not as the profile has them, in hex. */
  readonly variables: Readonly<Record<string, string>>;
  /** Every item, by dir_idx, null where an entry is unused; absent: as the profile has them. */
  readonly nvm?: readonly (KeptItem | null)[];
}

type KeptItem = Omit<NvmItem, 'data'> & { readonly data: string };

/** The state of a device that nobody has changed. */
export const FRESH_STATE: BnxtState = { version: STATE_VERSION, variables: {} };

export function saveState({ nvm, nvmChanged, variables }: BnxtDevice): BnxtState {
  const state: BnxtState = { version: STATE_VERSION, variables: variables.changes() };
  return nvmChanged ? { ...state, nvm: nvm.items().map(kept) } : state;
}

function kept(item: Readonly<NvmItem> | undefined): KeptItem | null {
  if (item === undefined) return null;
  const { type, ordinal, ext, attr, data, itemLength, checksum } = item;
  return { type, ordinal, ext, attr, itemLength, data: hex(data), ...(checksum === undefined ? {} : { checksum }) };
}

/** Power-up with a saved state. Throws FirmwareStateError for one of another device; nothing is changed then. */
export function restoreState(device: BnxtDevice, state: unknown): void {
  if (!isRecord(state)) throw new FirmwareStateError('no record of a state');
  if (state.version !== STATE_VERSION)
    throw new FirmwareStateError(`version ${String(state.version)}; this fwctl-emu reads version ${STATE_VERSION}`);
  const { variables, nvm } = state;
  if (!isTexts(variables)) throw new FirmwareStateError('variables is missing, or no record of hex texts');
  const directory = nvm === undefined ? undefined : directoryOf(device, nvm);
  for (const [name, digits] of Object.entries(variables)) {
    if (!device.variables.fits(name, digits))
      throw new FirmwareStateError(`variables.${name}: the device has no variable of that name and length`);
  }
  for (const [name, digits] of Object.entries(variables)) device.variables.restore(name, digits);
  if (directory === undefined) return;
  device.nvm = directory;
  device.nvmChanged = true;
}

function directoryOf({ nvm: { geometry } }: BnxtDevice, items: unknown): NvmDirectory {
  if (!Array.isArray(items)) throw new FirmwareStateError('nvm is no list of items');
  try {
    return new NvmDirectory(
      geometry,
      items.map((item, index) => (item === null ? undefined : itemOf(item, index))),
    );
  } catch (error) {
    throw error instanceof RangeError ? new FirmwareStateError(`nvm: ${error.message}`) : error;
  }
}

const MOST = { type: 0xffff, ordinal: 0xffff, ext: 0xffff, attr: 0xffff, itemLength: 0xffffffff } as const;

function itemOf(item: unknown, index: number): NvmItem {
  const wrong = (what: string) => new FirmwareStateError(`nvm.${index}: ${what}`);
  if (!isRecord(item)) throw wrong('no record of an item');
  const data = typeof item.data === 'string' ? unhex(item.data) : undefined;
  if (data === undefined) throw wrong('data: pairs of hex digits are wanted');
  const number = (name: string, most: number) => {
    const value = item[name];
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
    throw wrong(`${name} is no whole number up to ${most}`);
  };
  const numbers = Object.entries(MOST).map(([name, most]) => [name, number(name, most)] as const);
  const checksum = item.checksum === undefined ? {} : { checksum: number('checksum', 0xffffffff) };
  if (number('type', MOST.type) === 0) throw wrong('type 0 is that of no item');
  return { ...(Object.fromEntries(numbers) as Record<keyof typeof MOST, number>), data, ...checksum };
}
