/** What is said of one device, complete: every default is filled in. */
import type { Surrounding } from './surroundings.ts';

export interface DeviceSpec {
  /** Which driver: the name of a row of the driver table. */
  readonly driver: string;
  /** A device profile of that driver, e.g. `connectx6dx`, or the path of a profile's file. */
  readonly profile: string;
  /**
   * What its driver has read in the profile's file, once for all devices of an entry; `brought`: a request brought the
   * text along. Undefined: the profile is no file, or is read when the device is plugged.
   */
  readonly file?: { readonly content: unknown; readonly brought: boolean };
  /** PCI address `dddd:bb:dd.f` in lower case; undefined: the driver's devices are on no bus. */
  readonly pci?: string;
  /** Node permission bits, owner and group. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Profile values changed, by dotted name, e.g. `{"caps.GENERAL.log_max_qp": 17}`. */
  readonly overrides: Readonly<Record<string, number | bigint | string | boolean>>;
  /** What a view shows around it; undefined: all. */
  readonly surroundings?: readonly Surrounding[];
  /** Values that are set when it has been plugged, as an operator sets them, in that order. */
  readonly live?: Readonly<Record<string, number | bigint | string | boolean>>;
  /** The driver's own keys as they were written, `keys` before they were read. */
  readonly own?: Readonly<Record<string, string>>;
  /** The driver's own keys, as its row's readers gave them; one that is not here has the row's default. */
  readonly keys?: Readonly<Record<string, unknown>>;
}

/** The same of a device that is a PCI function's. */
export type FunctionSpec = DeviceSpec & { readonly pci: string };
