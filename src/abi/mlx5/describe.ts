/**
 * What a command says, for people: the decoder behind the trace, the demo and refusal texts. It is given whatever a
 * program sent, so it never throws: what the bytes are too short for is left out.
 */
import type { FieldValue, Layout } from '../bits.ts';
import { type CapType, capType } from './cap-types.ts';
import { commandLayout } from './command-layouts.ts';
import { accessRegister, REGISTER_READ, REGISTER_WRITE, replyHeader, requestHeader } from './headers.ts';
import { OPCODE, opcodeName } from './opcodes.ts';
import { registerLayout } from './registers/layouts.ts';
import { shownFields } from './registers/variants.ts';
import { registerById } from './registers.ts';
import { statusName } from './status.ts';

export interface DescribedField {
  readonly name: string;
  /** A number to 32 bits, a bigint to 64; bytes as text when printable latin1 with a NUL tail, else as hex. */
  readonly value: number | bigint | string;
  /** False for 0, an empty text and bytes that are all zero: what a short listing leaves out. */
  readonly nonZero: boolean;
}

export interface DescribedRequest {
  readonly opcode: number;
  /** `QUERY_HCA_CAP`, or `opcode 0x...` for one that no public source names. */
  readonly opcodeName: string;
  readonly uid: number;
  readonly opMod: number;
  /** `GENERAL current`, `read`, or the number in hex. */
  readonly opModText: string;
  /** The capability type of QUERY_HCA_CAP. */
  readonly cap?: { readonly type: number; readonly name: string; readonly mode: 'current' | 'max' };
  /** The register of ACCESS_REG; `name` is `register 0x...` when no public source names it. */
  readonly register?: { readonly id: number; readonly name: string };
  /** ACCESS_REG's argument. */
  readonly argument?: number;
  /** The command's own fields, then the register's fields of a write (of a read: those that select what is meant). */
  readonly fields: readonly DescribedField[];
}

export interface DescribedReply {
  readonly status: number;
  readonly statusName: string;
  readonly syndrome: number;
  /** All fields of what was answered (command, capability or register); empty when the status is not OK. */
  readonly fields: readonly DescribedField[];
}

/** Decodes the request in [0, length). Undefined: shorter than opcode and op_mod. */
export function describeRequest(bytes: Uint8Array, length: number): DescribedRequest | undefined {
  const view = viewOf(bytes, length);
  if (view.byteLength < requestHeader.own) return undefined;
  const opcode = view.getUint16(requestHeader.opcode);
  const opMod = view.getUint16(requestHeader.opMod);
  const common = { opcode, opcodeName: opcodeName(opcode), uid: view.getUint16(requestHeader.uid), opMod };
  if (isRegisterAccess(opcode)) return { ...common, ...describeRegisterRequest(view, opMod) };
  if (opcode === OPCODE.QUERY_HCA_CAP) {
    const cap = describeCap(opMod);
    return {
      ...common,
      opModText: `${cap.name} ${cap.mode}`,
      cap,
      fields: fieldsOf(commandLayout(opcode)?.request, view, 0),
    };
  }
  return { ...common, opModText: hex(opMod), fields: fieldsOf(commandLayout(opcode)?.request, view, 0) };
}

/** Decodes the reply in [0, replyLength) to a request. Undefined: the reply is shorter than status and syndrome. */
export function describeReply(
  request: Uint8Array,
  requestLength: number,
  reply: Uint8Array,
  replyLength: number,
): DescribedReply | undefined {
  const view = viewOf(reply, replyLength);
  if (view.byteLength < replyHeader.own) return undefined;
  const status = view.getUint8(replyHeader.status);
  const common = { status, statusName: statusName(status), syndrome: view.getUint32(replyHeader.syndrome) };
  const asked = viewOf(request, requestLength);
  if (status !== 0 || asked.byteLength < requestHeader.own) return { ...common, fields: [] };
  return { ...common, fields: describeAnswer(asked, view) };
}

function describeAnswer(request: DataView, reply: DataView): DescribedField[] {
  const opcode = request.getUint16(requestHeader.opcode);
  if (opcode === OPCODE.QUERY_HCA_CAP) {
    return fieldsOf(capType(request.getUint16(requestHeader.opMod) >> 1)?.layout, reply, replyHeader.bytes);
  }
  if (isRegisterAccess(opcode)) {
    if (request.byteLength < accessRegister.argument) return [];
    return fieldsOf(registerLayout(request.getUint16(accessRegister.registerId)), reply, accessRegister.data);
  }
  return fieldsOf(commandLayout(opcode)?.reply, reply, 0);
}

type RegisterPart = Pick<DescribedRequest, 'opModText' | 'register' | 'argument' | 'fields'>;

function describeRegisterRequest(view: DataView, opMod: number): RegisterPart {
  const opModText = opMod === REGISTER_READ ? 'read' : opMod === REGISTER_WRITE ? 'write' : hex(opMod);
  if (view.byteLength < accessRegister.data) return { opModText, fields: [] };
  const id = view.getUint16(accessRegister.registerId);
  const layout = registerLayout(id);
  const selecting = opMod !== REGISTER_WRITE;
  const fields = fieldsOf(layout, view, accessRegister.data).filter(
    ({ name }) => !selecting || layout?.fields.get(name)?.access === 'INDEX',
  );
  const register = { id, name: registerById(id)?.name ?? `register ${hex(id)}` };
  const argument = view.getUint32(accessRegister.argument);
  return { opModText, register, argument, fields };
}

function describeCap(opMod: number): NonNullable<DescribedRequest['cap']> {
  const type = opMod >> 1;
  const known: CapType | undefined = capType(type);
  return { type, name: known?.name ?? `cap ${hex(type)}`, mode: (opMod & 1) === 1 ? 'current' : 'max' };
}

function fieldsOf(layout: Layout | undefined, view: DataView, base: number): DescribedField[] {
  if (layout === undefined) return [];
  const shown = shownFields(layout, view, base);
  return Object.entries(layout.decode(view, base))
    .filter(([name]) => shown(name))
    .map(([name, value]) => describeField(name, value));
}

function describeField(name: string, value: FieldValue): DescribedField {
  if (!(value instanceof Uint8Array)) return { name, value, nonZero: value !== 0 && value !== 0n };
  const text = printable(value);
  return { name, value: text, nonZero: text !== '' };
}

/** The text before a NUL tail when every character is printable ASCII; otherwise hex. All zero: the empty text. */
function printable(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const used = [...bytes.subarray(0, end)];
  if (used.every((code) => code >= 0x20 && code < 0x7f)) return String.fromCharCode(...used);
  return [...bytes].map((code) => code.toString(16).padStart(2, '0')).join('');
}

function isRegisterAccess(opcode: number): boolean {
  return opcode === OPCODE.ACCESS_REG || opcode === OPCODE.ACCESS_REGISTER_USER;
}

function viewOf(bytes: Uint8Array, length: number): DataView {
  const valid = Number.isFinite(length) ? Math.max(0, Math.min(Math.floor(length), bytes.length)) : 0;
  return new DataView(bytes.buffer, bytes.byteOffset, valid);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
