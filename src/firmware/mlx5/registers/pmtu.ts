/** PMTU, port MTU: what is asked for takes effect at once (mlx5_core port.c: mlx5_set_port_mtu reads oper_mtu back). */
import { PMTU } from '../../../abi/mlx5/registers/pmtu.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const max = PMTU.word('max_mtu');
const admin = PMTU.word('admin_mtu');
const oper = PMTU.word('oper_mtu');

export function writePmtu({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const asked = admin.get(input, 0);
  if (asked > max.get(output, 0)) return REFUSAL.REGISTER_VALUE;
  oper.put(output, 0, asked);
  return undefined;
}
