/** PCI addresses `dddd:bb:dd.f` (Documentation/PCI/sysfs-pci.rst), and which one comes after another. */

/** Highest device number on a bus, function of a device, bus of a domain. */
const LAST_DEVICE = 0x1f;
const LAST_BUS = 0xff;
const LAST_DOMAIN = 0xffff;

export interface PciAddress {
  readonly domain: number;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
}

const FORM = /^(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i;

/** Reads `dddd:bb:dd.f` or `bb:dd.f` (domain 0), any letter case; undefined when it is neither. */
export function parsePciAddress(text: string): PciAddress | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [domain, bus, device, func] = match.slice(1).map((part) => Number.parseInt(part ?? '0', 16));
  return { domain: domain ?? 0, bus: bus ?? 0, device: device ?? 0, function: func ?? 0 };
}

/** As one number, which no other has: 16 bits of domain, 8 of bus, 5 of device, 3 of function; 0 of what is none. */
export function pciNumber(text: string): number {
  const { domain = 0, bus = 0, device = 0, function: number = 0 } = parsePciAddress(text) ?? {};
  return domain * 0x1_0000 + (bus << 8) + (device << 3) + number;
}

/** The kernel's spelling: lower case, with the domain. */
export function formatPciAddress(address: PciAddress): string {
  const hex = (value: number, width: number) => value.toString(16).padStart(width, '0');
  return `${hex(address.domain, 4)}:${hex(address.bus, 2)}:${hex(address.device, 2)}.${address.function}`;
}

/** The next device number, then the next bus, then the next domain; undefined after the last. The function stays. */
export function nextPciAddress(address: PciAddress): PciAddress | undefined {
  if (address.device < LAST_DEVICE) return { ...address, device: address.device + 1 };
  if (address.bus < LAST_BUS) return { ...address, bus: address.bus + 1, device: 0 };
  if (address.domain < LAST_DOMAIN) return { ...address, domain: address.domain + 1, bus: 0, device: 0 };
  return undefined;
}
