/**
 * What one may ask of nova-core's RPCs in each call. A status never reaches a client but as an errno, so that a
 * firmware which refuses throws it.
 */

import { rpcHeader } from '../../../abi/nova/gmcapi.ts';
import { NV_STATUS } from '../../../abi/nova/nv-status.ts';
import { type Dialect, NO_COMMAND } from '../../../fwctl/dialect.ts';
import { statusRefusal } from '../status-errno.ts';

const HEAD = rpcHeader.commandId + 4;

export const novaDialect: Dialect = {
  driver: 'nova-core',
  command: ({ view, length }) => (length < HEAD ? NO_COMMAND : view.getUint32(rpcHeader.commandId, true)),
  status: () => 0,
  select({ view, length }, into) {
    if (length >= HEAD) into.command_id = view.getUint32(rpcHeader.commandId, true);
  },
  refuse({ status = NV_STATUS.INVALID_STATE }) {
    throw statusRefusal(status);
  },
  succeed() {},
  requestHead: HEAD,
  replyHead: rpcHeader.bytes,
  kernelBytes: [],
  buffers: () => [],
  load: async () => (await import('./messages.ts')).novaMessages,
};
