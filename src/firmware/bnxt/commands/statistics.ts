/**
 * Counters that a request has moved to the host's buffers, each cut at what the host has room for. Structures:
 * abi/bnxt/layouts/stats.ts. Frames are unicast of one length on CoS 0, without errors (invented); COUNTER_MASK asks
 * for the counters' widths: 48 bits (invented).
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { type HwrmLayout, plainLayout, writeFields } from '../../../abi/bnxt/layout.ts';
import {
  GENERIC_STATS,
  PCIE_STATS,
  PFC_ADV_STATS,
  RX_PORT_STATS,
  RX_PORT_STATS_EXT,
  TX_PORT_STATS,
  TX_PORT_STATS_EXT,
} from '../../../abi/bnxt/layouts/stats.ts';
import type { BnxtValues } from '../../../abi/bnxt/profile-shape.ts';
import { type CommandTable, type Fields, type HwrmCall, INVALID_PARAMS, ofState, type Refused } from '../command.ts';
import type { BnxtDevice } from '../device.ts';
import type { Totals } from '../port-traffic.ts';

const LAYOUTS = {
  tx: plainLayout(TX_PORT_STATS),
  rx: plainLayout(RX_PORT_STATS),
  txExt: plainLayout(TX_PORT_STATS_EXT),
  rxExt: plainLayout(RX_PORT_STATS_EXT),
  pfcAdv: plainLayout(PFC_ADV_STATS),
  pcie: plainLayout(PCIE_STATS),
  generic: plainLayout(GENERIC_STATS),
};
const PORTS = 2;
const COUNTER_MASK = 1;
const WIDTH_MASK = 0xffff_ffff_ffffn;
const ACTIVE_COS_QUEUES = 8;
/** Upper ends of the classes of frame lengths, as both directions name them. */
const LENGTHS: readonly (readonly [most: number, name: string])[] = [
  [64, '64b'],
  [127, '65b_127b'],
  [255, '128b_255b'],
  [511, '256b_511b'],
  [1023, '512b_1023b'],
  [1518, '1024b_1518b'],
  [2047, '1519b_2047b'],
  [4095, '2048b_4095b'],
  [9216, '4096b_9216b'],
  [16383, '9217b_16383b'],
];

type Counters = Readonly<Record<string, FieldInput>>;

export function portStats(device: BnxtDevice, call: HwrmCall): Fields | Refused {
  if (call.get('port_id') >= PORTS) return INVALID_PARAMS;
  const { values, traffic } = device;
  const totals = traffic.count(values);
  const tx = move(LAYOUTS.tx, call, 0, txCounters(values, totals));
  const rx = move(LAYOUTS.rx, call, 1, rxCounters(values, totals));
  return { tx_stat_size: tx, rx_stat_size: rx };
}

export function portStatsExt(device: BnxtDevice, call: HwrmCall): Fields | Refused {
  if (call.get('port_id') >= PORTS) return INVALID_PARAMS;
  const { rxFrames, txFrames, rxBytes, txBytes } = device.traffic.count(device.values);
  const tx = move(LAYOUTS.txExt, call, 0, { 'tx_bytes_cos[0]': txBytes, 'tx_packets_cos[0]': txFrames });
  const rx = move(LAYOUTS.rxExt, call, 1, {
    link_down_events: 0,
    'rx_bytes_cos[0]': rxBytes,
    'rx_packets_cos[0]': rxFrames,
    rx_bits: rxBytes * 8n,
  });
  return { tx_stat_size: tx, rx_stat_size: rx, total_active_cos_queues: ACTIVE_COS_QUEUES };
}

/** Nothing is paused: all durations are 0. */
export function pfcAdvanced(_device: BnxtDevice, call: HwrmCall): Fields | Refused {
  if (call.get('port_id') >= PORTS) return INVALID_PARAMS;
  move(LAYOUTS.pfcAdv, call, 0, {});
  move(LAYOUTS.pfcAdv, call, 1, {});
  return {};
}

export const STATISTICS_COMMANDS: CommandTable = {
  PCIE_QSTATS: ofState((device, call) => {
    const { rxBytes, txBytes } = device.traffic.count(device.values);
    const size = move(LAYOUTS.pcie, call, 0, {
      pcie_tx_traffic_rate: rxBytes,
      pcie_rx_traffic_rate: txBytes,
      'pcie_ltssm_histogram[0]': 1,
    });
    return { pcie_stat_size: size };
  }),
  STAT_GENERIC_QSTATS: ofState((device, call) => {
    const { rxFrames, txFrames } = device.traffic.count(device.values);
    const size = move(LAYOUTS.generic, call, 0, {
      pcie_statistics_tx_tlp: rxFrames * 5n,
      pcie_statistics_rx_tlp: txFrames * 5n,
    });
    return { generic_stat_size: size };
  }),
  // their structures are not public: no bytes are moved
  STAT_QUERY_ROCE_STATS: { values: 'invented', execute: () => ({ roce_stat_size: 0 }) },
  STAT_QUERY_ROCE_STATS_EXT: { values: 'invented', execute: () => ({ roce_stat_size: 0 }) },
};

/** Bytes of the structure that the buffer has got. */
function move(layout: HwrmLayout, call: HwrmCall, n: number, counters: Counters): number {
  const bytes = call.buffer(n);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const masks = (flagsOf(call) & COUNTER_MASK) !== 0;
  writeFields(layout, view, masks ? widths(layout) : counters);
  return Math.min(bytes.length, layout.bytes);
}

/** Not every request has them. */
function flagsOf(call: HwrmCall): number {
  return call.has('flags') ? call.get('flags') : 0;
}

function widths({ fields }: HwrmLayout): Counters {
  return Object.fromEntries(fields.map(({ path, bytes }) => [path, bytes === 8 ? WIDTH_MASK : 0xffff_ffffn]));
}

function lengthClass({ traffic }: BnxtValues): string {
  return LENGTHS.find(([most]) => traffic.frame_bytes <= most)?.[1] ?? '';
}

function txCounters(values: BnxtValues, { txFrames, txBytes }: Totals): Counters {
  return {
    [`tx_${lengthClass(values)}_frames`]: txFrames,
    tx_good_frames: txFrames,
    tx_total_frames: txFrames,
    tx_ucast_frames: txFrames,
    tx_bytes: txBytes,
  };
}

function rxCounters(values: BnxtValues, { rxFrames, rxBytes }: Totals): Counters {
  return {
    [`rx_${lengthClass(values)}_frames`]: rxFrames,
    rx_good_frames: rxFrames,
    rx_total_frames: rxFrames,
    rx_ucast_frames: rxFrames,
    rx_bytes: rxBytes,
  };
}
