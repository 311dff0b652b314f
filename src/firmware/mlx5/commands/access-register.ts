/** ACCESS_REG and ACCESS_REGISTER_USER: op_mod 0 writes, 1 reads (mlx5_core port.c: mlx5_core_access_reg). */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { accessRegister, REGISTER_WRITE, requestHeader } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';

/** The reply has the register's image both ways, cut at its length. `argument` selects nothing here. */
export function execAccessRegister(
  request: MessageBuffer,
  reply: MessageBuffer,
  device: Mlx5Device,
): Refusal | undefined {
  const { view } = request;
  const { registerTable } = device;
  const id = view.getUint16(accessRegister.registerId);
  const write = view.getUint16(requestHeader.opMod) === REGISTER_WRITE;
  const length = registerTable.access(device, id, write, view, accessRegister.data, request.length);
  if (typeof length !== 'number') return length;
  const { answer } = registerTable;
  const room = reply.length - accessRegister.data;
  reply.bytes.set(length <= room ? answer : answer.subarray(0, room), accessRegister.data);
  return undefined;
}
