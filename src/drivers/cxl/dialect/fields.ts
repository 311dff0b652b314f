/** The fields of CXL feature commands by name and place, in the uAPI's names; little-endian. */
import type { FieldInput, FieldValue } from '../../../abi/bits.ts';
import { attributesOf } from '../../../abi/cxl/attributes.ts';
import {
  CXL_COMMANDS,
  CXL_OPCODE,
  featureEntry,
  getFeature,
  getSupported,
  rpcHeader,
  rpcReply,
  setFeature,
  supportedReply,
  UUID_BYTES,
} from '../../../abi/cxl/features.ts';
import { featureName, uuidBytes, uuidText } from '../../../abi/cxl/uuids.ts';
import type { HeadField, MessageField } from '../../../fwctl/dialect.ts';
import { fieldsInside, numberField } from '../../../fwctl/number-field.ts';
import { attributeFields } from './attribute-field.ts';

const PAYLOAD = rpcHeader.bytes;
const DATA = rpcReply.payload;

export function opcodeOf(request: DataView): number {
  return request.getUint16(rpcHeader.opcode, true);
}

export function opcodeName(opcode: number): string {
  return CXL_COMMANDS.find((row) => row.opcode === opcode)?.name ?? `opcode 0x${opcode.toString(16)}`;
}

/** `SPPR 892ba475-fad8-474e-9d3e-692c917568bb`; undefined: the command has none, or the request ends before. */
export function featureOf(request: DataView): { readonly name: string | undefined; readonly uuid: string } | undefined {
  const opcode = opcodeOf(request);
  if (opcode !== CXL_OPCODE.GET_FEATURE && opcode !== CXL_OPCODE.SET_FEATURE) return undefined;
  if (request.byteLength < PAYLOAD + UUID_BYTES) return undefined;
  const uuid = uuidText(request, PAYLOAD);
  return { uuid, name: featureName(uuid) };
}

export function featureText(request: DataView): string | undefined {
  const feature = featureOf(request);
  return feature && [feature.name, feature.uuid].filter((word) => word !== undefined).join(' ');
}

export function head(request: DataView): HeadField[] {
  if (request.byteLength < rpcHeader.bytes) return [];
  const opcode = { name: 'opcode', value: opcodeName(opcodeOf(request)), bytes: [0, 4], decides: true } as const;
  const feature = featureText(request);
  if (feature === undefined) return [opcode];
  return [opcode, { name: 'feature', value: feature, bytes: [PAYLOAD, PAYLOAD + UUID_BYTES], decides: true }];
}

export function requestFields(request: DataView): MessageField[] {
  if (request.byteLength < rpcHeader.bytes) return [];
  const payload = {
    [CXL_OPCODE.GET_SUPPORTED_FEATURES]: [
      numberField('count', PAYLOAD + getSupported.count, 4),
      numberField('start_idx', PAYLOAD + getSupported.startIndex, 2),
    ],
    [CXL_OPCODE.GET_FEATURE]: [
      new Uuid('uuid', PAYLOAD),
      numberField('offset', PAYLOAD + getFeature.offset, 2),
      numberField('count', PAYLOAD + getFeature.count, 2),
      numberField('selection', PAYLOAD + getFeature.selection, 1),
    ],
    [CXL_OPCODE.SET_FEATURE]: [
      new Uuid('uuid', PAYLOAD),
      numberField('flags', PAYLOAD + setFeature.flags, 4),
      numberField('offset', PAYLOAD + setFeature.offset, 2),
      numberField('version', PAYLOAD + setFeature.version, 1),
      ...data('feat_data', PAYLOAD + setFeature.bytes, dataEnd(request)),
      ...writtenAttributes(request),
    ],
  }[opcodeOf(request)];
  return fieldsInside(request, [numberField('op_size', rpcHeader.opSize, 4), ...(payload ?? [])]);
}

/** Those of a SET_FEATURE whose feature has any, as far as its data have them. */
function writtenAttributes(request: DataView): MessageField[] {
  const { offset, bytes } = setFeature;
  if (request.byteLength < PAYLOAD + bytes) return [];
  const rows = attributesOf(featureOf(request)?.name)?.writable ?? [];
  const first = PAYLOAD + bytes - request.getUint16(PAYLOAD + offset, true);
  return attributeFields(rows, first, PAYLOAD + bytes, dataEnd(request));
}

