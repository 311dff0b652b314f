/**
 * Which counters of PPCNT's groups count what. Groups: PRM, register PPCNT, field grp (mlx5_core: enum
 * MLX5_*_COUNTERS_GROUP). Counters that are not named stand at 0. The rates are invented.
 */
import { PPCNT_SETS } from '../../../abi/mlx5/registers/variants.ts';
import { lineParts } from '../port/link.ts';
import { fecKind } from '../port/link-modes.ts';
import { type Carried, total } from '../port-traffic.ts';

/** A second of traffic, in frames, octets, bits or symbols. */
export type Quantity = keyof typeof baseRates | keyof typeof lineRates | keyof typeof sums;

const baseRates = {
  rxUnicast: 1150,
  rxMulticast: 40,
  rxBroadcast: 10,
  txUnicast: 950,
  txMulticast: 40,
  txBroadcast: 10,
} as const;

/** What depends on the line: corrected symbols of the lanes in use, code words without errors, bits. Whole numbers. */
const lineRates = {
  correctedLane0: (line: number) => corrected(line, 0, 3),
  correctedLane1: (line: number) => corrected(line, 1, 2),
  correctedLane2: (line: number) => corrected(line, 2, 4),
  correctedLane3: (line: number) => corrected(line, 3, 3),
  cleanBlocks(line: number): number {
    const parts = lineParts(line);
    const kind = parts && fecKind(parts.fec);
    return kind === undefined ? 0 : Math.round(bitsOf(line) / kind.blockBits);
  },
  receivedBits: bitsOf,
} as const;

/** None where nothing corrects. */
function corrected(line: number, lane: number, rate: number): number {
  const parts = lineParts(line);
  return parts !== undefined && lane < parts.mode.lanes && fecKind(parts.fec) !== undefined ? rate : 0;
}

function bitsOf(line: number): number {
  const mode = lineParts(line)?.mode;
  return mode === undefined ? 0 : mode.lanes * mode.lane.mbps * 1_000_000;
}

type Part = keyof typeof baseRates | keyof typeof lineRates;

/** Sums of base quantities, weighted: frames of 64 (multicast, broadcast), 800 or 600 (unicast) octets. */
const sums: Readonly<Record<string, readonly (readonly [Part, bigint])[]>> = {
  rxFrames: [
    ['rxUnicast', 1n],
    ['rxMulticast', 1n],
    ['rxBroadcast', 1n],
  ],
  txFrames: [
    ['txUnicast', 1n],
    ['txMulticast', 1n],
    ['txBroadcast', 1n],
  ],
  rxSmallFrames: [
    ['rxMulticast', 1n],
    ['rxBroadcast', 1n],
  ],
  txSmallFrames: [
    ['txMulticast', 1n],
    ['txBroadcast', 1n],
  ],
  rxOctets: [
    ['rxUnicast', 800n],
    ['rxMulticast', 64n],
    ['rxBroadcast', 64n],
  ],
  txOctets: [
    ['txUnicast', 600n],
    ['txMulticast', 64n],
    ['txBroadcast', 64n],
  ],
  corrected: [
    ['correctedLane0', 1n],
    ['correctedLane1', 1n],
    ['correctedLane2', 1n],
    ['correctedLane3', 1n],
  ],
};

/** How much of it in the time. Sums are sums of what their parts give for the same time, exactly. */
export function amount(quantity: Quantity, carried: Carried): bigint {
  const parts = sums[quantity];
  if (parts !== undefined) return parts.reduce((sum, [part, weight]) => sum + weight * amount(part, carried), 0n);
  if (isLineRate(quantity)) {
    let sum = 0n;
    for (const [line, ns] of carried) sum += inTime(lineRates[quantity](line), ns);
    return sum;
  }
  return inTime(baseRates[quantity as keyof typeof baseRates], total(carried));
}

function isLineRate(quantity: Quantity): quantity is keyof typeof lineRates {
  return Object.hasOwn(lineRates, quantity);
}

function inTime(aSecond: number, ns: number): bigint {
  return (BigInt(ns) * BigInt(aSecond)) / 1_000_000_000n;
}

