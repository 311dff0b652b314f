/** A CXL memory device as data: what one emulated type-3 device is that another is not. */

/** Whose return codes and habits its mailbox has, where they differ (firmware/cxl/manners.ts). */
export type MannersName = 'specification' | 'qemu' | 'cxl_test';

/** What the kernel calls the platform that the device hangs on, by which libcxl knows a bus. */
export type ProviderName = 'ACPI.CXL' | 'cxl_test';

export type CapabilityName = 'none' | 'ro' | 'rw';

/** Values of the device beside its features. */
export interface CxlDeviceValues {
  /** 16 bits each, of the PCI function. */
  readonly pci_vendor_id: number;
  readonly pci_device_id: number;
  /** 64 bits. */
  readonly serial: number | bigint;
  /** At most 16 characters: fw_revision of Identify Memory Device. */
  readonly firmware_version: string;
  /** Bytes; multiples of 256 MiB. */
  readonly ram_size: number;
  readonly pmem_size: number;
  /** Bytes. */
  readonly label_storage_size: number;
  /** Most bytes of one mailbox command: a power of two from 256 to 1 MiB (CXL 3.2, 8.2.8.4.3). */
  readonly payload_size: number;
  /** Whether its features can be read, and set. */
  readonly feat_cap: CapabilityName;
  readonly manners: MannersName;
  readonly provider: ProviderName;
}

/** One feature: its entry in the list of GET_SUPPORTED_FEATURES, and its data. */
export interface CxlFeatureProfile {
  /** In lower case. */
  readonly uuid: string;
  /** Bytes: of the data that are read, and of those that are set; 0 to 65535. */
  readonly get_size: number;
  readonly set_size: number;
  /** 32 bits, FEATURE_FLAGS. */
  readonly flags: number;
  readonly get_version: number;
  readonly set_version: number;
  /** 16 bits, EFFECTS. */
  readonly effects: number;
  /** The feature of the specification that it behaves as, under another UUID; undefined: as its own name says. */
  readonly like?: string;
  /** What is read at the first power-up; at most `get_size` bytes, zeroes behind. */
  readonly data: Uint8Array;
  /** The same by selection; undefined: as `data`. */
  readonly default?: Uint8Array;
  readonly saved?: Uint8Array;
}

export interface CxlDeviceProfile {
  readonly name: string;
  readonly title: string;
  readonly device: CxlDeviceValues;
  /** By name: of a feature that uuids.ts knows its name there, of others the profile's own. In the device's order. */
  readonly features: Readonly<Record<string, CxlFeatureProfile>>;
}
