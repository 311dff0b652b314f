/**
 * What a memory device keeps without power: the data of its features that were set to be saved, where the feature's
 * flags say that it can. Everything else begins anew at each power-up. Plain JSON data, bytes in hex, by UUID.
 */
import type { CxlFirmware } from './firmware.ts';

/** Raised when the form changes: an older state is then refused, not guessed at. */
export const CXL_STATE_VERSION = 1;

export interface CxlState {
  readonly version: typeof CXL_STATE_VERSION;
  /** By UUID: all of the feature's readable bytes, in hex. Of a feature of which nothing was saved there is nothing. */
  readonly features: Readonly<Record<string, string>>;
}

/** A saved state that is none, or none of this device. The message says what is wrong with it. */
export class CxlStateError extends Error {
  override readonly name = 'CxlStateError';
}

export function saveCxlState({ table }: CxlFirmware): CxlState {
  const features: Record<string, string> = {};
  for (const { keeps, profile, data } of table) {
    const [, , saved] = data;
    const first = hexOf(paddedTo(profile.saved ?? profile.data, profile.get_size));
    const now = hexOf(saved);
    if (keeps && now !== first) features[profile.uuid] = now;
  }
  return { version: CXL_STATE_VERSION, features };
}

/** Power-up with a saved state. Throws CxlStateError, and nothing is changed then. */
export function restoreCxlState({ table }: CxlFirmware, state: unknown): void {
  const saved = Object.entries(checked(state)).map(([uuid, text]) => {
    const feature = table.find(({ profile }) => profile.uuid === uuid);
    if (feature === undefined) throw new CxlStateError(`features.${uuid}: the device has no such feature`);
    if (!feature.keeps) throw new CxlStateError(`features.${uuid}: the device does not keep this feature`);
    if (!/^([0-9a-f]{2})*$/.test(text)) throw new CxlStateError(`features.${uuid}: pairs of hex digits are wanted`);
    const size = feature.profile.get_size;
    if (text.length !== 2 * size) throw new CxlStateError(`features.${uuid}: ${size} bytes are wanted`);
    const bytes = Uint8Array.from({ length: size }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
    return [feature, bytes] as const;
  });
  for (const [feature, bytes] of saved) feature.restore(bytes);
}

/** The shape alone. */
function checked(state: unknown): Readonly<Record<string, string>> {
  if (!isRecord(state)) throw new CxlStateError('no record of a state');
  const { version, features } = state;
  if (version !== CXL_STATE_VERSION) {
    throw new CxlStateError(`version ${String(version)}; this fwctl-emu reads version ${CXL_STATE_VERSION}`);
  }
  if (!isRecord(features) || !Object.values(features).every((text) => typeof text === 'string')) {
    throw new CxlStateError('features is missing, or no record of hex texts');
  }
  return features as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function paddedTo(data: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(data.subarray(0, size));
  return bytes;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
