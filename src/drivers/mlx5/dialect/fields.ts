/** The fields of mlx5 commands by name and place, for those who set, mask or compare them. */
import type { FieldInput } from '../../../abi/bits.ts';
import { accessRegister, requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE, opcodeName } from '../../../abi/mlx5/opcodes.ts';
import { type PlacedField, placedFields, replyLayouts, requestLayouts } from '../../../abi/mlx5/payload-layout.ts';
import { registerById } from '../../../abi/mlx5/registers.ts';
import type { HeadField, MessageField } from '../../../fwctl/dialect.ts';

/** The register of an ACCESS_REG; undefined: it is another command, or too short to say. */
export function registerOf(request: DataView): number | undefined {
  if (request.byteLength < accessRegister.argument) return undefined;
  const opcode = request.getUint16(requestHeader.opcode);
  const access = opcode === OPCODE.ACCESS_REG || opcode === OPCODE.ACCESS_REGISTER_USER;
  return access ? request.getUint16(accessRegister.registerId) : undefined;
}

export function head(request: DataView): HeadField[] {
  if (request.byteLength < requestHeader.own) return [];
  const { opcode, opMod, uid, own } = requestHeader;
  const fields: HeadField[] = [
    // the bytes up to the uid's end are spoken for by it
    { name: 'opcode', value: opcodeName(request.getUint16(opcode)), bytes: [opcode, uid + 2], decides: true },
    { name: 'op_mod', value: request.getUint16(opMod), bytes: [opMod, own], decides: false },
  ];
  const register = registerOf(request);
  if (register === undefined) return fields;
  const value = `${registerById(register)?.name ?? 'register'} 0x${register.toString(16)}`;
  const bytes = [accessRegister.registerId, accessRegister.argument] as const;
  return [...fields, { name: 'register_id', value, bytes, decides: true }];
}

export function* requestFields(request: DataView): Generator<MessageField> {
  for (const placed of placedFields(requestLayouts(request), request)) {
    if (placed.field.path !== 'register_id') yield new Placed(placed);
  }
}

export function* replyFields(request: DataView, reply: DataView): Generator<MessageField> {
  for (const placed of placedFields(replyLayouts(request), reply)) yield new Placed(placed);
}

class Placed implements MessageField {
  readonly path: string;
  readonly bits: number;
  readonly bytes: readonly [number, number];
  private readonly placed: PlacedField;

  constructor(placed: PlacedField) {
    const { field, base } = placed;
    this.path = field.path;
    this.bits = field.bits;
    this.bytes = [base + (field.bit >> 3), base + ((field.bit + field.bits + 7) >> 3)];
    this.placed = placed;
  }

  read(message: DataView) {
    return this.placed.field.read(message, this.placed.base);
  }

  write(message: DataView, value: FieldInput): void {
    this.placed.field.write(message, this.placed.base, value);
  }
}
