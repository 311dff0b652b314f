/**
 * Capabilities of a PCI function, as rows of its configuration space. Offsets are relative to the capability.
 * Source: PCI Express Base 5.0, chapter 7; values that are not told to a builder are those of an endpoint as tools
 * print a ConnectX, and else invented.
 */
import { type ConfigSpace, EXTENDED_BYTES, type LiveDword, type Row } from './config-space.ts';

export interface Capability {
  readonly id: number;
  /** Of an extended one, which has a longer head; undefined: it is of the first 256 bytes. */
  readonly version?: number;
  readonly at: number;
  /** Without id, version and next. */
  readonly rows: readonly Row[];
  readonly live?: readonly LiveDword[];
}

/** PCI Code and ID Assignment: capabilities, and extended ones. */
export const CAP = { POWER_MANAGEMENT: 0x01, VPD: 0x03, VENDOR: 0x09, EXPRESS: 0x10, MSIX: 0x11 } as const;
export const EXT_CAP = {
  ERROR_REPORTING: 0x01,
  ACCESS_CONTROL: 0x0d,
  ROUTING_ID: 0x0e,
  SRIOV: 0x10,
  SECONDARY_EXPRESS: 0x19,
  DATA_LINK: 0x25,
  PHYSICAL_16: 0x26,
  LANE_MARGINING: 0x27,
  PHYSICAL_32: 0x2a,
} as const;

/** Where the pointer to the first capability is, and the first extended one itself. */
const POINTER = 0x34;
const FIRST_EXTENDED = 0x100;

/** All of a function's, in the order in which they are found. */
export function chained(capabilities: readonly Capability[]): { rows: Row[]; live: LiveDword[] } {
  const near = capabilities.filter(({ version }) => version === undefined);
  const far = capabilities.filter(({ version }) => version !== undefined);
  if (far[0] !== undefined && far[0].at !== FIRST_EXTENDED) throw new Error('extended capabilities start at 0x100');
  return {
    rows: [
      [POINTER, 1, near[0]?.at ?? 0],
      ...near.flatMap(({ id, at }, i): Row[] => [
        [at, 1, id],
        [at + 1, 1, near[i + 1]?.at ?? 0],
      ]),
      ...far.map(({ id, at, version = 1 }, i): Row => [at, 4, id | (version << 16) | ((far[i + 1]?.at ?? 0) << 20)]),
      ...capabilities.flatMap(({ at, rows }) =>
        rows.map(
          ([offset, bytes, value, writable = 0, cleared = 0]): Row => [at + offset, bytes, value, writable, cleared],
        ),
      ),
    ],
    live: capabilities.flatMap(({ at, live = [] }) => live.map((one) => ({ ...one, offset: at + one.offset }))),
  };
}

/** Where the capability of that id is; undefined: the function has none. */
export function capabilityAt(space: ConfigSpace, id: number): number | undefined {
  for (let at = space.get(POINTER, 1); at !== 0; at = space.get(at + 1, 1)) if (space.get(at, 1) === id) return at;
  return undefined;
}

export function extendedAt(space: ConfigSpace, id: number): number | undefined {
  if (space.size < EXTENDED_BYTES) return undefined;
  for (let at = FIRST_EXTENDED; at !== 0; at = space.get(at, 4) >>> 20) if (space.get(at, 2) === id) return at;
  return undefined;
}

/** Version 3, PME from D3cold, 375 mA, no soft reset. */
export function powerManagement(at: number): Capability {
  return {
    id: CAP.POWER_MANAGEMENT,
    at,
    rows: [
      [2, 2, 0x81c3],
      [4, 2, 0x0008, 0x0103, 0x8000],
    ],
  };
}

/** A link: speed 1 to 5 is 2.5, 5, 8, 16 and 32 GT/s. */
export interface PciLink {
  readonly speed: number;
  readonly width: number;
}

const FLR = 1 << 15;

/** An endpoint's, version 2, with function-level reset. The link runs as fast and wide as it can. */
export function express(at: number, { speed, width }: PciLink, resetFunction: () => void): Capability {
  const speeds = ((1 << speed) - 1) << 1;
  const equalized = speed >= 3 ? 0x1e : 0;
  return {
    id: CAP.EXPRESS,
    at,
    rows: [
      [0x02, 2, 0x0002],
      // 512 bytes, L0s and L1 unlimited, extended tags, role-based errors, 75 W, FLR
      [0x04, 4, 0x112c_8fe2],
      // relaxed order, extended tags, no snoop, 512 bytes a read
      [0x08, 2, 0x2910, 0x7fff],
      [0x0a, 2, 0, 0, 0x000f],
      [0x0c, 4, (speed | (width << 4)) >>> 0],
      [0x10, 2, 0, 0x00c8],
      [0x12, 2, 0x1000 | speed | (width << 4)],
      // completion timeouts A to C, to be turned off
      [0x24, 4, 0x0000_0017],
      [0x28, 2, 0, 0x001f],
      [0x2c, 4, speeds],
      [0x30, 2, speed, 0x000f],
      [0x32, 2, equalized],
    ],
    live: [
      {
        offset: 0x08,
        bits: FLR,
        read: () => 0,
        write: (value) => {
          if ((value & FLR) !== 0) resetFunction();
        },
      },
    ],
  };
}

export interface MsixPlace {
  readonly vectors: number;
  /** How many its driver uses; one unless told. */
  readonly used?: number;
  /** Those that are there for VFs besides; none unless told. */
  readonly forVfs?: number;
  /** Both in this BAR, at these offsets. */
  readonly bar: number;
  readonly table: number;
  readonly pending: number;
}

