/**
 * A type-3 memory expander with all features: the kernel's eight, cxl_test's, and one of a vendor for each class of
 * effects. Nobody's: the vendor's features (UUIDs feed0000-...), their data, serial number and sizes are invented.
 */
import type { CxlDeviceProfile, CxlFeatureProfile } from '../../abi/cxl/device-profile.ts';
import { EFFECTS, FEATURE_FLAGS } from '../../abi/cxl/features.ts';
import { knownFeatures } from './known-features.ts';
import { vendorTest } from './vendor-test.ts';

const { CHANGEABLE, DEFAULT_SEL, SAVED_SEL } = FEATURE_FLAGS;
const ALL = CHANGEABLE | DEFAULT_SEL | SAVED_SEL;

/** By name, of SET_FEATURE in the kernel: scope 2, scope 3, or none at all. */
const EFFECT_FEATURES: readonly (readonly [name: string, effects: number])[] = [
  ['config_cold_reset', EFFECTS.CONFIG_CHANGE_COLD_RESET],
  ['config_conv_reset', EFFECTS.CONFIG_CHANGE_CONV_RESET],
  ['config_cxl_reset', EFFECTS.CONFIG_CHANGE_CXL_RESET],
  ['config_immediate', EFFECTS.CONFIG_CHANGE_IMMEDIATE],
  ['data_immediate', EFFECTS.DATA_CHANGE_IMMEDIATE],
  ['policy_immediate', EFFECTS.POLICY_CHANGE_IMMEDIATE],
  ['log_immediate', EFFECTS.LOG_CHANGE_IMMEDIATE],
  ['security_state', EFFECTS.SECURITY_STATE_CHANGE],
  ['background', EFFECTS.CONFIG_CHANGE_IMMEDIATE | EFFECTS.BACKGROUND | EFFECTS.BGCMD_ABORT_SUPPORTED],
];

interface Shape {
  readonly size: number;
  readonly setSize?: number;
  readonly flags?: number;
  readonly effects: number;
}

/** Bytes rise from `number`; the default is the same with all bits turned. */
function vendor(number: number, { size, setSize = size, flags = ALL, effects }: Shape): CxlFeatureProfile {
  const data = Uint8Array.from({ length: size }, (_, i) => number * 16 + i);
  return {
    uuid: `feed0000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`,
    get_size: size,
    set_size: setSize,
    flags,
    get_version: 1,
    set_version: 1,
    effects: effects | EFFECTS.EFFECTS_VALID,
    data,
    ...((flags & DEFAULT_SEL) !== 0 && { default: data.map((byte) => ~byte) }),
  };
}

function vendorFeatures(): Record<string, CxlFeatureProfile> {
  const reset = EFFECTS.CONFIG_CHANGE_COLD_RESET;
  const shapes: readonly (readonly [string, Shape])[] = [
    ...EFFECT_FEATURES.map(([name, effects]) => [name, { size: 16, effects }] as const),
    // longer than the mailbox
    ['long', { size: 4096, effects: reset }],
    // lost without power
    ['volatile', { size: 16, flags: CHANGEABLE, effects: reset }],
    ['read_only', { size: 16, setSize: 0, flags: 0, effects: 0 }],
  ];
  return Object.fromEntries(shapes.map(([name, shape], i) => [name, vendor(i + 1, shape)]));
}

export const cxlType3: CxlDeviceProfile = {
  name: 'cxl-type3',
  title: "Type-3 memory expander with the specification's features and a vendor's of every class of effects",
  device: {
    // 0x1234 is nobody's; the device is a type-3 one of QEMU's
    pci_vendor_id: 0x1234,
    pci_device_id: 0x0d93,
    serial: 0x5ca1ab1e00000001n,
    firmware_version: 'fwctl-emu 1.0',
    ram_size: 0x1000_0000,
    pmem_size: 0x1000_0000,
    label_storage_size: 0x4_0000,
    payload_size: 2048,
    feat_cap: 'rw',
    manners: 'specification',
    provider: 'ACPI.CXL',
  },
  features: { ...knownFeatures(() => ALL), VENDOR_TEST: vendorTest, ...vendorFeatures() },
};
