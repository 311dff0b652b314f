/**
 * The registers of the emulated mlx5 firmware. A new register is a layout file in abi/mlx5/registers/ with its line in
 * layouts.ts, and a row in one of the tables that stand together here; its power-up values are the device profile's.
 * test/unit/firmware/mlx5/registers.test.ts then reads and writes it by itself.
 */
import type { Mlx5Device } from './device.ts';
import { RegisterTable } from './register-table.ts';
import { managementRows } from './registers/management-rows.ts';
import { otherRows } from './registers/other-rows.ts';
import { portRows } from './registers/port-rows.ts';
import { qosRows } from './registers/qos-rows.ts';
import { REFUSAL } from './syndromes.ts';

export const MLX5_REGISTERS = new RegisterTable<Mlx5Device>(
  [...qosRows, ...portRows, ...managementRows, ...otherRows],
  {
    unknown: REFUSAL.REGISTER_UNKNOWN,
    readOnly: REFUSAL.REGISTER_READ_ONLY,
    selector: REFUSAL.REGISTER_SELECTOR,
    noData: REFUSAL.REGISTER_NO_DATA,
  },
);
