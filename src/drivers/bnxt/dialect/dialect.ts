/** What one may ask of HWRM requests in each call: the headers, and where a request carries addresses. */
import { BUFFER_REQUESTS, bufferBytes } from '../../../abi/bnxt/buffers.ts';
import { ERROR_CODE, isUndelivered, requestHeader, responseHeader } from '../../../abi/bnxt/hwrm.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { type Dialect, NO_COMMAND } from '../../../fwctl/dialect.ts';
import { POINTER_BYTES } from '../../../kernel/call.ts';

const REQ_TYPE_BYTES = 2;

export const bnxtDialect: Dialect = {
  driver: 'bnxt',
  command,
  status: ({ view }, length) => (length < REQ_TYPE_BYTES ? 0 : view.getUint16(responseHeader.errorCode, true)),
  select(request, into) {
    const type = command(request);
    if (type !== NO_COMMAND) into.req_type = type;
  },
  /** struct hwrm_err_output, as far as there is room (the door says whose it is); the driver's own is a code alone. */
  refuse({ status = ERROR_CODE.FAIL, cmd_err = 0 }, { bytes, view, length }) {
    bytes.fill(0, 0, length);
    if (length < responseHeader.bytes) return;
    view.setUint16(responseHeader.errorCode, status, true);
    if (isUndelivered(status)) return;
    view.setUint16(responseHeader.respLen, responseHeader.refusal, true);
    if (length < responseHeader.refusal) return;
    view.setUint8(responseHeader.cmdErr, cmd_err);
    view.setUint8(responseHeader.valid, 1);
  },
  succeed({ view, length }) {
    if (length >= REQ_TYPE_BYTES) view.setUint16(responseHeader.errorCode, ERROR_CODE.SUCCESS, true);
  },
  requestHead: REQ_TYPE_BYTES,
  replyHead: responseHeader.bytes,
  // bnxt_hwrm.c puts its own there
  kernelBytes: [
    [requestHeader.seqId, requestHeader.targetId],
    [requestHeader.respAddr, requestHeader.bytes],
  ],
  buffers(request) {
    const row = BUFFER_REQUESTS.get(command(request));
    const fields = row?.buffers.filter(({ address }) => address + POINTER_BYTES <= request.length) ?? [];
    // a request of another length is refused
    const whole = row?.requestBytes === request.length;
    return fields.map((field) => ({
      at: field.address,
      bytes: whole ? bufferBytes(request, field) : 0,
      way: field.toDevice ? 'read' : 'write',
      echoed: false,
    }));
  },
  load: async () => (await import('./messages.ts')).bnxtMessages,
};

function command({ view, length }: MessageBuffer): number {
  return length < REQ_TYPE_BYTES ? NO_COMMAND : view.getUint16(requestHeader.reqType, true);
}
