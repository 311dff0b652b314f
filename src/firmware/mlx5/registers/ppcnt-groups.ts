/**
 * Which counters of PPCNT's groups count what. Groups: PRM, register PPCNT, field grp (mlx5_core: enum
 * MLX5_*_COUNTERS_GROUP). Counters that are not named stand at 0. The rates are invented.
 */
import { PPCNT_SETS } from '../../../abi/mlx5/registers/variants.ts';

/** A second of traffic, in frames, octets, bits or symbols. */
export type Quantity = keyof typeof baseRates | keyof typeof sums;

const baseRates = {
  rxUnicast: 1150,
  rxMulticast: 40,
  rxBroadcast: 10,
  txUnicast: 950,
  txMulticast: 40,
  txBroadcast: 10,
  correctedLane0: 3,
  correctedLane1: 2,
  correctedLane2: 4,
  correctedLane3: 3,
  /** 100GBASE-CR4 with RS-FEC: 5280 bits a block. */
  cleanBlocks: 19_531_238,
  /** 4 x 25.78125 GBd. */
  receivedBits: 103_125_000_000,
} as const;

/** Sums of base quantities, weighted: frames of 64 (multicast, broadcast), 800 or 600 (unicast) octets. */
const sums: Readonly<Record<string, readonly (readonly [keyof typeof baseRates, bigint])[]>> = {
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

/** How much of it in `ns` nanoseconds. Sums are sums of what their parts give for the same time, exactly. */
export function amount(quantity: Quantity, ns: number): bigint {
  const parts = sums[quantity];
  if (parts !== undefined) return parts.reduce((total, [part, weight]) => total + weight * amount(part, ns), 0n);
  return (BigInt(ns) * BigInt(baseRates[quantity as keyof typeof baseRates])) / 1_000_000_000n;
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
  0x23: { set: PPCNT_SETS[0x23], counters: { 'hist[0]': 'cleanBlocks', 'hist[1]': 'corrected' } },
};
