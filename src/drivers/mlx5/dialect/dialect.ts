/** What one may ask of mlx5 commands in each call: the headers of mlx5_ifc.h, and nothing that needs a table. */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { accessRegister, replyHeader, requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE } from '../../../abi/mlx5/opcodes.ts';
import { STATUS } from '../../../abi/mlx5/status.ts';
import { type Dialect, NO_COMMAND } from '../../../fwctl/dialect.ts';

export const mlx5Dialect: Dialect = {
  driver: 'mlx5',
  command: ({ view, length }) => (length < 2 ? NO_COMMAND : view.getUint16(requestHeader.opcode)),
  status: ({ bytes }, length) => (length > 0 ? (bytes[replyHeader.status] ?? 0) : 0),
  select({ view, length }, into) {
    if (length < requestHeader.own) return;
    const opcode = view.getUint16(requestHeader.opcode);
    const opMod = view.getUint16(requestHeader.opMod);
    into.opcode = opcode;
    into.op_mod = opMod;
    if (opcode === OPCODE.QUERY_HCA_CAP) into.cap = opMod >> 1;
    const register = opcode === OPCODE.ACCESS_REG || opcode === OPCODE.ACCESS_REGISTER_USER;
    if (register && length >= accessRegister.argument) into.register = view.getUint16(accessRegister.registerId);
  },
  /** A header and nothing else; the status is BAD_PARAM unless told. */
  refuse({ status = STATUS.BAD_PARAM, syndrome = 0 }, reply) {
    reply.bytes.fill(0, 0, reply.length);
    putStatus(reply, status, syndrome);
  },
  succeed: (reply) => putStatus(reply, STATUS.OK, 0),
  // opcode, op_mod, register_id
  requestHead: accessRegister.argument,
  replyHead: replyHeader.bytes,
  // the uid, which mlx5ctl_fw_rpc() of drivers/fwctl/mlx5/main.c puts in
  kernelBytes: [[requestHeader.uid, requestHeader.uid + 2]],
  buffers: () => [],
  load: async () => (await import('./messages.ts')).mlx5Messages,
};

function putStatus(reply: MessageBuffer, status: number, syndrome: number): void {
  if (reply.length < replyHeader.own) return;
  reply.view.setUint8(replyHeader.status, status);
  reply.view.setUint32(replyHeader.syndrome, syndrome);
}
