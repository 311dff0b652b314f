/** QUERY_HCA_CAP: op_mod = type << 1 | (0 max, 1 current) (mlx5_core fw.c: mlx5_core_get_caps_mode). */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { QUERY_HCA_CAP } from '../../../abi/mlx5/commands.ts';
import { queryHcaCap, requestHeader } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { OWN_FUNCTION } from '../hca-caps.ts';
import { REFUSAL } from '../syndromes.ts';

const otherFunction = QUERY_HCA_CAP.request.word('other_function');
const functionNumber = QUERY_HCA_CAP.request.word('function_id');

/** A reply that is shorter than the structure gets its beginning. */
export function execQueryHcaCap(request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const id = otherFunction.get(request.view, 0) === 0 ? OWN_FUNCTION : functionNumber.get(request.view, 0);
  if (!device.caps.hasFunction(id)) return REFUSAL.OTHER_FUNCTION;
  const image = device.caps.image(request.view.getUint16(requestHeader.opMod), id);
  if (image === undefined) return REFUSAL.CAP_TYPE;
  const room = reply.length - queryHcaCap.data;
  reply.bytes.set(image.length <= room ? image : image.subarray(0, room), queryHcaCap.data);
  return undefined;
}
