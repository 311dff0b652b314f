/**
 * PTYS, port type and speed: what is advertised must be supported; the link then runs at the fastest of it (the partner
 * can do all). Sources: PRM, register PTYS; mlx5_core en/port.c (the speed masks' bits ascend with the speed).
 */
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const speeds = (['ext_eth', 'eth'] as const).map((set) => ({
  capability: PTYS.word(`${set}_proto_capability`),
  admin: PTYS.word(`${set}_proto_admin`),
  oper: PTYS.word(`${set}_proto_oper`),
}));

/** Admin 0 in one of the two masks leaves that mask alone, as a writer of the other one sends it. */
export function writePtys({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  for (const { capability, admin } of speeds) {
    const supported = capability.get(output, 0);
    if ((admin.get(input, 0) & ~supported) !== 0) return REFUSAL.REGISTER_VALUE;
  }
  for (const { admin, oper } of speeds) {
    const asked = admin.get(input, 0);
    if (asked === 0) admin.put(input, 0, admin.get(output, 0));
    else oper.put(output, 0, 2 ** (31 - Math.clz32(asked)));
  }
  return undefined;
}
