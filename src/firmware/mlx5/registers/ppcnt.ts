/** PPCNT, port performance counters: one group a read, on the clock (PRM, register PPCNT; groups: ppcnt-groups.ts). */
import { PPCNT } from '../../../abi/mlx5/registers/ppcnt.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf } from '../port/link.ts';
import { fecKind } from '../port/link-modes.ts';
import { ALL_GROUPS, type Carried } from '../port-traffic.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { amount, COUNTER_GROUPS } from './ppcnt-groups.ts';
import { binsOf } from './pphcr.ts';

const groupField = PPCNT.word('grp');
const priority = PPCNT.word('prio_tc');
const clear = PPCNT.word('clr');
const PHYSICAL = 0x12;
const STATISTICAL = 0x16;
const HISTOGRAM = 0x23;

/** The group's counters; with `clr` they start from zero afterwards. */
export function readPpcnt(exchange: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const { device, input, output, instance: port } = exchange;
  const number = groupField.get(input, 0);
  const group = COUNTER_GROUPS[number];
  if (group === undefined) return REFUSAL.REGISTER_SELECTOR;
  const carried = device.traffic.carried(port, number);
  const silent = group.byPriority === true && priority.get(input, 0) !== 0;
  if (!silent) {
    for (const [counter, quantity] of Object.entries(group.counters)) {
      PPCNT.set(output, `counter_set.${group.set}.${counter}`, amount(quantity, carried));
    }
  }
  if (number === PHYSICAL) putPhysical(exchange);
  if (number === STATISTICAL) putStatistical(exchange);
  if (number === HISTOGRAM) putHistogram(exchange, carried);
  if (clear.get(input, 0) === 1) device.traffic.clear(port, number);
  return undefined;
}

/** A write with `clr` zeroes the group, or all of them (63); nothing else can be written. */
export function writePpcnt({ device, input, instance: port }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const number = groupField.get(input, 0);
  if (number !== ALL_GROUPS && COUNTER_GROUPS[number] === undefined) return REFUSAL.REGISTER_SELECTOR;
  if (clear.get(input, 0) === 1) device.traffic.clear(port, number);
  return undefined;
}

/** time_since_last_clear: milliseconds. */
function putPhysical({ device: { traffic }, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const downs = traffic.linkDowns(port);
  PPCNT.assign(output, {
    'counter_set.phys_layer_cntrs.time_since_last_clear': BigInt(
      Math.floor(traffic.sinceClearNs(port, PHYSICAL) / 1e6),
    ),
    'counter_set.phys_layer_cntrs.link_down_events': downs,
    'counter_set.phys_layer_cntrs.intentional_link_down_events': downs,
  });
}

/** Error rates are coefficient * 10^-magnitude; 15 * 10^-255 is what links without errors show. Times in seconds. */
function putStatistical({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const { traffic } = device;
  const corrects = fecKind(linkOf(device, port).fec) !== undefined;
  const upSeconds = Math.floor(traffic.upNs(port) / 1e9);
  PPCNT.assign(output, {
    'counter_set.phys_layer_stat_cntrs.time_since_last_clear': BigInt(
      Math.floor(traffic.sinceClearNs(port, STATISTICAL) / 1e6),
    ),
    'counter_set.phys_layer_stat_cntrs.raw_ber_magnitude': corrects ? 10 : 255,
    'counter_set.phys_layer_stat_cntrs.raw_ber_coef': corrects ? 1 : 15,
    'counter_set.phys_layer_stat_cntrs.effective_ber_magnitude': 255,
    'counter_set.phys_layer_stat_cntrs.effective_ber_coef': 15,
    'counter_set.phys_layer_stat_cntrs.symbol_ber_magnitude': 255,
    'counter_set.phys_layer_stat_cntrs.symbol_ber_coef': 15,
    'counter_set.phys_layer_stat_cntrs.time_since_last_link_up': upSeconds,
    'counter_set.phys_layer_stat_cntrs.port_up_time': upSeconds,
  });
}

/** Code words by corrected symbols: none, or one (as many are corrected), each in the bins that count so many. */
function putHistogram({ device, output, instance: port }: RegisterExchange<Mlx5Device>, carried: Carried): void {
  const kind = fecKind(linkOf(device, port).fec);
  if (kind === undefined) return;
  const words = [amount('cleanBlocks', carried), amount('corrected', carried)];
  binsOf(device, port, kind).forEach(({ low, high }, bin) => {
    const counted = words.slice(low, high + 1).reduce((sum, count) => sum + count, 0n);
    PPCNT.set(output, `counter_set.ppcnt_rs_fec_histograms_counters.hist[${bin}]`, counted);
  });
}
