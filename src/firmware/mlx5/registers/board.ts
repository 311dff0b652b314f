/** Board registers that follow from the profile's identity: MSGI (names, serial number), MGPIR (modules). */
import type { FieldInput } from '../../../abi/bits.ts';
import type { Mlx5Device } from '../device.ts';

/** The serial number is made from the MAC: each device of a machine has another one. */
export function msgiIdentity({ profile: { identity } }: Mlx5Device): Record<string, FieldInput> {
  return {
    serial_number: `MT2024X${identity.base_mac.slice(-6).toUpperCase()}`,
    part_number: identity.model_name.slice(0, 20),
    product_name: identity.model_description.slice(0, 64),
  };
}

/** One module a port. */
export function moduleCount({ profile: { identity } }: Mlx5Device): Record<string, FieldInput> {
  return {
    'hw_info.num_of_modules': identity.num_ports & 0xff,
    'hw_info.num_of_modules_per_system': identity.num_ports & 0xff,
    'hw_info.num_of_devices': 0,
  };
}
