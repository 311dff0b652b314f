/** Every CXL feature command and field by name, gathered from the tables of abi/cxl. */
import { CXL_COMMANDS, CXL_OPCODE, rpcHeader, rpcReply, UUID_BYTES } from '../../../abi/cxl/features.ts';
import { RETURN_CODES, returnCodeName } from '../../../abi/cxl/return-codes.ts';
import { uuidNumber } from '../../../abi/cxl/uuid-number.ts';
import { KNOWN_FEATURES, uuidBytes } from '../../../abi/cxl/uuids.ts';
import { luaTable } from '../../../abi/lua-table.ts';
import { didYouMean } from '../../../abi/nearest-name.ts';
import { named, wholeNumber } from '../../../abi/number-text.ts';
import type { LuaPart, Messages } from '../../../fwctl/dialect.ts';
import { reply, request } from './describe.ts';
import { meantOpcode, REFUSAL_CODES } from './explain.ts';
import { head, opcodeName, replyFields, requestFields } from './fields.ts';

const ALL_SCOPES = [0, 1, 2, 3] as const;
/** In which of them depends on the feature's effects, which the device alone knows. */
const SET_SCOPES = [2, 3] as const;

/** admitSet() of ../features.ts in words: of a feature that the device lists as changeable. */
const SET_RULES: readonly (readonly [when: string, scopes: readonly number[]])[] = [
  ['with an effect at a reset (effects bits 0, 10, 11) and none at once', SET_SCOPES],
  ['with an effect at once (bits 1 to 4)', [3]],
  ['that the kernel keeps for itself (EPERM), or with effects of neither kind, bit 6 or bits 12 to 15', []],
];

/** By name or UUID. */
function readFeature(text: string): number {
  const known = KNOWN_FEATURES.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  const bytes = uuidBytes(known?.uuid ?? text);
  if (bytes !== undefined) return uuidNumber(bytes, 0);
  const names = KNOWN_FEATURES.map(({ name }) => name);
  throw new Error(`there is no feature "${text}" (others are named by their UUID)${didYouMean(text, names)}`);
}

const LUA: LuaPart = {
  tables: `local CXL_OPCODES = ${luaTable(CXL_COMMANDS.map(({ opcode, name }) => [opcode, name]))}
local CXL_RETURN_CODES = ${luaTable(RETURN_CODES.map(({ code, name }) => [code, name]))}
local CXL_FEATURES = {
  ${KNOWN_FEATURES.map(({ uuid, name }) => `["${uuid.replaceAll('-', '')}"] = "${name}"`).join(',\n  ')}
}`,
  fields: `  cxl_opcode = ProtoField.uint16("fwctl.cxl.opcode", "Opcode", base.HEX, CXL_OPCODES),
  cxl_op_size = ProtoField.uint32("fwctl.cxl.op_size", "op_size", base.DEC),
  cxl_feature = ProtoField.bytes("fwctl.cxl.feature", "Feature UUID"),
  cxl_size = ProtoField.uint32("fwctl.cxl.size", "size", base.DEC),
  cxl_retval = ProtoField.uint32("fwctl.cxl.retval", "retval", base.DEC, CXL_RETURN_CODES),`,
  request: `  if buffer:len() < ${rpcHeader.bytes} then return end
  local opcode = buffer(${rpcHeader.opcode}, 2):le_uint()
  part:add_le(f.cxl_opcode, buffer(${rpcHeader.opcode}, 2))
  part:add_le(f.cxl_op_size, buffer(${rpcHeader.opSize}, 4))
  words[#words + 1] = named(CXL_OPCODES, opcode)
  if opcode ~= ${CXL_OPCODE.GET_SUPPORTED_FEATURES} and buffer:len() >= ${rpcHeader.bytes + UUID_BYTES} then
    local uuid = buffer(${rpcHeader.bytes}, ${UUID_BYTES})
    part:add(f.cxl_feature, uuid)
    local hex = tostring(uuid:bytes()):lower()
    words[#words] = words[#words] .. "(" .. (CXL_FEATURES[hex] or hex) .. ")"
  end`,
  reply: `  if buffer:len() < ${rpcReply.payload} then return end
  local retval = buffer(${rpcReply.retval}, 4):le_uint()
  part:add_le(f.cxl_size, buffer(${rpcReply.size}, 4))
  part:add_le(f.cxl_retval, buffer(${rpcReply.retval}, 4))
  if retval ~= 0 then words[#words + 1] = "firmware " .. named(CXL_RETURN_CODES, retval) end`,
};

