/** Requests that tests send often, made by name. */
import type { FieldInput } from '../abi/bits.ts';
import { CAP_TYPES } from '../abi/mlx5/cap-types.ts';
import {
  queryHcaCap as capSizes,
  hcaCapOpMod,
  accessRegister as layout,
  REGISTER_READ,
  REGISTER_WRITE,
  requestHeader,
} from '../abi/mlx5/headers.ts';
import { OPCODE } from '../abi/mlx5/opcodes.ts';
import { registerLayoutByName } from '../abi/mlx5/registers/layouts.ts';
import { REGISTERS, registerByName } from '../abi/mlx5/registers.ts';
import { didYouMean } from '../abi/nearest-name.ts';
import { checkKeys, keysOf } from './known-keys.ts';

/** QUERY_HCA_CAP of a type by name, e.g. `GENERAL`; ask for `16 + 256` bytes, or 4112. */
export function queryHcaCap(type: string, mode: 'current' | 'max' = 'current'): Uint8Array {
  const row = CAP_TYPES.find(({ name }) => name === type);
  const names = CAP_TYPES.map(({ name }) => name);
  if (row === undefined) throw new Error(`there is no capability type "${type}"${didYouMean(type, names)}`);
  const request = new Uint8Array(capSizes.inBytes);
  const view = new DataView(request.buffer);
  view.setUint16(requestHeader.opcode, OPCODE.QUERY_HCA_CAP);
  view.setUint16(requestHeader.opMod, hcaCapOpMod(row.type, mode));
  return request;
}

export interface RegisterAccess {
  readonly write?: boolean;
  /** Bytes of the register's image; the register's own unless told. */
  readonly bytes?: number;
  readonly argument?: number;
}

const ACCESS_KEYS = keysOf<Required<RegisterAccess>>({ write: true, bytes: true, argument: true });

/** ACCESS_REG of a register by name, with its fields; its reply is as long as it. Scope 1 and above may read. */
export function accessRegister(
  name: string,
  fields: Readonly<Record<string, FieldInput>> = {},
  access: RegisterAccess = {},
): Uint8Array {
  checkKeys('accessRegister', access, ACCESS_KEYS);
  const { write = false, bytes, argument = 0 } = access;
  const register = registerByName(name);
  const names = REGISTERS.map((row) => row.name);
  if (register === undefined) throw new Error(`there is no register "${name}"${didYouMean(name, names)}`);
  const fieldLayout = registerLayoutByName(name);
  const size = bytes ?? fieldLayout?.bytes ?? register.bytes;
  const request = new Uint8Array(layout.data + size);
  const view = new DataView(request.buffer);
  view.setUint16(requestHeader.opcode, OPCODE.ACCESS_REG);
  view.setUint16(requestHeader.opMod, write ? REGISTER_WRITE : REGISTER_READ);
  view.setUint16(layout.registerId, register.id);
  view.setUint32(layout.argument, argument);
  if (Object.keys(fields).length > 0) {
    if (fieldLayout === undefined) throw new Error(`the fields of ${name} are not known here`);
    fieldLayout.assign(view, fields, layout.data);
  }
  return request;
}
