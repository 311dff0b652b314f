/** The profiles of CXL memory devices as the driver's row has them. */
import { CXL_SHAPE, type CxlValues } from '../../../../abi/cxl/device-profile.ts';
import { RETURN_CODE } from '../../../../abi/cxl/return-codes.ts';
import type { ShapedProfile } from '../../../../abi/profile-shape.ts';
import { withCxlOverrides } from '../../../../devices/cxl/attribute-values.ts';
import { examineCxl } from '../../../../devices/cxl/examine.ts';
import { CXL_PROFILES } from '../../../../devices/cxl/profiles.ts';
import { LOOPBACK_MODELS } from '../../../../firmware/cxl/loopback-models.ts';
import { type ShapedProfiles, shapedProfiles } from '../../../profiles/shaped-profiles.ts';
import { captureCxl } from './profile-capture.ts';

const shaped = shapedProfiles<CxlValues>({
  driver: 'cxl',
  shape: CXL_SHAPE,
  builtIn: CXL_PROFILES,
  names: LOOPBACK_MODELS,
  examine: examineCxl,
  summary: ({ features }) => `${Object.keys(features).length} features`,
  pciDevice: ({ pci_device_id }) => pci_device_id,
  capture: {
    ask: captureCxl,
    // of an RPC that the kernel does not let through there is no answer with a return code
    lacking: (replyBytes) => Uint8Array.from({ length: replyBytes }, (_, i) => (i === 4 ? RETURN_CODE.UNSUPPORTED : 0)),
  },
});

export const cxlProfiles: ShapedProfiles<CxlValues> = {
  ...shaped,
  checkOverrides(name, overrides, file) {
    const profile = (file as ShapedProfile<CxlValues> | undefined) ?? shaped.resolve({ profile: name });
    if (profile === undefined) shaped.checkOverrides(name, overrides);
    else withCxlOverrides(profile.values, overrides);
  },
};
