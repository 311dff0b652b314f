/**
 * Cables and transceivers that can be plugged into a port, as their memory maps describe them (SFF-8636; CMIS 5). Data
 * only; here because neither devices/ (which names one) nor firmware/ (which answers for it) imports the other. The
 * parts are of a kind that is sold; serial numbers, dates, lengths and readings are invented.
 */

/** A monitored value with its alarm thresholds. */
export interface Monitor {
  readonly value: number;
  readonly high: number;
  readonly low: number;
}

/** Digital diagnostic monitoring, in the units of the memory maps. */
export interface ModuleMonitors {
  /** 1/256 degrees Celsius, signed. */
  readonly temperature: Monitor;
  /** 100 microvolts. */
  readonly voltage: Monitor;
  /** 2 microamperes, each lane. */
  readonly bias: Monitor;
  /** 0.1 microwatts, each lane. */
  readonly txPower: Monitor;
  readonly rxPower: Monitor;
}

export interface Module {
  /** Name in `ports.module`. */
  readonly name: string;
  /** SFF-8024 identifier, the memory map's first byte. */
  readonly identifier: number;
  readonly management: 'SFF-8636' | 'CMIS';
  readonly medium: 'copper' | 'optics';
  /** Extended Ethernet speeds of PTYS that it is made for. */
  readonly speeds: number;
  readonly lanes: number;
  readonly partNumber: string;
  /** Two characters. */
  readonly revision: string;
  readonly serialNumber: string;
  /** yymmdd. */
  readonly date: string;
  /** Metres of cable; 0: a transceiver. */
  readonly lengthM: number;
  /** SFF-8636 byte 131, and byte 192; CMIS: media interface and host interface of the first application. */
  readonly compliance: readonly [number, number];
  /** SFF-8636 byte 147; CMIS page 00h byte 212. */
  readonly technology: number;
  /** SFF-8024 connector type. */
  readonly connector: number;
  /** dB at 5, 7, 12.9 and 25.8 GHz; copper only. */
  readonly attenuationDb?: readonly [number, number, number, number];
  /** Nanometres; optics only. */
  readonly wavelengthNm?: number;
  /** Quarter watts at most, and the management interface's power class. */
  readonly maxPower: number;
  readonly powerClass: number;
  /** Undefined: it has no monitors, as passive copper. */
  readonly monitors?: ModuleMonitors;
}

/** Vendor of all of them, and its OUI. */
export const MODULE_VENDOR = { name: 'Mellanox', oui: [0x00, 0x02, 0xc9] } as const;

/** PTYS speed bits (mlx5_core en/port.c): 1, 10, 40, 25, 50 on 2, 100 on 4; with 50, then 100 Gb/s a lane. */
const NRZ_25 = 0x0000_02f2;
const PAM4_50 = NRZ_25 | 0x0000_1500;
const PAM4_100 = PAM4_50 | 0x0001_2800;

const QSFP28 = 0x11;
const OSFP = 0x19;
const QSFP_CMIS = 0x1e;
const MPO = 0x0c;
const NO_SEPARABLE = 0x23;

const optical: ModuleMonitors = {
  temperature: { value: 45 * 256, high: 75 * 256, low: -5 * 256 },
  voltage: { value: 32_800, high: 36_300, low: 29_700 },
  bias: { value: 3_750, high: 5_000, low: 1_000 },
  txPower: { value: 12_590, high: 34_674, low: 1_445 },
  rxPower: { value: 7_943, high: 34_674, low: 741 },
};

export const MODULES: readonly Module[] = [
  {
    name: 'copper-qsfp28',
    identifier: QSFP28,
    management: 'SFF-8636',
    medium: 'copper',
    speeds: NRZ_25,
    lanes: 4,
    partNumber: 'MCP1600-C001E30N',
    revision: 'A3',
    serialNumber: 'MT2250VS00001',
    date: '221210',
    lengthM: 1,
    compliance: [0x88, 0x0b],
    technology: 0xa0,
    connector: NO_SEPARABLE,
    attenuationDb: [4, 5, 7, 10],
    maxPower: 6,
    powerClass: 0,
  },
  {
    name: 'optics-qsfp28',
    identifier: QSFP28,
    management: 'SFF-8636',
    medium: 'optics',
    speeds: 0x0000_02c0,
    lanes: 4,
    partNumber: 'MMA1B00-C100D',
    revision: 'A2',
    serialNumber: 'MT2250FT00001',
    date: '221210',
    lengthM: 0,
    compliance: [0x80, 0x02],
    technology: 0x00,
    connector: MPO,
    wavelengthNm: 850,
    maxPower: 10,
    powerClass: 3,
    monitors: optical,
  },
  {
    name: 'copper-qsfp56',
    identifier: QSFP28,
    management: 'SFF-8636',
    medium: 'copper',
    speeds: PAM4_50,
    lanes: 4,
    partNumber: 'MCP1650-V001E30',
    revision: 'A2',
    serialNumber: 'MT2250VS00002',
    date: '221210',
    lengthM: 1,
    compliance: [0x88, 0x40],
    technology: 0xa0,
    connector: NO_SEPARABLE,
    attenuationDb: [4, 5, 7, 10],
    maxPower: 6,
    powerClass: 0,
  },
  {
    name: 'optics-osfp',
    identifier: OSFP,
    management: 'CMIS',
    medium: 'optics',
    speeds: 0x0001_3d00,
    lanes: 4,
    partNumber: 'MMA4Z00-NS400',
    revision: 'A3',
    serialNumber: 'MT2305FT00001',
    date: '230131',
    lengthM: 0,
    compliance: [0x11, 0x50],
    technology: 0x00,
    connector: MPO,
    wavelengthNm: 850,
    maxPower: 36,
    powerClass: 5,
    monitors: optical,
  },
  {
    name: 'copper-osfp',
    identifier: OSFP,
    management: 'CMIS',
    medium: 'copper',
    speeds: PAM4_100,
    lanes: 4,
    partNumber: 'MCP4Y10-N001',
    revision: 'A2',
    serialNumber: 'MT2305VS00001',
    date: '230131',
    lengthM: 1,
    compliance: [0x00, 0x48],
    technology: 0x0a,
    connector: NO_SEPARABLE,
    attenuationDb: [3, 4, 6, 9],
    maxPower: 1,
    powerClass: 1,
  },
  {
    name: 'copper-qsfp112',
    identifier: QSFP_CMIS,
    management: 'CMIS',
    medium: 'copper',
    speeds: PAM4_100,
    lanes: 4,
    partNumber: 'MCP1660-N001E30',
    revision: 'A2',
    serialNumber: 'MT2305VS00002',
    date: '230131',
    lengthM: 1,
    compliance: [0x00, 0x48],
    technology: 0x0a,
    connector: NO_SEPARABLE,
    attenuationDb: [3, 4, 6, 9],
    maxPower: 1,
    powerClass: 1,
  },
];

/** What `ports.module` may say: a module's name, or that there is none. */
export const NO_MODULE = 'none';
export const MODULE_NAMES: readonly string[] = [...MODULES.map(({ name }) => name), NO_MODULE];

const byName = new Map(MODULES.map((module) => [module.name, module]));

/** Undefined: nothing is plugged, or there is no such module. */
export function moduleByName(name: string): Module | undefined {
  return byName.get(name);
}
