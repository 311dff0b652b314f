/**
 * What one may ask of pds RPCs in each call. A command is an operation of an endpoint; its status is `retval`. A
 * completion's status never reaches a client but as an errno, so that a firmware which refuses with one throws it.
 */
import { commandOf, fwctlRpcPds, versionOf } from '../../../abi/pds/rpc.ts';
import { type Dialect, NO_COMMAND } from '../../../fwctl/dialect.ts';
import { statusRefusal } from '../status-errno.ts';

const { op, ep, inLen, inPayload, outLen, outPayload, retval, outRsvd: retvalEnd, bytes } = fwctlRpcPds;
const HEAD = ep + 4;

export const pdsDialect: Dialect = {
  driver: 'pds',
  // the version is no part of it: 32 bits of endpoint, 16 of operation
  command: ({ view, length }) =>
    length < HEAD ? NO_COMMAND : view.getUint32(ep, true) * 0x10000 + commandOf(view.getUint32(op, true)),
  status: ({ view }, length) => (length < retvalEnd ? 0 : view.getUint32(retval, true)),
  select({ view, length }, into) {
    if (length < HEAD) return;
    into.endpoint = view.getUint32(ep, true);
    into.operation = commandOf(view.getUint32(op, true));
    into.version = versionOf(view.getUint32(op, true));
  },
  /** The status alone, or `retval` and an empty response. */
  refuse({ status = 0, retval: value = 0 }, reply) {
    if (status !== 0) throw statusRefusal(status);
    reply.bytes.fill(0, 0, reply.length);
    if (reply.length >= retvalEnd) reply.view.setUint32(retval, value, true);
  },
  succeed({ view, length }) {
    if (length >= retvalEnd) view.setUint32(retval, 0, true);
  },
  requestHead: HEAD,
  replyHead: bytes,
  // what the client has in retval: pdsfc_fw_rpc() of drivers/fwctl/pds/main.c puts its own there
  kernelBytes: [[retval, retvalEnd]],
  buffers({ view, length }) {
    if (length < bytes) return [];
    return [
      { at: inPayload, bytes: view.getUint32(inLen, true), way: 'read', echoed: true },
      { at: outPayload, bytes: view.getUint32(outLen, true), way: 'write', echoed: true },
    ];
  },
  load: async () => (await import('./messages.ts')).pdsMessages,
};
