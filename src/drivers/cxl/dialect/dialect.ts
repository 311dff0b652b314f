/** What one may ask of CXL feature commands in each call: the heads of fwctl_rpc_cxl and its answer. */
import { CXL_OPCODE, rpcHeader, rpcReply, UUID_BYTES } from '../../../abi/cxl/features.ts';
import { RETURN_CODE } from '../../../abi/cxl/return-codes.ts';
import { uuidNumber } from '../../../abi/cxl/uuid-number.ts';
import { type Dialect, NO_COMMAND } from '../../../fwctl/dialect.ts';

/** GET_FEATURE's and SET_FEATURE's payloads both begin with it. */
const UUID = rpcHeader.bytes;

export const cxlDialect: Dialect = {
  driver: 'cxl',
  command: ({ view, length }) => (length < rpcHeader.bytes ? NO_COMMAND : view.getUint16(rpcHeader.opcode, true)),
  status: ({ view }, length) => (length < rpcReply.payload ? 0 : view.getUint32(rpcReply.retval, true)),
  select({ view, bytes, length }, into) {
    if (length < rpcHeader.bytes) return;
    const opcode = view.getUint16(rpcHeader.opcode, true);
    into.opcode = opcode;
    const named = opcode === CXL_OPCODE.GET_FEATURE || opcode === CXL_OPCODE.SET_FEATURE;
    if (named && length >= UUID + UUID_BYTES) into.feature = uuidNumber(bytes, UUID);
  },
  /** What the driver makes of a device's error, INTERNAL unless told; of a short answer it tells nothing. */
  refuse({ short, status = short === undefined ? RETURN_CODE.INTERNAL : RETURN_CODE.SUCCESS }, reply) {
    reply.bytes.fill(0, 0, reply.length);
    if (reply.length >= rpcReply.payload) reply.view.setUint32(rpcReply.retval, status, true);
  },
  succeed({ view, length }) {
    if (length >= rpcReply.payload) view.setUint32(rpcReply.retval, RETURN_CODE.SUCCESS, true);
  },
  // the header and the UUID
  requestHead: UUID + UUID_BYTES,
  replyHead: rpcReply.payload,
  kernelBytes: [],
  buffers: () => [],
  load: async () => (await import('./messages.ts')).cxlMessages,
};
