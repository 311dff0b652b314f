/**
 * SET_HCA_CAP and QUERY_OTHER_HCA_CAP. A driver that is up has done INIT_HCA, after which a function's own capabilities
 * stand still; what it still sets are those of its VFs, with other_function (mlx5_core vport.c:
 * mlx5_vport_set_other_func_cap). So may a user context with TOOLS_RESOURCES. op_mod is type << 1, as mlx5_core sends
 * it (main.c: set_caps). Unverified on hardware: who may, and the statuses.
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
  if ((opMod & 1) !== 0) return REFUSAL.OP_MOD;
  const type = capType(opMod >> 1);
  if (type === undefined || device.caps.image(hcaCapOpMod(type.type, 'current')) === undefined) return REFUSAL.CAP_TYPE;
  const id = functionToSet.get(view, 0);
  if (otherFunction.get(view, 0) === 0 || id === OWN_FUNCTION) return REFUSAL.CAP_SET_OWN;
  if (!device.caps.hasFunction(id)) return REFUSAL.OTHER_FUNCTION;
  const uid = view.getUint16(requestHeader.uid);
  const caps = uid === 0 ? UCTX_CAP.TOOLS_RESOURCES : (device.uctxs.caps(uid) ?? 0);
  if ((caps & UCTX_CAP.TOOLS_RESOURCES) === 0) return REFUSAL.CAP_SET_PRIVILEGE;
  return device.caps.set(type, id, bytes.subarray(queryHcaCap.data, request.length)) === false
    ? REFUSAL.CAP_SET_FIELD
    : undefined;
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
