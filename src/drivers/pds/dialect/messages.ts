/** pds RPCs by name and place. No operation is public: they are called by their numbers, `EP_0x1_OP_0x20`. */
import { SCOPE } from '../../../abi/fwctl.ts';
import { named, wholeNumber } from '../../../abi/number-text.ts';
import { ATTRIBUTES, OTHER_NEEDS } from '../../../abi/pds/attributes.ts';
import { commandOf, fwctlRpcPds, versionOf } from '../../../abi/pds/rpc.ts';
import { STATUSES } from '../../../abi/pds/status.ts';
import type { FaultKeyRow, Messages } from '../../../fwctl/dialect.ts';
import { fieldsInside, numberField } from '../../../fwctl/number-field.ts';
import { LUA } from './lua.ts';

const { op, ep, inRsvd, inLen, retval, outRsvd, outLen, bytes: HEADER } = fwctlRpcPds;

const REQUEST_FIELDS = [
  numberField('in.rsvd', inRsvd, 4),
  numberField('in.len', inLen, 4),
  numberField('out.rsvd[0]', outRsvd, 4),
  numberField('out.rsvd[1]', outRsvd + 4, 4),
  numberField('out.len', outLen, 4),
];
/** No operation is public, so that none of their errors has a name. */
const RETVAL = { name: 'RETVAL', rule: 'the operation failed, with an error of its own that no public source names' };
/** The rest is the request's own: the kernel's copy of it. */
const REPLY_FIELDS = [numberField('out.retval', retval, 4)];

export const pdsMessages: Messages = {
  driver: 'pds',
  requestHeader: HEADER,
  replyHeader: outRsvd,
  request(bytes, length) {
    const view = viewOf(bytes.subarray(0, length));
    const [endpoint, id] = [view.getUint32(ep, true), view.getUint32(op, true)];
    const [operation, version] = [commandOf(id), versionOf(id)];
    const name = nameOf(endpoint, operation);
    const fields = REQUEST_FIELDS.map((field) => [field.path, field.read(view) as number] as const);
    const command = `${name}(version=${version})`;
    return { numbers: { operation, endpoint, version }, names: { operation: name }, command, fields };
  },
  reply(_request, _requestLength, bytes, length) {
    const status = viewOf(bytes.subarray(0, length)).getUint32(retval, true);
    const refusal = status === 0 ? undefined : RETVAL;
    return { status, statusName: statusName(status), codes: {}, refusal, fields: [['out.retval', status]], keys: [] };
  },
  // the driver has an info op, which says that it has no data
  info: () => [],
  context: () => undefined,
  commandName: (command) => nameOf(Math.floor(command / 0x10000), command % 0x10000),
  statusName,
  statusNames: [],
  refusalCodes: STATUSES.map(({ status, name, text, errno }) => ({
    field: 'status',
    number: status,
    name: `PDS_RC_${name}`,
    text,
    errno,
  })),
  meant: () => undefined,
  // the device says which, and it alone
  scopesAllowing: (abi) => (abi.name === 'v2' ? [] : Object.values(SCOPE)),
  scopeTable: () => [
    ...ATTRIBUTES.map(({ name, needs }) => operation(`the device lists it as ${name}`, needs)),
    operation('the device lists it as anything else', OTHER_NEEDS),
  ],
  head(request) {
    if (request.byteLength < ep + 4) return [];
    const part = (name: string, at: number) => {
      const value = `0x${request.getUint32(at, true).toString(16)}`;
      return { name, value, bytes: [at, at + 4], decides: true } as const;
    };
    return [part('in.ep', ep), part('in.op', op)];
  },
  requestFields: (request) => fieldsInside(request, REQUEST_FIELDS),
  replyFields: (_request, reply) => fieldsInside(reply, REPLY_FIELDS),
  selectors: {
    endpoint: number('the endpoint, 32 bits: in.ep', 'endpoint=0x1', 0, 0xffffffff),
    operation: number('the operation, without its version: bits 15 to 0 of in.op', 'operation=0x20', 0, 0xffff),
    version: number('its version: bits 23 to 16 of in.op', 'version=1', 0, 0xff),
  },
  refusals: {
    status: {
      about:
        'the firmware completes the command with that status, PDS_RC_ or a number, and the kernel makes an errno of it',
      example: 'status=EBUSY',
      for: ['rpc'],
      read: (text) => named('status', text.replace(/^PDS_RC_/i, ''), STATUSES, ({ status }) => status, 0xff),
    },
    retval: number(
      'the operation fails with that value in retval, and its response is empty',
      'retval=5',
      1,
      0xffffffff,
    ),
  },
  exclusive: [],
  sweep: {
    refusals: [
      { kind: 'retval', about: 'the operation fails: retval 5', effects: () => ['retval=5'] },
      { kind: 'busy', about: 'refused by the firmware: PDS_RC_EBUSY', effects: () => ['status=EBUSY'] },
    ],
    opens: [],
    replies: [],
  },
  lua: LUA,
};

function operation(when: string, needs: number) {
  const scopes = Object.values(SCOPE).filter((scope) => scope >= needs);
  return { number: undefined, name: 'an operation of an endpoint', when, scopes };
}

function nameOf(endpoint: number, operation: number): string {
  return `EP_0x${endpoint.toString(16)}_OP_0x${operation.toString(16)}`;
}

/** Each value has its own name: they are counted by it. */
function statusName(status: number): string {
  return status === 0 ? 'ok' : `RETVAL_0x${status.toString(16)}`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A key whose value is a number; the example begins with its name. */
function number(about: string, example: string, least: number, most: number): FaultKeyRow {
  const [name = ''] = example.split('=');
  return { about, example, for: ['rpc'], read: (text) => wholeNumber(name, text, least, most) };
}
