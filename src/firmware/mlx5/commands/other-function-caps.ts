/**
 * SET_HCA_CAP and QUERY_OTHER_HCA_CAP. A driver sets its own capabilities at its start (mlx5_core main.c: set_caps) and
 * those of its VFs with other_function (vport.c: mlx5_vport_set_other_func_cap), in op_mod type << 1; a user context
 * with TOOLS_RESOURCES may do both, and may say `current` in op_mod's lowest bit as QUERY_HCA_CAP does, which is what
 * is set either way. Unverified on hardware: who may, the statuses, and that the own ones are taken after INIT_HCA too.
 */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { capType } from '../../../abi/mlx5/cap-types.ts';
import { QUERY_OTHER_HCA_CAP, SET_HCA_CAP } from '../../../abi/mlx5/commands.ts';
import { hcaCapOpMod, queryHcaCap, requestHeader, UCTX_CAP } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { OWN_FUNCTION } from '../hca-caps.ts';
import { REFUSAL } from '../syndromes.ts';

const otherFunction = SET_HCA_CAP.request.word('other_function');
const functionToSet = SET_HCA_CAP.request.word('function_id');

/** The new values are what QUERY_HCA_CAP then reads back as current, until power-down. */
export function execSetHcaCap(request: MessageBuffer, _reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const { view, bytes } = request;
  const opMod = view.getUint16(requestHeader.opMod);
  const type = capType(opMod >> 1);
  if (type === undefined || device.caps.image(hcaCapOpMod(type.type, 'current')) === undefined) return REFUSAL.CAP_TYPE;
  const id = otherFunction.get(view, 0) === 0 ? OWN_FUNCTION : functionToSet.get(view, 0);
  if (!device.caps.hasFunction(id)) return REFUSAL.OTHER_FUNCTION;
  const uid = view.getUint16(requestHeader.uid);
  const caps = uid === 0 ? UCTX_CAP.TOOLS_RESOURCES : (device.uctxs.caps(uid) ?? 0);
  if ((caps & UCTX_CAP.TOOLS_RESOURCES) === 0) return REFUSAL.CAP_SET_PRIVILEGE;
  if (device.caps.set(type, id, bytes.subarray(queryHcaCap.data, request.length)) === false) {
    return REFUSAL.CAP_SET_FIELD;
  }
  device.uctxs.setLimit(device.caps.maxUctx);
  if (id === OWN_FUNCTION) device.hca.signed = device.caps.general('cmdif_checksum') !== 0;
  return undefined;
}

const functionAsked = QUERY_OTHER_HCA_CAP.request.word('function_id');
const roce = QUERY_OTHER_HCA_CAP.reply.word('other_capability.roce');

/** The one capability that the older command knows: whether the function has RoCE. */
export function execQueryOtherHcaCap(
  request: MessageBuffer,
  reply: MessageBuffer,
  device: Mlx5Device,
): Refusal | undefined {
  const id = functionAsked.get(request.view, 0);
  if (!device.caps.hasFunction(id)) return REFUSAL.OTHER_FUNCTION;
  roce.put(reply.view, 0, device.caps.general('roce', id));
  return undefined;
}
