/** Board registers that follow from the profile's identity: MSGI (names, serial number), MGPIR (modules). */
import type { FieldInput } from '../../../abi/bits.ts';
import type { DeviceIdentity } from '../../../abi/mlx5/device-profile.ts';
import type { Mlx5Device } from '../device.ts';

/** Made from the MAC: each device of a machine has another one. */
export function serialNumber({ base_mac }: Pick<DeviceIdentity, 'base_mac'>): string {
  return `MT2024X${base_mac.slice(-6).toUpperCase()}`;
}

export function msgiIdentity({ profile: { identity } }: Mlx5Device): Record<string, FieldInput> {
  return {
    serial_number: serialNumber(identity),
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
