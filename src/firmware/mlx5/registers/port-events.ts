/** PUDE, port up/down event: what the last event said, which is PAOS's state (mlxsw reg.h; enum of PAOS). */
import { PAOS } from '../../../abi/mlx5/registers/paos.ts';
import { PUDE } from '../../../abi/mlx5/registers/pude.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { byPort } from './instances.ts';

export function readPude({ device, input, output }: RegisterExchange<Mlx5Device>): undefined {
  const paos = device.registerTable.imageOf(device, PAOS, byPort(input, device) ?? 0);
  for (const field of ['admin_status', 'oper_status']) PUDE.set(output, field, PAOS.get(paos, field));
  return undefined;
}
