/** ACCESS_REG and ACCESS_REGISTER_USER: op_mod 0 writes, 1 reads (mlx5_core port.c: mlx5_core_access_reg). */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { accessRegister, REGISTER_WRITE, requestHeader } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../../command-table.ts';
import type { Mlx5Device } from '../device.ts';

/** The reply carries the register's image in both directions, cut at the reply's length. `argument` selects nothing here. */
export function execAccessRegister(
  request: MessageBuffer,
  reply: MessageBuffer,
  device: Mlx5Device,
): Refusal | undefined {
  const answer = device.registerTable.access(device, {
    id: request.view.getUint16(accessRegister.registerId),
    write: request.view.getUint16(requestHeader.opMod) === REGISTER_WRITE,
    request: request.bytes,
    from: accessRegister.data,
    to: request.length,
  });
  if (typeof answer !== 'number') return answer;
  const length = Math.min(answer, reply.length - accessRegister.data);
  reply.bytes.set(device.registers.output.subarray(0, length), accessRegister.data);
  return undefined;
}
