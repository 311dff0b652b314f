/**
 * A type-3 memory expander with all features: the kernel's eight, cxl_test's, and one of a vendor for each class of
 * effects. Nobody's: the vendor's features (UUIDs feed0000-...), their data, serial number and sizes are invented.
 */
import {
  type CxlDeviceProfile,
  type CxlFeatureValues,
  MANNERS_NAMES,
  PROVIDERS,
} from '../../abi/cxl/device-profile.ts';
import { EFFECTS, FEATURE_FLAGS, FEATURES_CAPABILITY } from '../../abi/cxl/features.ts';
import { hex } from '../../abi/hex.ts';
import { knownFeatures } from './known-features.ts';
import { VENDOR_TEST } from './vendor-test.ts';

const { CHANGEABLE, DEFAULT_SEL, SAVED_SEL } = FEATURE_FLAGS;
const ALL = CHANGEABLE | DEFAULT_SEL | SAVED_SEL;

interface Shape {
  readonly effects: number;
  /** Bytes; 16 unless told. */
  readonly get?: number;
  /** As many unless told. */
  readonly set?: number;
  readonly flags?: number;
}

/** By the number that its UUID ends with, from 1: set in scope 2, in scope 3, in none; and of other sizes. */
const VENDORS: readonly Shape[] = [
  { effects: EFFECTS.CONFIG_CHANGE_COLD_RESET },
  { effects: EFFECTS.CONFIG_CHANGE_CONV_RESET },
  { effects: EFFECTS.CONFIG_CHANGE_CXL_RESET },
  { effects: EFFECTS.CONFIG_CHANGE_IMMEDIATE },
  { effects: EFFECTS.DATA_CHANGE_IMMEDIATE },
  { effects: EFFECTS.POLICY_CHANGE_IMMEDIATE },
  { effects: EFFECTS.LOG_CHANGE_IMMEDIATE },
  { effects: EFFECTS.SECURITY_STATE_CHANGE },
  { effects: EFFECTS.CONFIG_CHANGE_IMMEDIATE | EFFECTS.BACKGROUND | EFFECTS.BGCMD_ABORT_SUPPORTED },
  // longer than the mailbox
  { effects: EFFECTS.CONFIG_CHANGE_COLD_RESET, get: 4096 },
  // lost without power
  { effects: EFFECTS.CONFIG_CHANGE_COLD_RESET, flags: CHANGEABLE },
  // cannot be set
  { effects: 0, set: 0, flags: 0 },
];

/** Bytes rise from `number`; the default is the same with all bits turned. */
function vendor({ effects, get = 16, set = get, flags = ALL }: Shape, number: number): CxlFeatureValues {
  const data = Uint8Array.from({ length: get }, (_, i) => number * 16 + i);
  return {
    get,
    set,
    flags,
    effects: effects | EFFECTS.EFFECTS_VALID,
    get_version: 1,
    set_version: 1,
    like: '',
    data: hex(data),
    default: (flags & DEFAULT_SEL) === 0 ? '' : hex(data.map((byte) => ~byte)),
    saved: '',
  };
}

const uuid = (number: number) => `feed0000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;

export const cxlType3: CxlDeviceProfile = {
  name: 'cxl-type3',
  title: "Type-3 memory expander with the specification's features and a vendor's of every class of effects",
  values: {
    // 0x1234 is nobody's; the device is a type-3 one of QEMU's
    pci_vendor_id: 0x1234,
    pci_device_id: 0x0d93,
    serial: 0x5ca1ab1e00000001n,
    firmware_version: 'fwctl-emu 1.0',
    ram_size: 0x1000_0000,
    pmem_size: 0x1000_0000,
    label_storage_size: 0x4_0000,
    payload_size: 2048,
    feat_cap: FEATURES_CAPABILITY.RW,
    manners: MANNERS_NAMES.specification,
    provider: PROVIDERS['ACPI.CXL'],
    features: {
      ...knownFeatures(() => ALL),
      VENDOR_TEST,
      ...Object.fromEntries(VENDORS.map((shape, i) => [uuid(i + 1), vendor(shape, i + 1)])),
    },
  },
};
