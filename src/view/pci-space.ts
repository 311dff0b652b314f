/**
 * A PCI function's configuration space as sysfs `config` shows it, and its resources: what the kernel and the driver
 * have written there, as after power-up nothing works (drivers/pci/setup-bus.c, pci_enable_device(), MSI-X). Addresses
 * are invented, and each function has its own.
 */

import { pciNumber } from '../abi/pci/address.ts';
import { CAP, capabilityAt, EXT_CAP, extendedAt } from '../abi/pci/capabilities.ts';
import type { ConfigSpace } from '../abi/pci/config-space.ts';
import { type Bar, configSpace, type PciIdentity, type PciShape } from '../abi/pci/function.ts';
import type { SysfsBinary } from './sysfs-entry.ts';

/** Command register of a function that its driver has enabled: memory space, bus master, parity, SERR, INTx off. */
const COMMAND_ENABLED = 0x0546;
const CACHE_LINE = 64;
const AT = { command: 0x04, cacheLine: 0x0c, bar: 0x10, rom: 0x30 } as const;
/** From where their capabilities are. */
const EXPRESS = { control: 0x08, linkControl: 0x10 } as const;
const MSIX = { control: 0x02, enabled: 0x8000 } as const;
const SRIOV_BAR = 0x24;
/** Of an endpoint that may answer 256 bytes at once, as MPEIN says; and of a link with a common clock. */
const PAYLOAD_256 = 0x0020;
const COMMON_CLOCK = 0x0040;

/** Bytes of its address space that each function has, far above what a machine has of memory. */
const WINDOW = 0x1000_0000n;
const FIRST_WINDOW = 0x20_0000_0000n;
/** Where in the window the VFs' BARs are. */
const VF_OFFSET = 0x0800_0000n;
/** Of ROMs, which are below 4 GiB. */
const FIRST_ROM = 0xa000_0000;
const ROMS = 0x400;

/** One line of `resource`. */
export interface Resource {
  /** PCI_STD_RESOURCES 0 to 5, the ROM 6, BARs of VFs from 7 on. */
  readonly index: number;
  readonly start: bigint;
  readonly bytes: bigint;
  /** IORESOURCE_* of include/linux/ioport.h. */
  readonly flags: number;
}

/** IORESOURCE_PREFETCH. */
export const PREFETCH = 0x2000;
/** IORESOURCE_MEM and SIZEALIGN, PREFETCH, MEM_64; of a ROM MEM, PREFETCH, READONLY and SIZEALIGN. */
const FLAGS = { memory: 0x0004_0200, prefetch: PREFETCH, wide: 0x10_0000, kind: { prefetch: 0x8, wide: 0x4 } } as const;
const ROM_FLAGS = 0x0004_6200;
export const ROM_INDEX = 6;
const VF_INDEX = 7;

export function resources(address: string, { bars, rom, vfs }: PciShape): Resource[] {
  const window = FIRST_WINDOW + BigInt(pciNumber(address)) * WINDOW;
  const found: Resource[] = [];
  let next = window;
  for (const bar of bars) {
    const bytes = BigInt(bar.bytes);
    next = (next + bytes - 1n) & -bytes;
    found.push({ index: bar.index, start: next, bytes, flags: flagsOf(bar) });
    next += bytes;
  }
  if (rom !== undefined) {
    const start = BigInt(FIRST_ROM) + BigInt(pciNumber(address) % ROMS) * BigInt(rom);
    found.push({ index: ROM_INDEX, start, bytes: BigInt(rom), flags: ROM_FLAGS });
  }
  if (vfs !== undefined) {
    const bytes = BigInt(vfs.barBytes) * BigInt(vfs.total);
    const flags = flagsOf({ wide: true, prefetchable: true });
    found.push({ index: VF_INDEX, start: window + VF_OFFSET, bytes, flags });
  }
  return found;
}

function flagsOf({ wide, prefetchable }: Pick<Bar, 'wide' | 'prefetchable'>): number {
  const kind = (wide ? FLAGS.wide | FLAGS.kind.wide : 0) | (prefetchable ? FLAGS.prefetch | FLAGS.kind.prefetch : 0);
  return FLAGS.memory | kind;
}

/** The whole space of a function that its driver runs. */
export function enumerated(address: string, shape: PciShape): ConfigSpace {
  const space = configSpace(shape);
  const virtual = extendedAt(space, EXT_CAP.SRIOV) ?? 0;
  for (const { index, start } of resources(address, shape)) {
    const at = index === ROM_INDEX ? AT.rom : index >= VF_INDEX ? virtual + SRIOV_BAR : AT.bar + 4 * index;
    space.set(at, 4, Number(start & 0xffff_ffffn));
    if (start > 0xffff_ffffn) space.set(at + 4, 4, Number(start >> 32n));
  }
  space.set(AT.command, 2, COMMAND_ENABLED);
  space.set(AT.cacheLine, 1, CACHE_LINE / 4);
  const vectors = capabilityAt(space, CAP.MSIX);
  if (vectors !== undefined) space.set(vectors + MSIX.control, 2, MSIX.enabled);
  const express = capabilityAt(space, CAP.EXPRESS);
  if (express === undefined) return space;
  space.set(express + EXPRESS.control, 2, space.get(express + EXPRESS.control, 2) | PAYLOAD_256);
  space.set(express + EXPRESS.linkControl, 2, COMMON_CLOCK);
  return space;
}

/** Of a function of which no more is known than its ids. */
function headerOnly(identity: PciIdentity): ConfigSpace {
  const space = configSpace({ identity, bars: [] });
  space.set(AT.command, 2, COMMAND_ENABLED);
  return space;
}

/** Bytes that anybody may read, without CAP_SYS_ADMIN at the open: pci_read_config() of drivers/pci/pci-sysfs.c. */
const FOR_ANYBODY = 64;

export function configFile(address: string, identity: PciIdentity, shape: PciShape | undefined): SysfsBinary {
  let made: ConfigSpace | undefined;
  const space = () => {
    made ??= shape === undefined ? headerOnly(identity) : enumerated(address, shape);
    return made;
  };
  return {
    kind: 'binary',
    mode: 0o644,
    size: shape?.link === undefined ? 256 : 4096,
    read: (offset, length, privileged) =>
      space().read(offset, privileged ? length : Math.min(length, Math.max(0, FOR_ANYBODY - offset))),
    write: (offset, bytes) => {
      space().write(offset, bytes);
    },
  };
}
