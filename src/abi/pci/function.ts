/**
 * What a PCI function is to those who show it, whatever stands behind: its ids, BARs, capabilities. A driver's row
 * describes its functions once (`PciShape`); sysfs shows that as a kernel that has enumerated it, a PCI transport gives
 * it to a guest as after power-up.
 */
import {
  accessControl,
  type Capability,
  chained,
  dataLink,
  errorReporting,
  express,
  laneMargining,
  type MsixPlace,
  msix,
  type PciLink,
  physical16,
  physical32,
  powerManagement,
  routingId,
  secondaryExpress,
  singleRootIov,
  type VirtualFunctions,
  vitalProductData,
} from './capabilities.ts';
import { CONVENTIONAL_BYTES, ConfigSpace, EXTENDED_BYTES, type Row } from './config-space.ts';
import { encodeVpd, type VitalProductData } from './vpd.ts';

/** The numbers of a PCI function's configuration space, by which tools know the hardware. */
export interface PciIdentity {
  /** 16 bits each, e.g. 0x15b3 and 0x101d for a ConnectX-6 Dx. */
  readonly vendor: number;
  readonly device: number;
  readonly subsystemVendor: number;
  readonly subsystemDevice: number;
  /** 8 bits. */
  readonly revision: number;
  /** 24 bits, base class first: 0x020000 is an Ethernet controller. */
  readonly classCode: number;
}

/** Memory; one of 64 bits takes two of the six registers, its own and the next. */
export interface Bar {
  readonly index: number;
  /** A power of two. */
  readonly bytes: number;
  readonly wide: boolean;
  readonly prefetchable: boolean;
}

export interface PciShape {
  readonly identity: PciIdentity;
  readonly bars: readonly Bar[];
  /** Bytes of the expansion ROM, a power of two; undefined: there is none. */
  readonly rom?: number;
  /** Undefined: the function is on no link, and has 256 bytes of configuration space. */
  readonly link?: PciLink;
  readonly msix?: MsixPlace;
  readonly vpd?: VitalProductData;
  readonly vfs?: VirtualFunctions;
  /** Address bits of DMA that its driver asks for; 64 unless told. */
  readonly dmaBits?: number;
  /** The vendor's own capability, made anew for each space. */
  vendor?(at: number): Capability;
}

/** Where capabilities are, as those of a ConnectX-6 Dx; of other functions the places are invented. */
const AT = {
  powerManagement: 0x40,
  vpd: 0x48,
  express: 0x60,
  msix: 0x9c,
  vendor: 0xc0,
  errorReporting: 0x100,
  routingId: 0x150,
  singleRootIov: 0x180,
  secondaryExpress: 0x1c0,
  accessControl: 0x230,
  laneMargining: 0x320,
  physical16: 0x370,
  physical32: 0x3b0,
  dataLink: 0x420,
} as const;

/** From which speed on a link has these: 8, 16 and 32 GT/s. */
const SPEED = { GEN3: 3, GEN4: 4, GEN5: 5 } as const;

/** Bits of the command register: memory space, bus master, parity, SERR, INTx off. */
const COMMAND_BITS = 0x0546;

/** As after power-up. */
export function configSpace(shape: PciShape): ConfigSpace {
  const { rows, live } = chained(capabilities(shape, () => space.reset()));
  const size = shape.link === undefined ? CONVENTIONAL_BYTES : EXTENDED_BYTES;
  const space = new ConfigSpace(size, [...header(shape, rows.length > 1), ...bars(shape), ...rows], live);
  return space;
}

function capabilities({ link, vpd, msix: vectors, vendor, vfs }: PciShape, reset: () => void): Capability[] {
  const near = [
    ...(link ? [express(AT.express, link, reset)] : []),
    ...(vpd ? [vitalProductData(AT.vpd, () => encodeVpd(vpd))] : []),
    ...(vectors ? [msix(AT.msix, vectors)] : []),
    ...(vendor ? [vendor(AT.vendor)] : []),
    ...(link ? [powerManagement(AT.powerManagement)] : []),
  ];
  if (link === undefined) return near;
  return [
    ...near,
    errorReporting(AT.errorReporting),
    routingId(AT.routingId, 0),
    ...(vfs ? [singleRootIov(AT.singleRootIov, vfs)] : []),
    ...(link.speed >= SPEED.GEN3 ? [secondaryExpress(AT.secondaryExpress, link)] : []),
    accessControl(AT.accessControl),
    ...(link.speed >= SPEED.GEN4 ? [laneMargining(AT.laneMargining, link), physical16(AT.physical16)] : []),
    ...(link.speed >= SPEED.GEN5 ? [physical32(AT.physical32)] : []),
    ...(link.speed >= SPEED.GEN4 ? [dataLink(AT.dataLink)] : []),
  ];
}

function header({ identity }: PciShape, capable: boolean): Row[] {
  return [
    [0x00, 2, identity.vendor],
    [0x02, 2, identity.device],
    [0x04, 2, 0, COMMAND_BITS],
    [0x06, 2, capable ? 0x0010 : 0, 0, 0xf900],
    [0x08, 4, ((identity.classCode << 8) | identity.revision) >>> 0],
    [0x0c, 1, 0, 0xff],
    [0x2c, 2, identity.subsystemVendor],
    [0x2e, 2, identity.subsystemDevice],
    [0x3c, 1, 0, 0xff],
  ];
}

const FIRST_BAR = 0x10;
const ROM_BAR = 0x30;
const FOUR_GIB = 0x1_0000_0000;

function bars({ bars, rom, bars: { length } }: PciShape): Row[] {
  return [
    ...bars.flatMap(({ index, bytes, wide, prefetchable }): Row[] => {
      const at = FIRST_BAR + 4 * index;
      const kind = (wide ? 0x4 : 0) | (prefetchable ? 0x8 : 0);
      const high = bytes < FOUR_GIB ? ~0 : -(bytes / FOUR_GIB) | 0;
      const low = bytes < FOUR_GIB ? -bytes & ~0xf : 0;
      return [[at, 4, kind, low], ...(wide ? [[at + 4, 4, 0, high] as const] : [])];
    }),
    ...(rom === undefined ? [] : [[ROM_BAR, 4, 0, (-rom & ~0x7ff) | 1] as const]),
    // pin A
    ...(length > 0 ? [[0x3d, 1, 1] as const] : []),
  ];
}