export function msix(at: number, { vectors, bar, table, pending }: MsixPlace): Capability {
  return {
    id: CAP.MSIX,
    at,
    rows: [
      [2, 2, vectors - 1, 0xc000],
      [4, 4, table | bar],
      [8, 4, pending | bar],
    ],
  };
}

const VPD_FLAG = 0x8000;

/** Reads a dword at a time: the address is written with flag 0, and the flag is 1 when the data is there. */
export function vitalProductData(at: number, content: () => Uint8Array): Capability {
  let [address, data] = [0, 0];
  return {
    id: CAP.VPD,
    at,
    rows: [],
    live: [
      {
        offset: 0,
        bits: 0xffff_0000 | 0,
        read: () => address << 16,
        // what is written to the data register goes nowhere: the ROM is protected, and the flag turns all the same
        write(value) {
          const wanted = value >>> 16;
          const from = wanted & ~VPD_FLAG & ~3;
          if ((wanted & VPD_FLAG) === 0) data = littleEndian(content(), from);
          address = from | (~wanted & VPD_FLAG);
        },
      },
      {
        offset: 4,
        bits: ~0,
        read: () => data,
        write: (value) => {
          data = value;
        },
      },
    ],
  };
}

/** Beyond the end is 0. */
function littleEndian(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((value, i) => value | ((bytes[at + i] ?? 0) << (8 * i)), 0);
}

const UNCORRECTABLE = 0x07ff_f030;

export function errorReporting(at: number): Capability {
  return {
    id: EXT_CAP.ERROR_REPORTING,
    version: 1,
    at,
    rows: [
      [0x04, 4, 0, 0, UNCORRECTABLE],
      [0x08, 4, 0, UNCORRECTABLE],
      [0x0c, 4, 0x0046_2030, UNCORRECTABLE],
      [0x10, 4, 0, 0, 0x0000_f1c1],
      [0x14, 4, 0x0000_2000, 0x0000_f1c1],
      // ECRC is generated and checked
      [0x18, 4, 0x0000_00a0, 0x0000_0140],
    ],
  };
}

/** Alternative routing-ID interpretation; `next`: the card's next function, 0 is none. */
export function routingId(at: number, next: number): Capability {
  return { id: EXT_CAP.ROUTING_ID, version: 1, at, rows: [[0x04, 2, next << 8]] };
}

export interface VirtualFunctions {
  readonly total: number;
  readonly deviceId: number;
  /** Of the first, and from one to the next, in routing ids. */
  readonly offset: number;
  readonly stride: number;
  /** Bytes of each one's BAR 0, 64 bits and prefetchable. */
  readonly barBytes: number;
}

export function singleRootIov(at: number, vfs: VirtualFunctions): Capability {
  return {
    id: EXT_CAP.SRIOV,
    version: 1,
    at,
    rows: [
      // ARI hierarchy preserved, 10-bit tags not
      [0x04, 4, 0x0000_0002],
      [0x08, 2, 0, 0x0019],
      [0x0c, 2, vfs.total],
      [0x0e, 2, vfs.total],
      [0x10, 2, 0, 0xffff],
      [0x14, 2, vfs.offset],
      [0x16, 2, vfs.stride],
      [0x1a, 2, vfs.deviceId],
      [0x1c, 4, 0x0000_07ff],
      [0x20, 4, 0x0000_0001, 0x0000_07ff],
      [0x24, 4, 0xc, -vfs.barBytes & ~0xf],
      [0x28, 4, 0, ~0],
    ],
  };
}

/** What a link of 8 GT/s or more has besides, with a setting a lane: 2 bytes here, 1 at each higher speed. */
export function secondaryExpress(at: number, { width }: PciLink): Capability {
  const lanes = Array.from({ length: width }, (_, lane): Row => [0x0c + 2 * lane, 2, 0]);
  return {
    id: EXT_CAP.SECONDARY_EXPRESS,
    version: 1,
    at,
    rows: [[0x04, 4, 0, 0x1], [0x08, 4, 0, 0, 0xffff], ...lanes],
  };
}

/** Of an endpoint without peer-to-peer rules: none of them is there. */
export function accessControl(at: number): Capability {
  return { id: EXT_CAP.ACCESS_CONTROL, version: 1, at, rows: [[0x04, 4, 0]] };
}

export function laneMargining(at: number, { width }: PciLink): Capability {
  const lanes = Array.from({ length: width }, (_, lane): Row => [0x08 + 4 * lane, 4, 0x9c38, 0xffff]);
  // the port is ready
  return { id: EXT_CAP.LANE_MARGINING, version: 1, at, rows: [[0x04, 4, 0x0001_0000], ...lanes] };
}

/** Equalization was complete, all three phases. */
export function physical16(at: number): Capability {
  return { id: EXT_CAP.PHYSICAL_16, version: 1, at, rows: [[0x0c, 4, 0xf, 0, 0x10]] };
}

export function physical32(at: number): Capability {
  return { id: EXT_CAP.PHYSICAL_32, version: 1, at, rows: [[0x0c, 4, 0xf, 0, 0x10]] };
}

/** Scaled flow control is there, and the other end's features are known. */
export function dataLink(at: number): Capability {
  return {
    id: EXT_CAP.DATA_LINK,
    version: 1,
    at,
    rows: [
      [0x04, 4, 0x8000_0001],
      [0x08, 4, 0x8000_0001],
    ],
  };
}
