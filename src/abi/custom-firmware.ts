/** What the firmwares of one's own of all drivers share (docs/custom-firmware.md). */

/** What a module may know of the device that it stands behind. */
export interface FirmwareDevice {
  /** `0000:00:0a.0`. */
  readonly pci: string;
  /** The kernel that is emulated, `linux-7.3`. */
  readonly abi: string;
}
