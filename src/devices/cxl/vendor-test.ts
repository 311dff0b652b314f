/** The vendor feature of the kernel's mock device: tools/testing/cxl/test/mem.c, mock_get_supported_features(). */
import type { CxlFeatureValues } from '../../abi/cxl/device-profile.ts';
import { EFFECTS, FEATURE_FLAGS } from '../../abi/cxl/features.ts';

export const VENDOR_TEST: CxlFeatureValues = {
  get: 4,
  set: 4,
  flags: FEATURE_FLAGS.CHANGEABLE | FEATURE_FLAGS.DEFAULT_SEL | FEATURE_FLAGS.SAVED_SEL,
  effects: EFFECTS.CONFIG_CHANGE_COLD_RESET | EFFECTS.EFFECTS_VALID,
  get_version: 1,
  set_version: 1,
  like: '',
  // 0xdeadbeef
  data: 'efbeadde',
  default: '',
  saved: '',
};
