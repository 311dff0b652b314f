import { luaTable } from '../../src/abi/lua-table.ts';
import { named } from '../../src/abi/number-text.ts';
import type { MessageField, Messages } from '../../src/fwctl/dialect.ts';
import { nameOf, reply as replyAt, request as requestAt, STATUSES, WORDS } from './words.ts';

function u32(path: string, at: number): MessageField {
  return {
    path,
    bytes: [at, at + 4],
    bits: 32,
    read: (message) => message.getUint32(at, true),
    write: (message, value) => message.setUint32(at, Number(value), true),
  };
}

const REQUEST_FIELDS = [u32('buffer_bytes', requestAt.bufferBytes), u32('value', requestAt.value)];
const REPLY_FIELDS = [u32('value', replyAt.value)];
/** It looks at none. */
const SCOPES = [0, 1, 2, 3];

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const inside = (fields: readonly MessageField[], message: DataView) =>
  fields.filter(({ bytes: [, end] }) => end <= message.byteLength);
const shown = (fields: readonly MessageField[], message: DataView) =>
  inside(fields, message).map((field) => [field.path, field.read(message) as number] as const);

export const TOY_MESSAGES: Messages = {
  driver: 'toy',
  requestHeader: requestAt.word + 4,
  replyHeader: replyAt.value,
  request(bytes, length) {
    const view = viewOf(bytes.subarray(0, length));
    const word = view.getUint32(requestAt.word, true);
    const name = nameOf(WORDS, word);
    return { numbers: { word }, names: { word: name }, command: name, fields: shown(REQUEST_FIELDS, view) };
  },
  reply(_request, _requestLength, bytes, length) {
    const view = viewOf(bytes.subarray(0, length));
    const status = view.getUint32(replyAt.status, true);
    const fields = shown(REPLY_FIELDS, view);
    return { status, statusName: this.statusName(status), codes: {}, fields, keys: fields };
  },
  info: () => undefined,
  context: () => undefined,
  commandName: (word) => nameOf(WORDS, word),
  statusName: (status) => (status === 0 ? 'ok' : nameOf(STATUSES, status)),
  statusNames: ['ok', ...STATUSES.map(({ name }) => name)],
  refusalCodes: STATUSES.map(({ value, name }) => ({ field: 'status', number: value, name, text: 'it is broken' })),
  meant: () => undefined,
  scopesAllowing: () => SCOPES,
  scopeTable: () => WORDS.map(({ value, name }) => ({ number: value, name, scopes: SCOPES })),
  head(request) {
    if (request.byteLength < requestAt.word + 4) return [];
    const value = nameOf(WORDS, request.getUint32(requestAt.word, true));
    return [{ name: 'word', value, bytes: [requestAt.word, requestAt.word + 4], decides: true }];
  },
  requestFields: (request) => inside(REQUEST_FIELDS, request),
  replyFields: (_request, reply) => inside(REPLY_FIELDS, reply),
  selectors: {
    word: {
      about: 'the command, by its name or number',
      example: 'word=INVERT',
      for: ['rpc'],
      read: (text) => named('word', text, WORDS, ({ value }) => value, 0xffffffff),
    },
  },
  refusals: {
    status: {
      about: 'the firmware refuses',
      example: 'status=BROKEN',
      for: ['rpc'],
      read: (text) => named('status', text, STATUSES, ({ value }) => value, 0xffffffff),
    },
  },
  exclusive: [],
  sweep: {
    refusals: [{ kind: 'broken', about: 'refused by the firmware: BROKEN', effects: () => ['status=BROKEN'] }],
    opens: [],
    replies: [],
  },
  lua: {
    tables: `local WORDS = ${luaTable(WORDS.map(({ value, name }) => [value, name]))}`,
    fields: '  word = ProtoField.uint32("fwctl.word", "Word", base.HEX, WORDS),',
    request: `  if buffer:len() < 4 then return end
  part:add_le(f.word, buffer(0, 4))
  words[#words + 1] = named(WORDS, buffer(0, 4):le_uint())`,
    reply: '',
  },
};