export const cxlMessages: Messages = {
  driver: 'cxl',
  requestHeader: rpcHeader.bytes,
  replyHeader: rpcReply.payload,
  request,
  reply,
  info: () => undefined,
  context: () => undefined,
  commandName: opcodeName,
  statusName: (code) => (code === 0 ? 'ok' : returnCodeName(code)),
  statusNames: RETURN_CODES.map(({ name, code }) => (code === 0 ? 'ok' : name)),
  refusalCodes: REFUSAL_CODES,
  meant(bytes) {
    if (bytes.length < rpcHeader.flags) return undefined;
    return meantOpcode(new DataView(bytes.buffer, bytes.byteOffset).getUint32(rpcHeader.opcode, true));
  },
  scopesAllowing(abi, bytes) {
    if (abi.name === 'v2' || bytes.length < rpcHeader.bytes) return [];
    const opcode = new DataView(bytes.buffer, bytes.byteOffset).getUint16(rpcHeader.opcode, true);
    if (opcode === CXL_OPCODE.SET_FEATURE) return SET_SCOPES;
    return CXL_COMMANDS.some((row) => row.opcode === opcode) ? ALL_SCOPES : [];
  },
  scopeTable: () => [
    ...[CXL_OPCODE.GET_SUPPORTED_FEATURES, CXL_OPCODE.GET_FEATURE].map((number) => ({
      number,
      name: opcodeName(number),
      scopes: ALL_SCOPES,
    })),
    ...SET_RULES.map(([when, scopes]) => ({
      number: CXL_OPCODE.SET_FEATURE,
      name: opcodeName(CXL_OPCODE.SET_FEATURE),
      when,
      scopes,
    })),
  ],
  head,
  requestFields,
  replyFields,
  selectors: {
    opcode: {
      about: 'cxl: the command, by its name or number',
      example: 'opcode=GET_FEATURE',
      for: ['rpc'],
      read: (text) => named('opcode', text, CXL_COMMANDS, ({ opcode }) => opcode, 0xffff),
    },
    feature: {
      about: 'cxl: the feature of a GET_FEATURE or SET_FEATURE, by its name or UUID',
      example: 'feature=PATROL_SCRUB',
      for: ['rpc'],
      read: readFeature,
    },
  },
  refusals: {
    status: {
      about: 'cxl: the device returns that code',
      example: 'status=BUSY',
      for: ['rpc'],
      read: (text) => named('status', text, RETURN_CODES, ({ code }) => code, 0xffffffff),
    },
    short: {
      about: 'cxl: the device gives so many bytes, which are fewer than asked for',
      example: 'short=0',
      for: ['rpc'],
      read: (text) => wholeNumber('short', text, 0, 0xffff),
    },
  },
  exclusive: [],
  sweep: {
    refusals: [
      { kind: 'status', about: 'refused by the device: INTERNAL', effects: () => ['status=INTERNAL'] },
      { kind: 'busy', about: 'refused by the device: BUSY', effects: () => ['status=BUSY'] },
      {
        kind: 'undelivered',
        about: 'GET_FEATURE is not delivered: size 0, retval 0',
        effects: ({ request: asked }) =>
          asked.byteLength >= 2 && asked.getUint16(rpcHeader.opcode, true) === CXL_OPCODE.GET_FEATURE
            ? ['short=0']
            : [],
      },
    ],
    opens: [],
    replies: [],
  },
  lua: LUA,
};
