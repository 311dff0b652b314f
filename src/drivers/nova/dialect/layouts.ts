/** Fields of nova-core's requests and replies, by command. QUERY_VGPU_PROPERTIES answers with a stream: no fields. */
import { addVgpuType, assignedVgpuType, assignVgpuType, GMC_COMMANDS, rpcHeader } from '../../../abi/nova/gmcapi.ts';
import type { MessageField } from '../../../fwctl/dialect.ts';
import { numberField } from '../../../fwctl/number-field.ts';

export interface CommandLayouts {
  readonly request: readonly MessageField[];
  readonly reply: readonly MessageField[];
}

const RESERVED = numberField('reserved', rpcHeader.reserved, 4);
const HEADER: CommandLayouts = { request: [RESERVED], reply: [RESERVED] };
const DBDF = payloadField('dbdf', 0, 8);
/** A list ends with the reply; the client asks for 64 of them. */
const TYPE_IDS = Array.from({ length: 64 }, (_, i) => payloadField(`vgpuTypeIds[${i}]`, 4 * i, 4));

const LAYOUTS: ReadonlyMap<number, CommandLayouts> = new Map([
  row(GMC_COMMANDS.ADD_VGPU_TYPE, [
    payloadField('discard_vgpu_types', addVgpuType.discard, 1),
    payloadField('vgpu_info_count', addVgpuType.count, 4),
    payloadField('vgpuType', addVgpuType.record, 4),
  ]),
  row(GMC_COMMANDS.QUERY_SUPPORTED_VGPU_TYPES, [], TYPE_IDS),
  row(GMC_COMMANDS.QUERY_CREATABLE_VGPU_TYPES, [], TYPE_IDS),
  row(GMC_COMMANDS.ASSIGN_VGPU_TYPE, [
    DBDF,
    payloadField('vgpuTypeId', assignVgpuType.vgpuTypeId, 4),
    payloadField('swizzId', assignVgpuType.swizzId, 4),
    payloadField('placementId', assignVgpuType.placementId, 2),
  ]),
  row(GMC_COMMANDS.DEASSIGN_VGPU_TYPE, [DBDF]),
  row(GMC_COMMANDS.QUERY_VGPU_PROPERTIES, [payloadField('vgpuTypeId', 0, 4)]),
  row(
    GMC_COMMANDS.QUERY_ASSIGNED_VF_VGPU_TYPE,
    [DBDF],
    [
      payloadField('vgpuTypeId', assignedVgpuType.vgpuTypeId, 4),
      payloadField('swizzId', assignedVgpuType.swizzId, 4),
      payloadField('placementId', assignedVgpuType.placementId, 2),
    ],
  ),
]);

/** Of a command that there is not: the header alone. */
export function layoutsOf(id: number): CommandLayouts {
  return LAYOUTS.get(id) ?? HEADER;
}

function row(
  { id }: { readonly id: number },
  request: readonly MessageField[],
  reply: readonly MessageField[] = [],
): [number, CommandLayouts] {
  return [id, { request: [...request], reply: [...reply] }];
}

function payloadField(path: string, at: number, width: 1 | 2 | 4 | 8): MessageField {
  return numberField(path, rpcHeader.bytes + at, width);
}
