/**
 * The device's capabilities, current and maximum, packed from the profile's values at first use.
 * QUERY_HCA_CAP: op_mod = type << 1 | (0 max, 1 current) (mlx5_core fw.c: mlx5_core_get_caps_mode).
 */
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import { capType } from '../../abi/mlx5/cap-types.ts';
import { GENERAL_CAP } from '../../abi/mlx5/caps/general.ts';
import { QUERY_HCA_CAP } from '../../abi/mlx5/commands.ts';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { hcaCapOpMod, queryHcaCap, requestHeader } from '../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from './device.ts';
import { REFUSAL } from './syndromes.ts';

const GENERAL = 0;

export class HcaCaps {
  private readonly profile: Mlx5DeviceProfile;
  /** Packed structures by op_mod; `undefined` as a value: the device has no such type. */
  private readonly images = new Map<number, Uint8Array | undefined>();

  constructor(profile: Mlx5DeviceProfile) {
    this.profile = profile;
  }

  /** cmd_hca_cap.uctx_cap: what CREATE_UCTX may ask for. */
  get uctxCap(): number {
    return this.general('uctx_cap');
  }

  /** Contexts that may be open at once: 2^log_max_uctx. */
  get maxUctx(): number {
    return 2 ** this.general('log_max_uctx');
  }

  /** The capability structure for an op_mod of QUERY_HCA_CAP; not to be changed. Undefined: a type the device lacks. */
  image(opMod: number): Uint8Array | undefined {
    const known = this.images.get(opMod);
    if (known !== undefined || this.images.has(opMod)) return known;
    const image = this.pack(opMod);
    this.images.set(opMod, image);
    return image;
  }

  private pack(opMod: number): Uint8Array | undefined {
    const type = capType(opMod >> 1);
    const values = type === undefined ? undefined : this.profile.caps[type.name];
    if (type === undefined || values === undefined) return undefined;
    if (type.layout === undefined) return new Uint8Array(type.bytes);
    const max = (opMod & 1) === 0 ? this.profile.capsMax[type.name] : undefined;
    return type.layout.encode({ ...values, ...max });
  }

  private general(field: string): number {
    const image = this.image(hcaCapOpMod(GENERAL, 'current'));
    if (image === undefined) return 0;
    return GENERAL_CAP.word(field).get(new DataView(image.buffer, image.byteOffset, image.length), 0);
  }
}

const otherFunction = QUERY_HCA_CAP.request.word('other_function');

/** A reply that is shorter than the structure gets its beginning. */
export function execQueryHcaCap(request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const image = device.caps.image(request.view.getUint16(requestHeader.opMod));
  if (image === undefined) return REFUSAL.CAP_TYPE;
  if (otherFunction.get(request.view, 0) !== 0) return REFUSAL.OTHER_FUNCTION;
  const room = reply.length - queryHcaCap.data;
  reply.bytes.set(image.length <= room ? image : image.subarray(0, room), queryHcaCap.data);
  return undefined;
}
