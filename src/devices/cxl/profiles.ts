/** The device profiles by name. A new device is a file of data and a line here. */
import type { CxlDeviceProfile } from '../../abi/cxl/device-profile.ts';
import { cxlQemu } from './cxl-qemu.ts';
import { cxlTest } from './cxl-test.ts';
import { cxlType3 } from './cxl-type3.ts';

/** The first is what a device is that nobody describes. */
export const CXL_PROFILES: readonly CxlDeviceProfile[] = [cxlType3, cxlQemu, cxlTest];
