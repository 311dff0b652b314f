/** CXL feature commands as people read them: features by name and UUID, effects and flags by name. */
import { bitNames } from '../../../abi/cxl/bit-names.ts';
import {
  CXL_OPCODE,
  EFFECTS,
  FEATURE_FLAGS,
  getFeature,
  rpcHeader,
  rpcReply,
  SAVED_ACROSS_RESET,
  SELECTIONS,
  setFeature,
  TRANSFER_MASK,
  TRANSFERS,
} from '../../../abi/cxl/features.ts';
import { returnCodeName } from '../../../abi/cxl/return-codes.ts';
import { featureName, uuidText } from '../../../abi/cxl/uuids.ts';
import type { ShownField } from '../../../abi/shown-field.ts';
import type { DescribedReply, DescribedRequest, Detail, MessageField } from '../../../fwctl/dialect.ts';
import { AttributeField } from './attribute-field.ts';
import { explain } from './explain.ts';
import { dataEnd, featureOf, opcodeName, opcodeOf, replyFields, requestFields } from './fields.ts';

const PAYLOAD = rpcHeader.bytes;
/** Bytes of a feature that a line shows. */
const SHOWN_BYTES = 16;

/** The fields that tell most. */
const KEYS: Readonly<Record<number, readonly string[]>> = {
  [CXL_OPCODE.GET_SUPPORTED_FEATURES]: ['num_entries', 'supported_feats'],
  [CXL_OPCODE.GET_FEATURE]: ['data', 'size'],
};

const viewOf = (bytes: Uint8Array, length: number) => new DataView(bytes.buffer, bytes.byteOffset, length);

export function request(bytes: Uint8Array, length: number): DescribedRequest {
  const view = viewOf(bytes, length);
  const opcode = opcodeOf(view);
  const feature = featureOf(view);
  return {
    numbers: { opcode },
    names: { opcode: opcodeName(opcode), ...(feature && { feature: feature.name ?? feature.uuid }) },
    command: commandText(view),
    fields: requestFields(view).map((field) => shown(field, view)),
  };
}

export function reply(
  requestBytes: Uint8Array,
  requestLength: number,
  replyBytes: Uint8Array,
  replyLength: number,
  detail: Detail,
): DescribedReply {
  const asked = viewOf(requestBytes, requestLength);
  const view = viewOf(replyBytes, replyLength);
  const status = view.getUint32(rpcReply.retval, true);
  const fields = replyFields(asked, view);
  const plain = KEYS[opcodeOf(asked)]?.flatMap((path) => fields.filter((field) => field.path === path)) ?? [];
  const telling = [...fields.filter((field) => field instanceof AttributeField), ...plain];
  return {
    status,
    statusName: status === 0 ? 'ok' : returnCodeName(status),
    codes: {},
    refusal: status === 0 ? undefined : explain(asked, status),
    fields: detail === 'all' ? fields.map((field) => shown(field, view)) : [],
    keys: telling.map((field) => shown(field, view)),
  };
}

/** `GET_FEATURE(SPPR/892ba475 count=8)`, `SET_FEATURE(feed0000-0000-... version=1 data=4)`. */
function commandText(view: DataView): string {
  const name = opcodeName(opcodeOf(view));
  const feature = featureOf(view);
  // with a name, the start of the UUID will do: a line is for the data, and the whole is a field of the request
  const short = feature?.name === undefined ? feature?.uuid : `${feature.name}/${feature.uuid.slice(0, 8)}`;
  const words = [...(short === undefined ? [] : [short]), ...argumentsOf(view)];
  return words.length === 0 ? name : `${name}(${words.join(' ')})`;
}

function argumentsOf(view: DataView): string[] {
  const opcode = opcodeOf(view);
  const last = { [CXL_OPCODE.GET_FEATURE]: getFeature.bytes, [CXL_OPCODE.SET_FEATURE]: setFeature.bytes }[opcode] ?? 8;
  if (view.byteLength < PAYLOAD + last) return [];
  const value = (path: string) =>
    requestFields(view)
      .find((field) => field.path === path)
      ?.read(view);
  const plain = (path: string) => `${path}=${value(path)}`;
  const offset = value('offset') === 0 ? [] : [plain('offset')];
  if (opcode === CXL_OPCODE.GET_SUPPORTED_FEATURES) return [plain('start_idx'), plain('count')];
  if (opcode === CXL_OPCODE.GET_FEATURE) {
    const selection = view.getUint8(PAYLOAD + getFeature.selection);
    const selected = selection === 0 ? [] : [SELECTIONS[selection] ?? `selection=${selection}`];
    return [...selected, ...offset, plain('count')];
  }
  if (opcode !== CXL_OPCODE.SET_FEATURE) return [];
  return [plain('version'), ...offset, `data=${dataEnd(view) - PAYLOAD - setFeature.bytes}`];
}

/** Names for what is a mask or an identifier; a feature's own bytes in hex. */
function shown(field: MessageField, message: DataView): ShownField {
  const { path, bytes } = field;
  if (field instanceof AttributeField) return [path, field.text(message)];
  const value = field.read(message);
  if (path.endsWith('uuid')) {
    const uuid = uuidText(message, bytes[0]);
    return [path, [featureName(uuid), uuid].filter((word) => word !== undefined).join(':')];
  }
  if (path.endsWith('data')) return [path, hex(message, ...bytes)];
  if (path.endsWith('.effects')) return [path, bitNames(Number(value), EFFECTS)];
  if (path.endsWith('.flags')) return [path, bitNames(Number(value), FEATURE_FLAGS)];
  if (path === 'flags') return [path, transferFlags(Number(value))];
  return [path, value instanceof Uint8Array ? hex(message, ...bytes) : value];
}

function transferFlags(value: number): string {
  const saved = (value & SAVED_ACROSS_RESET) === 0 ? '' : '|saved';
  return `0x${value.toString(16)}(${TRANSFERS[value & TRANSFER_MASK] ?? 'reserved'}${saved})`;
}

function hex(message: DataView, from: number, to: number): string {
  const end = Math.min(to, from + SHOWN_BYTES);
  let text = '';
  for (let at = from; at < end; at++) text += message.getUint8(at).toString(16).padStart(2, '0');
  return end < to ? `${text}...` : text;
}
