/**
 * What an Ethernet port can run at: PTYS's extended speeds, with the bits of the older mask that mean the same
 * (mlx5_core en/port.c: mlx5e_ext_link_info, mlx5e_link_info; mstflint's mlxlink_maps.cpp for lanes), and the FECs.
 */
import type { Down } from '../port-traffic.ts';

/**
 * Signalling of one lane: SLRG's, SLTP's and PPRT's number of the rate (PRM, PPRT.lane_rate_oper), and its line rate.
 */
interface LaneRate {
  readonly number: number;
  /** Megabits a second. */
  readonly mbps: number;
  readonly pam4: boolean;
}

const rate = (number: number, mbps: number, pam4 = false): LaneRate => ({ number, mbps, pam4 });
const GBASE_1 = rate(10, 1250);
const FDR10 = rate(3, 10_312);
const EDR = rate(5, 25_781);
const HDR = rate(6, 53_125, true);
const NDR = rate(7, 106_250, true);

export interface LinkMode {
  /** Bit in PTYS's extended masks. */
  readonly bit: number;
  readonly gbps: number;
  readonly lanes: number;
  readonly lane: LaneRate;
  /** Bits of the older mask: copper and backplane, then optics. Empty: it has no such speed. */
  readonly legacy: { readonly copper: readonly number[]; readonly optics: readonly number[]; readonly mask: number };
  /** PPLM's field after fec_override_cap_ and fec_override_admin_; undefined: it has no FEC. */
  readonly fecField: string | undefined;
}

/** [bit, Gb/s, lanes, rate of a lane, older bits of copper, of optics, PPLM's field] */
const rows: readonly (readonly [number, number, number, LaneRate, readonly number[], readonly number[], string?])[] = [
  [1, 1, 1, GBASE_1, [1, 0, 25], []],
  [4, 10, 1, FDR10, [12, 4, 26], [13, 14], '10g_40g'],
  [5, 40, 4, FDR10, [6, 7], [15, 16], '10g_40g'],
  [6, 25, 1, EDR, [27, 28], [29], '25g'],
  [7, 50, 2, EDR, [30, 31], [18], '50g'],
  [8, 50, 1, HDR, [], [], '50g_1x'],
  [9, 100, 4, EDR, [20, 22], [21, 23], '100g'],
  [10, 100, 2, HDR, [], [], '100g_2x'],
  [11, 100, 1, NDR, [], [], '100g_1x'],
  [12, 200, 4, HDR, [], [], '200g_4x'],
  [13, 200, 2, NDR, [], [], '200g_2x'],
  [15, 400, 8, HDR, [], [], '400g_8x'],
  [16, 400, 4, NDR, [], [], '400g_4x'],
];

/** Ascending by preference: the faster one, of equally fast ones that with fewer lanes. */
export const LINK_MODES: readonly LinkMode[] = rows
  .map(([bit, gbps, lanes, lane, copper, optics, fecField]) => ({
    bit,
    gbps,
    lanes,
    lane,
    legacy: { copper, optics, mask: [...copper, ...optics].reduce((mask, old) => mask | (1 << old), 0) },
    fecField,
  }))
  .sort((a, b) => a.gbps - b.gbps || a.bit - b.bit);

/** What a port's link does (link.ts). */
export interface Link {
  /** Undefined: it is up. */
  readonly down: Down | undefined;
  /** Undefined while it is down. */
  readonly mode: LinkMode | undefined;
  /** PDDR.fec_mode_active; 0 while it is down. */
  readonly fec: number;
}

export type Medium = 'copper' | 'optics';

/** The best of a mask of extended speeds; undefined: none is known. */
export function bestMode(speeds: number): LinkMode | undefined {
  return LINK_MODES.filter(({ bit }) => (speeds & (1 << bit)) !== 0).at(-1);
}

/** The older mask's bits of those speeds. */
export function legacySpeeds(speeds: number): number {
  let mask = 0;
  for (const { bit, legacy } of LINK_MODES) {
    if ((speeds & (1 << bit)) !== 0) mask |= legacy.mask;
  }
  return mask >>> 0;
}

/** The extended speeds that bits of the older mask mean. */
export function extendedSpeeds(legacyMask: number): number {
  let mask = 0;
  for (const { bit, legacy } of LINK_MODES) {
    if ((legacyMask & legacy.mask) !== 0) mask |= 1 << bit;
  }
  return mask >>> 0;
}

/** The one bit of the older mask for a link that runs, among those that the port has; 0: it has none. */
export function legacySpeed({ legacy }: LinkMode, medium: Medium, capability: number): number {
  const [own, other] = medium === 'copper' ? [legacy.copper, legacy.optics] : [legacy.optics, legacy.copper];
  const bit = [...own, ...other].find((old) => (capability & (1 << old)) !== 0);
  return bit === undefined ? 0 : (1 << bit) >>> 0;
}

/** Numbers of FECs as PDDR.fec_mode_active has them; PPLM has 1 << number. */
export const FEC = { none: 0, firecode: 1, rs528: 2, ll271: 3, rs544: 7, ll272: 9 } as const;

/** Of several that an administrator allows the first: the standard ones before those of low latency, none last. */
const preference = [FEC.rs544, 6, FEC.rs528, FEC.ll272, 10, FEC.ll271, FEC.firecode, FEC.none];

/** The FEC of a link: what is asked for, else the mode's own: RS(544,514) for PAM4, RS(528,514) from 25 Gb/s a lane. */
export function chosenFec(mode: LinkMode, capability: number, admin: number): number {
  const own = mode.lane.pam4 ? FEC.rs544 : mode.lane.number === EDR.number ? FEC.rs528 : FEC.none;
  const asked = preference.find((fec) => (capability & admin & (1 << fec)) !== 0);
  if (asked !== undefined) return asked;
  return (capability & (1 << own)) !== 0 ? own : (preference.find((fec) => (capability & (1 << fec)) !== 0) ?? own);
}

export interface FecKind {
  /** PPHCR.active_hist_type (PRM); 0: it has no histogram. */
  readonly histogram: number;
  /** Bits of a code word, and symbols that it corrects. */
  readonly blockBits: number;
  readonly corrects: number;
}

const KP4: FecKind = { histogram: 1, blockBits: 5440, corrects: 15 };
const KR4: FecKind = { histogram: 3, blockBits: 5280, corrects: 7 };
const LOW_LATENCY: FecKind = { histogram: 2, blockBits: 2720, corrects: 7 };

/** Undefined: no Reed-Solomon code. */
export function fecKind(fec: number): FecKind | undefined {
  if (fec === FEC.rs528) return KR4;
  if (fec === FEC.ll271 || fec === FEC.ll272 || fec === 10) return LOW_LATENCY;
  return fec >= 4 ? KP4 : undefined;
}
