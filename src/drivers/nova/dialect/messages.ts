/** nova-core's RPCs by name: the commands of the GMC API that the driver lets through. */

import { GMC_COMMAND_ROWS, gmcCommand, gmcCommandName, rpcHeader } from '../../../abi/nova/gmcapi.ts';
import { NV_STATUS_ROWS, nvStatusName } from '../../../abi/nova/nv-status.ts';
import { named } from '../../../abi/number-text.ts';
import type { Messages } from '../../../fwctl/dialect.ts';
import { fieldsInside } from '../../../fwctl/number-field.ts';
import { otherOrder } from '../../../fwctl/other-order.ts';
import { scopesAllowing, scopeTable } from '../scopes.ts';
import { layoutsOf } from './layouts.ts';
import { LUA } from './lua.ts';

export const novaMessages: Messages = {
  driver: 'nova-core',
  requestHeader: rpcHeader.bytes,
  replyHeader: rpcHeader.bytes,
  request(bytes, length) {
    const view = viewOf(bytes, length);
    const id = view.getUint32(rpcHeader.commandId, true);
    const name = gmcCommandName(id);
    const fields = fieldsInside(view, layoutsOf(id).request).map(
      ({ path, read }) => [path, read(view) as number] as const,
    );
    return { numbers: { command_id: id }, names: { command_id: name }, command: name, fields };
  },
  reply(asked, askedLength, bytes, length) {
    const view = viewOf(bytes, length);
    const { reply } = layoutsOf(viewOf(asked, askedLength).getUint32(rpcHeader.commandId, true));
    const fields = fieldsInside(view, reply).map(({ path, read }) => [path, read(view) as number] as const);
    return { status: 0, statusName: 'ok', codes: {}, fields, keys: fields.slice(0, 4) };
  },
  // the driver has an info op, which says that it has no data
  info: () => [],
  context: () => undefined,
  commandName: gmcCommandName,
  statusName: (status) => (status === 0 ? 'ok' : nvStatusName(status)),
  statusNames: [],
  refusalCodes: NV_STATUS_ROWS.map(({ status, name, text }) => ({
    field: 'status',
    number: status,
    name: `NV_ERR_${name}`,
    text,
    errno: 'EIO',
  })),
  meant(bytes) {
    if (bytes.length < rpcHeader.reserved) return undefined;
    return otherOrder('command_id', idOf(viewOf(bytes, 4)), 4, 'little-endian', (id) => gmcCommand(id)?.name);
  },
  scopesAllowing: (_abi, request) =>
    request.length < rpcHeader.reserved ? [] : scopesAllowing(viewOf(request, request.length).getUint32(0, true)),
  scopeTable,
  head(request) {
    if (request.byteLength < rpcHeader.reserved) return [];
    const value = gmcCommandName(request.getUint32(rpcHeader.commandId, true));
    return [{ name: 'command_id', value, bytes: [rpcHeader.commandId, rpcHeader.reserved], decides: true }];
  },
  requestFields: (request) => (request.byteLength < 4 ? [] : fieldsInside(request, layoutsOf(idOf(request)).request)),
  replyFields: (asked, reply) => (asked.byteLength < 4 ? [] : fieldsInside(reply, layoutsOf(idOf(asked)).reply)),
  selectors: {
    command_id: {
      about: 'nova-core: the command, by its GMC API name or number',
      example: 'command_id=ASSIGN_VGPU_TYPE',
      for: ['rpc'],
      read: (text) => named('command_id', text, GMC_COMMAND_ROWS, ({ id }) => id, 0xffffffff),
    },
  },
  refusals: {
    status: {
      about: 'nova-core: the firmware refuses with that NV_STATUS, by name or number; the kernel makes EIO of it',
      example: 'status=INVALID_STATE',
      for: ['rpc'],
      read: (text) => named('status', text.replace(/^NV_ERR_/i, ''), NV_STATUS_ROWS, (row) => row.status, 0xffffffff),
    },
  },
  exclusive: [],
  sweep: {
    refusals: [
      { kind: 'status', about: 'refused by the firmware: the ioctl is EIO', effects: () => ['status=INVALID_STATE'] },
    ],
    opens: [],
    replies: [],
  },
  lua: LUA,
};

function idOf(message: DataView): number {
  return message.getUint32(rpcHeader.commandId, true);
}

function viewOf(bytes: Uint8Array, length: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, Math.min(length, bytes.length));
}
