/**
 * The shape of an mlx5 device's description: what devices/ writes down and the firmware is made from. Data only; in
 * abi/ because neither may import the other. Names inside are those of the configuration's overrides.
 */
import type { FieldInput } from '../bits.ts';

/** Field values by field path; a field that is not named is 0. */
export type FieldValues = Readonly<Record<string, FieldInput>>;

export interface DeviceIdentity {
  /** PCI device id, 16 bits (MGIR hw_info.device_id), e.g. 0x101d. */
  readonly pci_device_id: number;
  /** The chip's own id, 16 bits (MGIR hw_info.hw_dev_id): the gate of every mstflint tool; 0x212 is ConnectX-6 Dx. */
  readonly hw_dev_id: number;
  /** 16 bits (MGIR hw_info.device_hw_revision). */
  readonly hw_revision: number;
  /** Ports of the board, 12 bits; local_port runs from 1 to it. */
  readonly num_ports: number;
  /** `major.minor.subminor`. */
  readonly fw_version: string;
  /** `yyyy-mm-dd`. */
  readonly fw_date: string;
  /** Board id, at most 16 characters. */
  readonly psid: string;
  /** Part number, what MQIS calls the model name. */
  readonly model_name: string;
  /** MQIS model description. */
  readonly model_description: string;
  /** Vendor specific data of QUERY_ADAPTER and MQIS, at most 208 characters. */
  readonly vsd: string;
  /** 48 bits, as 12 hex digits. */
  readonly base_mac: string;
}

/** The driver that is taken to run on the device: it decides which objects exist (firmware/mlx5/world.ts). */
export interface DeviceWorld {
  /** Channels of each of the two netdevs: completion EQs, and one RQ and two SQs each; 1 to 64. */
  readonly channels: number;
  /** Virtual functions switched on, vports and functions 1 to this; 1 to 127. The first has a representor netdev. */
  readonly vfs: number;
}

/** What is plugged into the ports. */
export interface DevicePorts {
  /** A name of modules.ts, or `none`: the cable is pulled. */
  readonly module: string;
}

export interface Mlx5DeviceProfile {
  /** Name in the configuration. */
  readonly name: string;
  /** What it is, for lists. */
  readonly title: string;
  readonly identity: DeviceIdentity;
  /**
   * Current capabilities by capability type's name (cap-types.ts). A type that is not here is one the device does not
   * know: QUERY_HCA_CAP refuses it. An empty record is a type whose capabilities are all 0.
   */
  readonly caps: Readonly<Record<string, FieldValues>>;
  /** Where the maximum differs from the current value, by type's name. */
  readonly capsMax: Readonly<Record<string, FieldValues>>;
  /** Values of registers after power-up, by register's name; every port or sensor starts alike. */
  readonly registers: Readonly<Record<string, FieldValues>>;
  /**
   * Factory data of the non-volatile configuration by TLV's name (nv/). A TLV that is not here is one that the device
   * has not; `version` among its fields is what MNVQC tells of it.
   */
  readonly nv: Readonly<Record<string, FieldValues>>;
  /** Reply fields of QUERY_SPECIAL_CONTEXTS. */
  readonly special_contexts: FieldValues;
  readonly ports: DevicePorts;
  readonly world: DeviceWorld;
}
