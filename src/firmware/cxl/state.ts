/**
 * What a memory device keeps without power: the data of its features that were set to be saved, where the feature's
 * flags say that it can. Everything else begins anew at each power-up. Plain JSON data, bytes in hex, by UUID.
 */
import { FirmwareStateError, isRecord, isTexts } from '../../abi/device-state.ts';
import { unhex } from '../../abi/hex.ts';
import type { Feature } from './feature.ts';

/** Raised when the form changes: an older state is then refused, not guessed at. */
export const CXL_STATE_VERSION = 1;

export interface CxlState {
  readonly version: typeof CXL_STATE_VERSION;
  /** By UUID: all of the feature's readable bytes, in hex. Of a feature of which nothing was saved there is nothing. */
  readonly features: Readonly<Record<string, string>>;
}

export const FRESH_CXL_STATE: CxlState = { version: CXL_STATE_VERSION, features: {} };

export function saveCxlState(table: readonly Feature[]): CxlState {
  const kept = table.flatMap(({ uuid, kept: saved }) => (saved === undefined ? [] : [[uuid, saved] as const]));
  return { version: CXL_STATE_VERSION, features: Object.fromEntries(kept) };
}

/** Power-up with a saved state. Throws FirmwareStateError, and nothing is changed then. */
export function restoreCxlState(table: readonly Feature[], state: unknown): void {
  const saved = Object.entries(checked(state)).map(([uuid, text]) => {
    const feature = table.find((one) => one.uuid === uuid);
    const refuse = (why: string) => new FirmwareStateError(`features.${uuid}: ${why}`);
    if (feature === undefined) throw refuse('the device has no such feature');
    if (!feature.keeps) throw refuse('the device does not keep this feature');
    const bytes = unhex(text);
    if (bytes === undefined) throw refuse('pairs of hex digits are wanted');
    if (bytes.length !== feature.profile.get) throw refuse(`${feature.profile.get} bytes are wanted`);
    return [feature, bytes] as const;
  });
  for (const [feature, bytes] of saved) feature.restore(bytes);
}

/** The shape alone. */
function checked(state: unknown): Readonly<Record<string, string>> {
  if (!isRecord(state)) throw new FirmwareStateError('no record of a state');
  const { version, features } = state;
  if (version !== CXL_STATE_VERSION) {
    throw new FirmwareStateError(`version ${String(version)}; this fwctl-emu reads version ${CXL_STATE_VERSION}`);
  }
  if (!isTexts(features)) throw new FirmwareStateError('features is missing, or no record of hex texts');
  return features;
}