/** The same of the answer to a GET_FEATURE. */
function readAttributes(request: DataView, end: number): MessageField[] {
  if (request.byteLength < PAYLOAD + getFeature.bytes) return [];
  const rows = attributesOf(featureOf(request)?.name)?.readable ?? [];
  return attributeFields(rows, DATA - request.getUint16(PAYLOAD + getFeature.offset, true), DATA, end);
}

/** Where SET_FEATURE's data end, by op_size. */
export function dataEnd(request: DataView): number {
  return Math.min(request.byteLength, PAYLOAD + request.getUint32(rpcHeader.opSize, true));
}

export function replyFields(request: DataView, reply: DataView): MessageField[] {
  if (request.byteLength < rpcHeader.bytes || reply.byteLength < DATA) return [];
  const fields = [numberField('size', rpcReply.size, 4), numberField('retval', rpcReply.retval, 4)];
  const opcode = opcodeOf(request);
  if (reply.getUint32(rpcReply.retval, true) !== 0) return fields;
  if (opcode === CXL_OPCODE.GET_FEATURE) {
    const end = Math.min(reply.byteLength, DATA + reply.getUint32(rpcReply.size, true));
    return [...fields, ...data('data', DATA, end), ...readAttributes(request, end)];
  }
  return opcode === CXL_OPCODE.GET_SUPPORTED_FEATURES ? fieldsInside(reply, [...fields, ...listFields(reply)]) : fields;
}

function listFields(reply: DataView): MessageField[] {
  const list = DATA + supportedReply.list;
  if (reply.byteLength < list) return [];
  const there = Math.floor((reply.byteLength - list) / featureEntry.bytes);
  const entries = Math.min(there, reply.getUint16(DATA + supportedReply.entries, true));
  return [
    numberField('num_entries', DATA + supportedReply.entries, 2),
    numberField('supported_feats', DATA + supportedReply.total, 2),
    ...Array.from({ length: entries }, (_, i) => entryFields(`ents[${i}]`, list + i * featureEntry.bytes)).flat(),
  ];
}

function entryFields(name: string, at: number): MessageField[] {
  return [
    new Uuid(`${name}.uuid`, at),
    numberField(`${name}.id`, at + featureEntry.id, 2),
    numberField(`${name}.get_feat_size`, at + featureEntry.getSize, 2),
    numberField(`${name}.set_feat_size`, at + featureEntry.setSize, 2),
    numberField(`${name}.flags`, at + featureEntry.flags, 4),
    numberField(`${name}.get_feat_ver`, at + featureEntry.getVersion, 1),
    numberField(`${name}.set_feat_ver`, at + featureEntry.setVersion, 1),
    numberField(`${name}.effects`, at + featureEntry.effects, 2),
  ];
}

/** A feature's own bytes, whose layout is its vendor's; none: there is no such field. */
function data(path: string, at: number, end: number): MessageField[] {
  return end > at ? [new Bytes(path, at, end)] : [];
}

class Bytes implements MessageField {
  readonly path: string;
  readonly bytes: readonly [number, number];

  constructor(path: string, at: number, end: number) {
    this.path = path;
    this.bytes = [at, end];
  }

  get bits(): number {
    return (this.bytes[1] - this.bytes[0]) * 8;
  }

  read(message: DataView): FieldValue {
    const [at, end] = this.bytes;
    // up to 8 bytes are read as a number, as a fault would write them
    if (end - at > 8) return new Uint8Array(message.buffer, message.byteOffset + at, end - at).slice();
    let value = 0n;
    for (let i = end - 1; i >= at; i--) value = (value << 8n) | BigInt(message.getUint8(i));
    return end - at > 4 ? value : Number(value);
  }

  write(message: DataView, value: FieldInput): void {
    const [at, end] = this.bytes;
    const bytes = bytesOf(value, end - at);
    for (let i = at; i < end; i++) message.setUint8(i, bytes[i - at] ?? 0);
  }
}

function bytesOf(value: FieldInput, length: number): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Uint8Array.from(value, (c) => c.charCodeAt(0));
  const whole = BigInt(value);
  return Uint8Array.from({ length }, (_, i) => Number((whole >> BigInt(8 * i)) & 0xffn));
}

class Uuid extends Bytes {
  constructor(path: string, at: number) {
    super(path, at, at + UUID_BYTES);
  }

  override write(message: DataView, value: FieldInput): void {
    super.write(message, (typeof value === 'string' && uuidBytes(value)) || value);
  }
}