export interface CounterGroup {
  /** Layout of `counter_set`. */
  readonly set: string;
  /** Whether it depends on prio_tc; all traffic is of priority (and traffic class) 0. */
  readonly byPriority?: boolean;
  readonly counters: Readonly<Record<string, Quantity>>;
}

export const COUNTER_GROUPS: Readonly<Record<number, CounterGroup>> = {
  0x00: {
    set: PPCNT_SETS[0x00],
    counters: {
      a_frames_transmitted_ok: 'txFrames',
      a_frames_received_ok: 'rxFrames',
      a_octets_transmitted_ok: 'txOctets',
      a_octets_received_ok: 'rxOctets',
      a_multicast_frames_xmitted_ok: 'txMulticast',
      a_broadcast_frames_xmitted_ok: 'txBroadcast',
      a_multicast_frames_received_ok: 'rxMulticast',
      a_broadcast_frames_received_ok: 'rxBroadcast',
    },
  },
  0x01: {
    set: PPCNT_SETS[0x01],
    counters: {
      if_in_octets: 'rxOctets',
      if_in_ucast_pkts: 'rxUnicast',
      if_out_octets: 'txOctets',
      if_out_ucast_pkts: 'txUnicast',
      if_in_multicast_pkts: 'rxMulticast',
      if_in_broadcast_pkts: 'rxBroadcast',
      if_out_multicast_pkts: 'txMulticast',
      if_out_broadcast_pkts: 'txBroadcast',
    },
  },
  0x02: {
    set: PPCNT_SETS[0x02],
    counters: {
      ether_stats_octets: 'rxOctets',
      ether_stats_pkts: 'rxFrames',
      ether_stats_broadcast_pkts: 'rxBroadcast',
      ether_stats_multicast_pkts: 'rxMulticast',
      ether_stats_pkts64octets: 'rxSmallFrames',
      ether_stats_pkts512to1023octets: 'rxUnicast',
    },
  },
  // Errors and pause frames only: none happen.
  0x03: { set: PPCNT_SETS[0x03], counters: {} },
  0x05: {
    set: PPCNT_SETS[0x05],
    counters: { tx_stats_pkts64octets: 'txSmallFrames', tx_stats_pkts512to1023octets: 'txUnicast' },
  },
  0x06: { set: PPCNT_SETS[0x06], counters: {} },
  0x10: {
    set: PPCNT_SETS[0x10],
    byPriority: true,
    counters: { rx_octets: 'rxOctets', rx_frames: 'rxFrames', tx_octets: 'txOctets', tx_frames: 'txFrames' },
  },
  0x11: { set: PPCNT_SETS[0x11], byPriority: true, counters: {} },
  0x12: {
    set: PPCNT_SETS[0x12],
    counters: {
      rs_fec_corrected_blocks: 'corrected',
      rs_fec_no_errors_blocks: 'cleanBlocks',
      rs_fec_corrected_symbols_total: 'corrected',
      rs_fec_corrected_symbols_lane0: 'correctedLane0',
      rs_fec_corrected_symbols_lane1: 'correctedLane1',
      rs_fec_corrected_symbols_lane2: 'correctedLane2',
      rs_fec_corrected_symbols_lane3: 'correctedLane3',
    },
  },
  0x13: { set: PPCNT_SETS[0x13], byPriority: true, counters: {} },
  0x16: {
    set: PPCNT_SETS[0x16],
    counters: {
      phy_received_bits: 'receivedBits',
      phy_corrected_bits: 'corrected',
      phy_raw_errors_lane0: 'correctedLane0',
      phy_raw_errors_lane1: 'correctedLane1',
      phy_raw_errors_lane2: 'correctedLane2',
      phy_raw_errors_lane3: 'correctedLane3',
    },
  },
  // InfiniBand groups: an Ethernet port has them, at 0.
  0x20: { set: PPCNT_SETS[0x20], counters: {} },
  0x21: { set: PPCNT_SETS[0x21], counters: {} },
  0x22: { set: PPCNT_SETS[0x22], counters: {} },
  // Its counters are those of PPHCR's bins (ppcnt.ts).
  0x23: { set: PPCNT_SETS[0x23], counters: {} },
};
