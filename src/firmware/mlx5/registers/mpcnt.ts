/** MPCNT, PCIe counters, groups 0, 3, 4: the device's own link, without errors (PRM, MPCNT). The rates are invented. */
import { MPCNT } from '../../../abi/mlx5/registers/mpcnt.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const group = MPCNT.word('grp');
const clear = MPCNT.word('clr');
const PERFORMANCE = 0;
const PHYSICAL = 3;
const PERFORMANCE_2 = 4;

/** A second's worth of the second group's moving counters. */
const rates: Readonly<Record<string, number>> = {
  total_dwords_transmitted: 152_000,
  total_dwords_received: 231_000,
  outbound_read_tlps_count: 900,
  outbound_write_tlps_count: 1300,
  outbound_completion_tlps_count: 40,
};

export function readMpcnt(exchange: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const { device, input, output } = exchange;
  const asked = group.get(input, 0);
  if (asked !== PERFORMANCE && asked !== PHYSICAL && asked !== PERFORMANCE_2) return REFUSAL.REGISTER_SELECTOR;
  const seconds = (device.clock.monotonicNs() - device.pcieCountersFromNs) / 1e9;
  if (asked === PERFORMANCE_2) {
    for (const [counter, rate] of Object.entries(rates)) {
      MPCNT.set(output, `counter_set.pcie_perf_counters2.${counter}`, Math.floor(seconds * rate) % 2 ** 32);
    }
  }
  // Once at link training.
  if (asked === PERFORMANCE) MPCNT.set(output, 'counter_set.pcie_perf_counters.l0_to_recovery', 1);
  return undefined;
}

/** A write with `clr` starts the counters from zero. */
export function writeMpcnt({ device, input }: RegisterExchange<Mlx5Device>): undefined {
  if (clear.get(input, 0) === 1) device.pcieCountersFromNs = device.clock.monotonicNs();
  return undefined;
}
