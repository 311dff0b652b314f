/**
 * The first 256 bytes of a PCI function's configuration space, as sysfs `config` shows them
 * (PCI Local Bus 3.0, section 6.1: type 0 header). No BARs and no capabilities: nothing behind them is emulated.
 */
import type { PciIdentity } from '../abi/pci/function.ts';

const CONFIG_BYTES = 256;
/** Command register of a function that its driver has enabled: memory space, bus master, parity, SERR, INTx off. */
const COMMAND_ENABLED = 0x0546;

export function pciConfigSpace(pci: PciIdentity): Uint8Array {
  const bytes = new Uint8Array(CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0x00, pci.vendor, true);
  view.setUint16(0x02, pci.device, true);
  view.setUint16(0x04, COMMAND_ENABLED, true);
  view.setUint32(0x08, ((pci.classCode << 8) | pci.revision) >>> 0, true);
  view.setUint16(0x2c, pci.subsystemVendor, true);
  view.setUint16(0x2e, pci.subsystemDevice, true);
  return bytes;
}
