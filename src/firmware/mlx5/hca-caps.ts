/**
 * Capabilities, current and maximum, of the function and its VFs, packed from the profile's values at first use. For
 * op_mods see hcaCapOpMod (mlx5_core fw.c: mlx5_core_get_caps_mode). A type without a public layout is all zero.
 */
import type { Layout } from '../../abi/bits.ts';
import { type CapType, capType } from '../../abi/mlx5/cap-types.ts';
import { GENERAL_CAP } from '../../abi/mlx5/caps/general.ts';
import type { FieldValues, Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { hcaCapOpMod } from '../../abi/mlx5/headers.ts';
import { diagnosticCounters, packCounterList } from './diagnostic-counter-list.ts';

const GENERAL = 0;
const DEBUG = 0x0d;
/** The function that the driver runs on; VFs are functions 1 and up. */
export const OWN_FUNCTION = 0;

const OP_MODS = 0x10000;

/** Fields that are chosen by a driver, and 0 until then: the largest value is another field's. */
const CHOSEN_BY: Readonly<Record<string, string>> = {
  // mlx5_core main.c: handle_hca_cap_atomic()
  atomic_req_8B_endianness_mode: 'supported_atomic_req_8B_endianness_mode_1',
};

export class HcaCaps {
  private profile: Mlx5DeviceProfile;
  /** Packed structures by function and op_mod; `undefined` as a value: the device has no such type. */
  private readonly images = new Map<number, Uint8Array | undefined>();

  constructor(profile: Mlx5DeviceProfile) {
    this.profile = profile;
  }

  /** From now on the capabilities are that profile's. */
  adopt(profile: Mlx5DeviceProfile): void {
    this.profile = profile;
    this.images.clear();
  }

  /** cmd_hca_cap.uctx_cap: what CREATE_UCTX may ask for. */
  get uctxCap(): number {
    return this.general('uctx_cap');
  }

  /** Contexts that may be open at once: 2^log_max_uctx. */
  get maxUctx(): number {
    return 2 ** this.general('log_max_uctx');
  }

  /** Whether there is such a function: the own one or a VF. */
  hasFunction(id: number): boolean {
    return id <= this.profile.world.vfs;
  }

  /** The capability structure for an op_mod of QUERY_HCA_CAP; not to be changed. Undefined: a type the device lacks. */
  image(opMod: number, functionId = OWN_FUNCTION): Uint8Array | undefined {
    const key = functionId * OP_MODS + opMod;
    const known = this.images.get(key);
    if (known !== undefined || this.images.has(key)) return known;
    const image = this.pack(opMod, functionId);
    this.images.set(key, image);
    return image;
  }

  /** A cmd_hca_cap field of a function, current. */
  general(field: string, functionId = OWN_FUNCTION): number {
    const image = this.image(hcaCapOpMod(GENERAL, 'current'), functionId);
    return image === undefined ? 0 : GENERAL_CAP.word(field).get(viewOf(image), 0);
  }

  /**
   * Sets a function's current capabilities to `bytes` (the type's structure or its beginning, the rest 0). Bits outside
   * of the type's fields are dropped. Undefined: done; false: a field is above its maximum, nothing is changed.
   */
  set(type: CapType, functionId: number, bytes: Uint8Array): undefined | false {
    const image = new Uint8Array(type.bytes);
    image.set(bytes.subarray(0, type.bytes));
    const max = this.image(hcaCapOpMod(type.type, 'max'), functionId) ?? new Uint8Array(type.bytes);
    if (type.layout === undefined) {
      if (image.some((byte) => byte !== 0)) return false;
    } else {
      for (const field of type.layout.fields.values()) {
        const by = type.layout.fields.get(CHOSEN_BY[field.path] ?? field.path) ?? field;
        const [asked, most] = [field.read(viewOf(image), 0), by.read(viewOf(max), 0)];
        if (!(asked instanceof Uint8Array) && !(most instanceof Uint8Array) && asked > most) return false;
      }
      image.set(type.layout.encode(type.layout.decode(viewOf(image))));
    }
    this.images.set(functionId * OP_MODS + hcaCapOpMod(type.type, 'current'), image);
    return undefined;
  }

  /** debug_cap and behind it the counters, as many as cmd_hca_cap says. */
  private withCounters(image: Uint8Array, functionId: number): Uint8Array {
    const list = packCounterList(diagnosticCounters(this.general('num_of_diagnostic_counters', functionId)));
    const whole = new Uint8Array(image.length + list.length);
    whole.set(image);
    whole.set(list, image.length);
    return whole;
  }

  private pack(opMod: number, functionId: number): Uint8Array | undefined {
    const type = capType(opMod >> 1);
    const values = type === undefined ? undefined : this.profile.caps[type.name];
    if (type === undefined || values === undefined) return undefined;
    if (type.layout === undefined) return new Uint8Array(type.bytes);
    const max = (opMod & 1) === 0 ? this.profile.capsMax[type.name] : undefined;
    const less = functionId !== OWN_FUNCTION && type.type === GENERAL ? virtualFunction(functionId) : undefined;
    const own = max === undefined && less === undefined;
    const image = own ? packedOnce(type.type, type.layout, values) : type.layout.encode({ ...values, ...max, ...less });
    return type.type === DEBUG ? this.withCounters(image, functionId) : image;
  }
}

/** By values and type: what is packed, for all devices of a profile. An image is replaced, never changed. */
const packed = new WeakMap<FieldValues, Map<number, Uint8Array>>();

function packedOnce(type: number, layout: Layout, values: FieldValues): Uint8Array {
  const ofValues = packed.get(values) ?? new Map<number, Uint8Array>();
  packed.set(values, ofValues);
  const image = ofValues.get(type) ?? layout.encode(values);
  ofValues.set(type, image);
  return image;
}

/** What a VF has not that its physical function has (unverified: the public lists differ by firmware). */
function virtualFunction(id: number): FieldValues {
  return {
    vhca_id: id,
    eswitch_manager: 0,
    vport_group_manager: 0,
    vhca_group_manager: 0,
    vhca_resource_manager: 0,
    lag_master: 0,
    num_lag_ports: 0,
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
