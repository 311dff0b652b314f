/**
 * Registers whose writes say, entry by entry, what they change: a cleared enable bit leaves its entry as it is. QETCR:
 * g group, b bandwidth share, r rate limit (mlx5_core port.c: mlx5_set_port_tc_group). QPDPM: e (mlx5_set_dscp2prio).
 */
import type { Layout } from '../../../abi/bits.ts';
import { QETCR } from '../../../abi/mlx5/registers/qetcr.ts';
import { QPDPM } from '../../../abi/mlx5/registers/qpdpm.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

type Write = (exchange: RegisterExchange<Mlx5Device>) => undefined;

/** [enable bit, the fields that it enables]. */
function enabledBy(layout: Layout, rows: readonly (readonly [string, readonly string[]])[]): Write {
  const guards = rows.map(([enable, fields]) => ({
    enable: layout.word(enable),
    fields: fields.map((field) => layout.word(field)),
  }));
  return ({ input, output }) => {
    for (const { enable, fields } of guards) {
      if (enable.get(input, 0) === 1) continue;
      for (const field of fields) field.put(input, 0, field.get(output, 0));
    }
    return undefined;
  };
}

const classes = Array.from({ length: 8 }, (_, i) => `tc_configuration[${i}]`);
const codePoints = Array.from({ length: 64 }, (_, i) => `dscp[${i}]`);

export const writeQetcr: Write = enabledBy(QETCR, [
  ...classes.flatMap((entry): (readonly [string, readonly string[]])[] => [
    [`${entry}.g`, [`${entry}.group`]],
    [`${entry}.b`, [`${entry}.bw_allocation`]],
    [`${entry}.r`, [`${entry}.max_bw_units`, `${entry}.max_bw_value`]],
  ]),
  ['global_configuration.r', ['global_configuration.max_bw_units', 'global_configuration.max_bw_value']],
]);

export const writeQpdpm: Write = enabledBy(
  QPDPM,
  codePoints.map((entry) => [`${entry}.e`, [`${entry}.prio`]] as const),
);
