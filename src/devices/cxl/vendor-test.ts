/** The vendor feature of the kernel's mock device: tools/testing/cxl/test/mem.c, mock_get_supported_features(). */
import type { CxlFeatureProfile } from '../../abi/cxl/device-profile.ts';
import { EFFECTS, FEATURE_FLAGS } from '../../abi/cxl/features.ts';

export const vendorTest: CxlFeatureProfile = {
  uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  get_size: 4,
  set_size: 4,
  flags: FEATURE_FLAGS.CHANGEABLE | FEATURE_FLAGS.DEFAULT_SEL | FEATURE_FLAGS.SAVED_SEL,
  get_version: 1,
  set_version: 1,
  effects: EFFECTS.CONFIG_CHANGE_COLD_RESET | EFFECTS.EFFECTS_VALID,
  // 0xdeadbeef
  data: Uint8Array.of(0xef, 0xbe, 0xad, 0xde),
};
