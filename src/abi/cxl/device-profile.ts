/** A CXL memory device as data: what one emulated type-3 device is that another is not. */
import { ascii, bytes, record, type ShapedProfile, table, text, type ValueOf, whole, wide } from '../profile-shape.ts';
import { FEATURE_ATTRIBUTES } from './attributes.ts';
import { EFFECTS, FEATURE_FLAGS, FEATURES_CAPABILITY, RESET_PERSISTENCE } from './features.ts';
import { KNOWN_FEATURES } from './uuids.ts';

/** Whose return codes and habits its mailbox has, where they differ (firmware/cxl/manners.ts). */
export const MANNERS_NAMES = { specification: 0, qemu: 1, cxl_test: 2 } as const;

/** What libcxl calls the bus that the device hangs on: that of the platform, or of the kernel's own tests. */
export const PROVIDERS = { 'ACPI.CXL': 0, cxl_test: 1 } as const;

const FLAG_NAMES = {
  changeable: FEATURE_FLAGS.CHANGEABLE,
  survives_cold_reset: RESET_PERSISTENCE.COLD_RESET << RESET_PERSISTENCE.shift,
  persist_fw_update: FEATURE_FLAGS.PERSIST_FW_UPDATE,
  default: FEATURE_FLAGS.DEFAULT_SEL,
  saved: FEATURE_FLAGS.SAVED_SEL,
};

/** Each says as well that the effects are valid. */
const EFFECT_NAMES = Object.fromEntries(
  Object.entries({
    config_cold_reset: EFFECTS.CONFIG_CHANGE_COLD_RESET,
    config_immediate: EFFECTS.CONFIG_CHANGE_IMMEDIATE,
    data_immediate: EFFECTS.DATA_CHANGE_IMMEDIATE,
    policy_immediate: EFFECTS.POLICY_CHANGE_IMMEDIATE,
    log_immediate: EFFECTS.LOG_CHANGE_IMMEDIATE,
    security_state: EFFECTS.SECURITY_STATE_CHANGE,
    background: EFFECTS.BACKGROUND,
    background_abort: EFFECTS.BGCMD_ABORT_SUPPORTED,
    config_conv_reset: EFFECTS.CONFIG_CHANGE_CONV_RESET,
    config_cxl_reset: EFFECTS.CONFIG_CHANGE_CXL_RESET,
  }).map(([name, bit]) => [name, bit | EFFECTS.EFFECTS_VALID]),
);

const NAMED = KNOWN_FEATURES.map(({ name }) => name).join('|');
const LIKE = FEATURE_ATTRIBUTES.map(({ name }) => name);
const powerUp = { powerUp: true } as const;
/** Most bytes of a feature's data. */
const MOST = 0xffff;

/** One feature: its entry in the list of GET_SUPPORTED_FEATURES, and its data. */
export const FEATURE_SHAPE = record({
  /** Bytes: of the data that are read, and of those that are set. */
  get: whole(MOST, powerUp),
  set: whole(MOST, powerUp),
  flags: whole(0xffffffff, { names: FLAG_NAMES, flags: true, unlessTold: 0, ...powerUp }),
  effects: whole(0xffff, { names: EFFECT_NAMES, flags: true, unlessTold: EFFECTS.EFFECTS_VALID, ...powerUp }),
  get_version: whole(0xff, { unlessTold: 1, ...powerUp }),
  set_version: whole(0xff, { unlessTold: 1, ...powerUp }),
  /** The feature of the specification that it behaves as, under another UUID; empty: as its own. */
  like: text(new RegExp(`^(${LIKE.join('|')})$`), `one of ${LIKE.join(', ')}`, { unlessTold: '', ...powerUp }),
  /** What is read at the first power-up, `get` bytes; zeroes behind those that are told. */
  data: bytes(MOST, { unlessTold: '' }),
  /** The same by selection; empty: as `data`. */
  default: bytes(MOST, { unlessTold: '' }),
  saved: bytes(MOST, { unlessTold: '' }),
});

export const CXL_SHAPE = record({
  /** Of the PCI function. */
  pci_vendor_id: whole(0xffff, powerUp),
  pci_device_id: whole(0xffff, powerUp),
  serial: wide(powerUp),
  /** fw_revision of Identify Memory Device. */
  firmware_version: ascii(16, powerUp),
  /** Bytes. */
  ram_size: whole(Number.MAX_SAFE_INTEGER, powerUp),
  pmem_size: whole(Number.MAX_SAFE_INTEGER, powerUp),
  label_storage_size: whole(0xffffffff, { unlessTold: 0, ...powerUp }),
  /** Most bytes of one mailbox command; a device's own is a power of two (CXL 3.2, 8.2.8.4.3). */
  payload_size: whole(1048576, { least: 256, unlessTold: 2048, ...powerUp }),
  /** Whether its features can be read, and set. */
  feat_cap: whole(2, {
    names: { none: FEATURES_CAPABILITY.NONE, ro: FEATURES_CAPABILITY.RO, rw: FEATURES_CAPABILITY.RW },
    unlessTold: FEATURES_CAPABILITY.RW,
  }),
  manners: whole(2, { names: MANNERS_NAMES, unlessTold: MANNERS_NAMES.specification, ...powerUp }),
  provider: whole(1, { names: PROVIDERS, unlessTold: PROVIDERS['ACPI.CXL'], ...powerUp }),
  /** By UUID, or by the name that uuids.ts has for it; in the device's order. */
  features: table(
    {
      uuid: text(
        new RegExp(`^(${NAMED}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$`),
        `a UUID in lower case, feed0000-0000-0000-0000-000000000001, or one of ${NAMED.replaceAll('|', ', ')}`,
      ),
    },
    FEATURE_SHAPE,
  ),
});

export type CxlFeatureValues = ValueOf<typeof FEATURE_SHAPE>;
export type CxlValues = ValueOf<typeof CXL_SHAPE>;
export type CxlDeviceProfile = ShapedProfile<CxlValues>;

/** The UUID of a feature by its key in a profile. */
export function featureUuid(key: string): string {
  return KNOWN_FEATURES.find(({ name }) => name === key)?.uuid ?? key;
}
