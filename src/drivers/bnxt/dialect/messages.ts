/** Every HWRM request and field by name, gathered from the tables of abi/bnxt and of this driver. */
import { ERROR_CODE_NAMES, ERROR_CODES, errorCodeName } from '../../../abi/bnxt/error-codes.ts';
import { requestHeader, responseHeader } from '../../../abi/bnxt/hwrm.ts';
import { fieldsIn, type HwrmField, type HwrmLayout, readField, writeField } from '../../../abi/bnxt/layout.ts';
import { layoutsOf } from '../../../abi/bnxt/request-layouts.ts';
import { REQUESTS, requestName } from '../../../abi/bnxt/requests.ts';
import { named, wholeNumber } from '../../../abi/number-text.ts';
import type { MessageField, Messages, SweepWay } from '../../../fwctl/dialect.ts';
import { scopesAllowing, scopeTable } from '../scopes.ts';
import { info, reply, request } from './describe.ts';
import { meantRequest, REFUSAL_CODES } from './explain.ts';
import { LUA } from './lua.ts';

export const bnxtMessages: Messages = {
  driver: 'bnxt',
  requestHeader: requestHeader.bytes,
  replyHeader: responseHeader.bytes,
  request,
  reply,
  info,
  context: () => undefined,
  commandName: requestName,
  statusName: errorCodeName,
  statusNames: ERROR_CODE_NAMES,
  refusalCodes: REFUSAL_CODES,
  meant: (bytes) => (bytes.length < 2 ? undefined : meantRequest(typeOf(new DataView(bytes.buffer, bytes.byteOffset)))),
  scopesAllowing(abi, bytes) {
    return bytes.length < 2 ? [] : scopesAllowing(abi, typeOf(new DataView(bytes.buffer, bytes.byteOffset)));
  },
  scopeTable,
  head(message) {
    if (message.byteLength < 2) return [];
    return [{ name: 'req_type', value: requestName(typeOf(message)), bytes: [0, 2], decides: true }];
  },
  requestFields: (message) => (message.byteLength < 2 ? [] : placed(layoutsOf(typeOf(message)).request, message)),
  replyFields: (asked, message) => (asked.byteLength < 2 ? [] : placed(layoutsOf(typeOf(asked)).response, message)),
  selectors: {
    req_type: {
      about: 'bnxt: the request, by its HWRM name or number',
      example: 'req_type=VER_GET',
      for: ['rpc'],
      read: (text) => named('req_type', text, REQUESTS, ({ type }) => type, 0xffff),
    },
  },
  refusals: {
    status: {
      about: 'bnxt: the firmware refuses with that HWRM_ERR_CODE, or is not reached: UNDELIVERED_EBUSY',
      example: 'status=INVALID_PARAMS',
      for: ['rpc'],
      read: (text) => named('status', text, ERROR_CODES, ({ code }) => code, 0xffff),
    },
    cmd_err: {
      about: "bnxt: the request's own code beside it, 8 bits; the status is FAIL unless told",
      example: 'cmd_err=1',
      for: ['rpc'],
      read: (text) => wholeNumber('cmd_err', text, 0, 0xff),
    },
  },
  exclusive: [],
  sweep: {
    refusals: [
      refusal('status', 'INVALID_PARAMS'),
      refusal('busy', 'BUSY'),
      refusal('unsupported', 'CMD_NOT_SUPPORTED'),
      refusal('undelivered', 'UNDELIVERED_EBUSY'),
    ],
    opens: [],
    replies: [
      {
        kind: 'short-response',
        about: "an older firmware's response: its header says 16 bytes, the rest is zero",
        effects({ request: message, outLength }) {
          const { bytes } = layoutsOf(typeOf(message)).response;
          const shorter = Math.min(bytes, outLength) > responseHeader.refusal;
          return shorter ? [`ok:truncate=${responseHeader.refusal}:set.resp_len=${responseHeader.refusal}`] : [];
        },
      },
    ],
  },
  lua: LUA,
};

function refusal(kind: string, name: string): SweepWay {
  return { kind, about: `the answer has error code ${name}`, effects: () => [`status=${name}`] };
}

/** Of two bytes at least. */
function typeOf(message: DataView): number {
  return message.getUint16(requestHeader.reqType, true);
}

function* placed(layout: HwrmLayout, message: DataView): Generator<MessageField> {
  for (const field of fieldsIn(layout, message)) yield messageField(field);
}

function messageField(field: HwrmField): MessageField {
  return {
    path: field.path,
    bytes: [field.at, field.at + field.bytes],
    bits: 8 * field.bytes,
    read: (message) => readField(field, message),
    write: (message, value) => writeField(field, message, value),
  };
}
