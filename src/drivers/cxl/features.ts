/**
 * The features of a device as the driver knows them: what may be set by whom, get_support_feature_info() and
 * cxlctl_validate_set_features() of drivers/cxl/core/features.c.
 */
import { EFFECTS, EFFECTS_RESERVED, FEATURE_FLAGS, featureEntry } from '../../abi/cxl/features.ts';
import { KNOWN_FEATURES, sameUuid, uuidBytes } from '../../abi/cxl/uuids.ts';
import { SCOPE } from '../../abi/fwctl.ts';
import { type EffectsRefusals, REFUSED } from './refusals.ts';

const EXCLUSIVE: readonly Uint8Array[] = KNOWN_FEATURES.flatMap(
  ({ exclusive, uuid }) => (exclusive && uuidBytes(uuid)) || [],
);
const IMMEDIATE =
  EFFECTS.CONFIG_CHANGE_IMMEDIATE |
  EFFECTS.DATA_CHANGE_IMMEDIATE |
  EFFECTS.POLICY_CHANGE_IMMEDIATE |
  EFFECTS.LOG_CHANGE_IMMEDIATE;
const RESET = EFFECTS.CONFIG_CHANGE_COLD_RESET | EFFECTS.CONFIG_CHANGE_CONV_RESET | EFFECTS.CONFIG_CHANGE_CXL_RESET;

export function isExclusive(message: Uint8Array, at: number): boolean {
  return EXCLUSIVE.some((uuid) => sameUuid(uuid, 0, message, at));
}

/** Whether the device has any that users may reach: without, it gets no fwctl device. */
export function hasUserFeatures(features: readonly Uint8Array[]): boolean {
  return features.some((entry) => !isExclusive(entry, featureEntry.uuid));
}

/** Throws EINVAL where the feature whose UUID stands at `at` may not be set in this scope. */
export function admitSet(
  features: readonly Uint8Array[],
  refusals: EffectsRefusals,
  message: Uint8Array,
  at: number,
  scope: number,
): void {
  const entry = features.find((one) => sameUuid(one, featureEntry.uuid, message, at));
  if (entry === undefined) throw REFUSED.unknown;
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  if ((view.getUint32(featureEntry.flags, true) & FEATURE_FLAGS.CHANGEABLE) === 0) throw REFUSED.fixed;
  const effects = view.getUint16(featureEntry.effects, true);
  if ((effects & EFFECTS_RESERVED) !== 0) throw refusals.of('reserved', effects);
  if ((effects & EFFECTS.BACKGROUND) !== 0) throw refusals.of('background', effects);
  if ((effects & IMMEDIATE) !== 0) {
    if (scope < SCOPE.FWCTL_RPC_DEBUG_WRITE_FULL) throw refusals.of('immediate', effects);
  } else if ((effects & RESET) === 0) throw refusals.of('noEffect', effects);
  else if (scope < SCOPE.FWCTL_RPC_DEBUG_WRITE) throw refusals.of('reset', effects);
}

/** The entry as a user is shown it: what the kernel keeps for itself cannot be set. */
export function shownEntry(entry: Uint8Array): Uint8Array {
  if (!isExclusive(entry, featureEntry.uuid)) return entry;
  const shown = entry.slice();
  const view = new DataView(shown.buffer);
  view.setUint16(featureEntry.setSize, 0, true);
  const flags = view.getUint32(featureEntry.flags, true);
  view.setUint32(featureEntry.flags, (flags & ~FEATURE_FLAGS.CHANGEABLE) >>> 0, true);
  return shown;
}
