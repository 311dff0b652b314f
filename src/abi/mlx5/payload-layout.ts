/**
 * Which field layouts lie where in a command's request and in its reply: the command's own, then the register's or the
 * capability's. For those who change, mask or compare fields by name; describe.ts shows the same structures to people.
 */
import type { Field, Layout } from '../bits.ts';
import { capType } from './cap-types.ts';
import { commandLayout } from './command-layouts.ts';
import { accessRegister, queryHcaCap, requestHeader } from './headers.ts';
import { OPCODE } from './opcodes.ts';
import { registerLayout } from './registers/layouts.ts';

/** A structure and the byte at which it starts. */
export interface LaidOut {
  readonly layout: Layout;
  readonly base: number;
}

/** What is known of a request; empty for a command without a public layout, and for bytes too short to say. */
export function requestLayouts(request: DataView): readonly LaidOut[] {
  if (request.byteLength < requestHeader.own) return [];
  const opcode = request.getUint16(requestHeader.opcode);
  return [...laidOut(commandLayout(opcode)?.request, 0), ...registerPart(request, opcode)];
}

/** The same of the reply to that request. */
export function replyLayouts(request: DataView): readonly LaidOut[] {
  if (request.byteLength < requestHeader.own) return [];
  const opcode = request.getUint16(requestHeader.opcode);
  const own = laidOut(commandLayout(opcode)?.reply, 0);
  if (opcode !== OPCODE.QUERY_HCA_CAP) return [...own, ...registerPart(request, opcode)];
  const cap = capType(request.getUint16(requestHeader.opMod) >> 1)?.layout;
  return [...own, ...laidOut(cap, queryHcaCap.data)];
}

/** A field that stands wholly within `view`, and the byte from which its own offsets count. */
export interface PlacedField {
  readonly field: Field;
  readonly base: number;
}

/** Every field of the layouts that the view is long enough for. */
export function* placedFields(layouts: readonly LaidOut[], view: DataView): Generator<PlacedField> {
  for (const { layout, base } of layouts) {
    for (const field of layout.fields.values()) if (base + field.end <= view.byteLength) yield { field, base };
  }
}

/** Whether `name` means this field: its whole path, or its last part (`psid` is `fw_info.psid`). */
export function isNamed({ path }: Field, name: string): boolean {
  return path === name || path.endsWith(`.${name}`);
}

function registerPart(request: DataView, opcode: number): readonly LaidOut[] {
  if (opcode !== OPCODE.ACCESS_REG && opcode !== OPCODE.ACCESS_REGISTER_USER) return [];
  if (request.byteLength < accessRegister.argument) return [];
  return laidOut(registerLayout(request.getUint16(accessRegister.registerId)), accessRegister.data);
}

function laidOut(layout: Layout | undefined, base: number): readonly LaidOut[] {
  return layout === undefined ? [] : [{ layout, base }];
}
