/** The bnxt part of the Wireshark dissector: both payloads are little-endian. */
import { ERROR_CODES } from '../../../abi/bnxt/error-codes.ts';
import { requestHeader, responseHeader } from '../../../abi/bnxt/hwrm.ts';
import { REQUESTS } from '../../../abi/bnxt/requests.ts';
import { luaTable } from '../../../abi/lua-table.ts';
import type { LuaPart } from '../../../fwctl/dialect.ts';

const { reqType, cmplRing, targetId } = requestHeader;
const { errorCode, respLen } = responseHeader;

export const LUA: LuaPart = {
  tables: `local HWRM_REQUESTS = ${luaTable(REQUESTS.map(({ type, name }) => [type, name]))}
local HWRM_ERROR_CODES = ${luaTable(ERROR_CODES.map(({ code, name }) => [code, name]))}`,
  fields: `  hwrm_req_type = ProtoField.uint16("fwctl.hwrm.req_type", "HWRM request", base.HEX, HWRM_REQUESTS),
  hwrm_cmpl_ring = ProtoField.uint16("fwctl.hwrm.cmpl_ring", "Completion ring", base.HEX),
  hwrm_target_id = ProtoField.uint16("fwctl.hwrm.target_id", "Target", base.HEX),
  hwrm_error_code = ProtoField.uint16("fwctl.hwrm.error_code", "HWRM error code", base.HEX, HWRM_ERROR_CODES),
  hwrm_resp_len = ProtoField.uint16("fwctl.hwrm.resp_len", "Response length"),`,
  request: `  if buffer:len() < ${requestHeader.bytes} then return end
  part:add_le(f.hwrm_req_type, buffer(${reqType}, 2))
  part:add_le(f.hwrm_cmpl_ring, buffer(${cmplRing}, 2))
  part:add_le(f.hwrm_target_id, buffer(${targetId}, 2))
  words[#words + 1] = named(HWRM_REQUESTS, buffer(${reqType}, 2):le_uint())`,
  reply: `  if buffer:len() < ${responseHeader.bytes} then return end
  local code = buffer(${errorCode}, 2):le_uint()
  part:add_le(f.hwrm_error_code, buffer(${errorCode}, 2))
  part:add_le(f.hwrm_resp_len, buffer(${respLen}, 2))
  if code ~= 0 then words[#words + 1] = "firmware " .. named(HWRM_ERROR_CODES, code) end`,
};
