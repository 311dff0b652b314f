/** The nova-core part of the Wireshark dissector: struct fwctl_rpc_nova_core, little-endian, both ways. */
import { luaTable } from '../../../abi/lua-table.ts';
import { GMC_COMMAND_ROWS, rpcHeader } from '../../../abi/nova/gmcapi.ts';
import type { LuaPart } from '../../../fwctl/dialect.ts';

const { commandId, bytes } = rpcHeader;

export const LUA: LuaPart = {
  tables: `local GMC_COMMANDS = ${luaTable(GMC_COMMAND_ROWS.map(({ id, name }) => [id, name]))}`,
  fields: `  nova_command_id = ProtoField.uint32("fwctl.nova.command_id", "GMC API command", base.HEX, GMC_COMMANDS),`,
  request: `  if buffer:len() < ${bytes} then return end
  part:add_le(f.nova_command_id, buffer(${commandId}, 4))
  words[#words + 1] = named(GMC_COMMANDS, buffer(${commandId}, 4):le_uint())`,
  reply: `  if buffer:len() < ${bytes} then return end
  part:add_le(f.nova_command_id, buffer(${commandId}, 4))`,
};
