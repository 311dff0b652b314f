/**
 * QEMU's type-3 device as a real Linux 7.3.4 showed it (test/golden/drivers/cxl-qemu.jsonl). It has
 * the kernel's own eight features alone, and would so have no fwctl device: the recorder gave three of them other
 * UUIDs, as they are here.
 */
import {
  type CxlDeviceProfile,
  type CxlFeatureValues,
  featureUuid,
  MANNERS_NAMES,
  PROVIDERS,
} from '../../abi/cxl/device-profile.ts';
import { FEATURE_FLAGS, FEATURES_CAPABILITY } from '../../abi/cxl/features.ts';
import { knownFeatures } from './known-features.ts';

const { CHANGEABLE, DEFAULT_SEL } = FEATURE_FLAGS;

/** Those whose UUIDs begin with feed instead. */
const RENAMED = ['PATROL_SCRUB', 'ECS', 'RANK_SPARING'];

/** It says that default data can be read, which is not so. */
const features = knownFeatures((name) => (/^(PATROL_SCRUB|ECS)$/.test(name) ? CHANGEABLE : CHANGEABLE | DEFAULT_SEL));

function renamed([name, feature]: [string, CxlFeatureValues]): [string, CxlFeatureValues] {
  if (!RENAMED.includes(name)) return [name, feature];
  return [`feed${featureUuid(name).slice(4)}`, { ...feature, like: name }];
}

export const cxlQemu: CxlDeviceProfile = {
  name: 'cxl-qemu',
  title: "QEMU's cxl-type3 device, three of whose features have UUIDs of no kernel driver",
  values: {
    // PCI_VENDOR_ID_INTEL and the id of hw/mem/cxl_type3.c
    pci_vendor_id: 0x8086,
    pci_device_id: 0x0d93,
    serial: 0x1122334455667788n,
    firmware_version: 'BWFW VERSION 00',
    ram_size: 0x1000_0000,
    pmem_size: 0,
    label_storage_size: 0x4_0000,
    payload_size: 2048,
    feat_cap: FEATURES_CAPABILITY.RW,
    manners: MANNERS_NAMES.qemu,
    provider: PROVIDERS['ACPI.CXL'],
    features: Object.fromEntries(Object.entries(features).map(renamed)),
  },
};
