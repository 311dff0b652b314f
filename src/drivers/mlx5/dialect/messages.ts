/** Every mlx5 command and field by name, gathered from the tables of abi/mlx5 and of this driver. */
import { replyHeader, requestHeader } from '../../../abi/mlx5/headers.ts';
import { opcodeName } from '../../../abi/mlx5/opcodes.ts';
import { STATUS, statusName } from '../../../abi/mlx5/status.ts';
import type { Messages } from '../../../fwctl/dialect.ts';
import { scopesAllowing, scopeTable } from '../scopes.ts';
import { context, info, reply, request } from './describe.ts';
import { meantOpcode, REFUSAL_CODES } from './explain.ts';
import { REFUSALS, SELECTORS } from './fault-keys.ts';
import { head, replyFields, requestFields } from './fields.ts';
import { LUA } from './lua.ts';
import { SWEEP } from './sweep-ways.ts';

export const mlx5Messages: Messages = {
  driver: 'mlx5',
  requestHeader: requestHeader.bytes,
  replyHeader: replyHeader.bytes,
  request,
  reply,
  info,
  context,
  commandName: opcodeName,
  statusName,
  statusNames: Object.keys(STATUS),
  refusalCodes: REFUSAL_CODES,
  meant(bytes) {
    if (bytes.length < requestHeader.own) return undefined;
    return meantOpcode(new DataView(bytes.buffer, bytes.byteOffset).getUint16(requestHeader.opcode));
  },
  scopesAllowing(abi, bytes) {
    if (bytes.length < requestHeader.own) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return scopesAllowing(abi, view.getUint16(requestHeader.opcode), view.getUint16(requestHeader.opMod));
  },
  scopeTable,
  head,
  requestFields,
  replyFields,
  selectors: SELECTORS,
  refusals: REFUSALS,
  exclusive: [['register', 'cap']],
  sweep: SWEEP,
  lua: LUA,
};
