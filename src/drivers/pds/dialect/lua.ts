/** The pds part of the Wireshark dissector: struct fwctl_rpc_pds, little-endian, both ways. */
import { fwctlRpcPds } from '../../../abi/pds/rpc.ts';
import type { LuaPart } from '../../../fwctl/dialect.ts';

const { op, ep, inLen, retval, outRsvd, outLen, bytes } = fwctlRpcPds;

export const LUA: LuaPart = {
  tables: '',
  fields: `  pds_operation = ProtoField.uint16("fwctl.pds.operation", "Operation", base.HEX),
  pds_version = ProtoField.uint8("fwctl.pds.version", "Version"),
  pds_endpoint = ProtoField.uint32("fwctl.pds.endpoint", "Endpoint", base.HEX),
  pds_in_len = ProtoField.uint32("fwctl.pds.in_len", "Request bytes"),
  pds_out_len = ProtoField.uint32("fwctl.pds.out_len", "Response bytes"),
  pds_retval = ProtoField.uint32("fwctl.pds.retval", "retval", base.HEX),`,
  request: `  if buffer:len() < ${bytes} then return end
  part:add_le(f.pds_operation, buffer(${op}, 2))
  part:add_le(f.pds_version, buffer(${op + 2}, 1))
  part:add_le(f.pds_endpoint, buffer(${ep}, 4))
  part:add_le(f.pds_in_len, buffer(${inLen}, 4))
  part:add_le(f.pds_out_len, buffer(${outLen}, 4))
  words[#words + 1] = string.format("EP_0x%x_OP_0x%x", buffer(${ep}, 4):le_uint(), buffer(${op}, 2):le_uint())`,
  reply: `  if buffer:len() < ${outRsvd} then return end
  local retval = buffer(${retval}, 4):le_uint()
  part:add_le(f.pds_retval, buffer(${retval}, 4))
  if retval ~= 0 then words[#words + 1] = string.format("retval 0x%x", retval) end`,
};
