/**
 * The mock memory device of the kernel's cxl_test module, which ndctl's tests look for: tools/testing/cxl/test/mem.c.
 * One feature, set whole, of any version; sizes as there (DEV_SIZE, LSA_SIZE).
 */
import { type CxlDeviceProfile, MANNERS_NAMES, PROVIDERS } from '../../abi/cxl/device-profile.ts';
import { FEATURES_CAPABILITY } from '../../abi/cxl/features.ts';
import { VENDOR_TEST } from './vendor-test.ts';

export const cxlTest: CxlDeviceProfile = {
  name: 'cxl-test',
  title: "The mock device of the kernel's cxl_test, for ndctl's own tests",
  values: {
    pci_vendor_id: 0x1234,
    pci_device_id: 0x0d93,
    serial: 1n,
    firmware_version: 'mock fw v1',
    ram_size: 0x8000_0000,
    pmem_size: 0x8000_0000,
    label_storage_size: 0x2_0000,
    payload_size: 4096,
    feat_cap: FEATURES_CAPABILITY.RW,
    manners: MANNERS_NAMES.cxl_test,
    provider: PROVIDERS.cxl_test,
    features: { VENDOR_TEST },
  },
};
