/** The mlx5 part of the Wireshark dissector: both payloads are big-endian. */
import { luaTable } from '../../../abi/lua-table.ts';
import { accessRegister, REGISTER_WRITE, replyHeader, requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE, OPCODES } from '../../../abi/mlx5/opcodes.ts';
import { REGISTERS } from '../../../abi/mlx5/registers.ts';
import { STATUSES } from '../../../abi/mlx5/status.ts';
import type { LuaPart } from '../../../fwctl/dialect.ts';

const { opcode, opMod } = requestHeader;
const { registerId } = accessRegister;

export const LUA: LuaPart = {
  tables: `local STATUSES = ${luaTable(STATUSES.map(({ status, name }) => [status, name]))}
local OPCODES = ${luaTable(OPCODES.map(({ opcode: value, name }) => [value, name]))}
local REGISTERS = ${luaTable(REGISTERS.map(({ id, name }) => [id, name]))}`,
  fields: `  opcode = ProtoField.uint16("fwctl.opcode", "Opcode", base.HEX, OPCODES),
  op_mod = ProtoField.uint16("fwctl.op_mod", "op_mod", base.HEX),
  register = ProtoField.uint16("fwctl.register", "Register", base.HEX, REGISTERS),
  status = ProtoField.uint8("fwctl.status", "Status", base.HEX, STATUSES),
  syndrome = ProtoField.uint32("fwctl.syndrome", "Syndrome", base.HEX),`,
  request: `  if buffer:len() < ${requestHeader.bytes} then return end
  local opcode = buffer(${opcode}, 2):uint()
  part:add(f.opcode, buffer(${opcode}, 2))
  part:add(f.op_mod, buffer(${opMod}, 2))
  words[#words + 1] = named(OPCODES, opcode)
  if opcode == 0x${OPCODE.ACCESS_REG.toString(16)} then
    local id = buffer(${registerId}, 2):uint()
    part:add(f.register, buffer(${registerId}, 2))
    local how = buffer(${opMod}, 2):uint() == ${REGISTER_WRITE} and "write " or "read "
    words[#words] = words[#words] .. "(" .. how .. named(REGISTERS, id) .. ")"
  end`,
  reply: `  if buffer:len() < ${replyHeader.own} then return end
  local status = buffer(${replyHeader.status}, 1):uint()
  part:add(f.status, buffer(${replyHeader.status}, 1))
  part:add(f.syndrome, buffer(${replyHeader.syndrome}, 4))
  if status ~= 0 then words[#words + 1] = "firmware " .. named(STATUSES, status) end`,
};
