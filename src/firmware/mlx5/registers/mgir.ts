/** MGIR, general information: who the device is; the first register that every mstflint tool reads. */
import type { FieldInput } from '../../../abi/bits.ts';
import { MGIR } from '../../../abi/mlx5/registers/mgir.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

/** The identity's fields; versions above 8 bits stand in the extended ones alone, as the tools expect. */
export function mgirIdentity(device: Mlx5Device): Record<string, FieldInput> {
  const { identity } = device.profile;
  const [major = 0, minor = 0, subMinor = 0] = identity.fw_version.split('.').map(Number);
  const [year = '0', month = '0', day = '0'] = identity.fw_date.split('-');
  const mac = BigInt(`0x${identity.base_mac}`);
  return {
    'hw_info.device_id': identity.pci_device_id,
    'hw_info.device_hw_revision': identity.hw_revision,
    'hw_info.hw_dev_id': identity.hw_dev_id,
    'hw_info.num_ports': identity.num_ports,
    'hw_info.manufacturing_base_mac_47_32': Number(mac >> 32n),
    'hw_info.manufacturing_base_mac_31_0': Number(mac & 0xffffffffn),
    'fw_info.major': major & 0xff,
    'fw_info.minor': minor & 0xff,
    'fw_info.sub_minor': subMinor & 0xff,
    'fw_info.extended_major': major,
    'fw_info.extended_minor': minor,
    'fw_info.extended_sub_minor': subMinor,
    // Binary-coded decimal: 2024 is 0x2024.
    'fw_info.year': Number(`0x${year}`),
    'fw_info.month': Number(`0x${month}`),
    'fw_info.day': Number(`0x${day}`),
    'fw_info.psid': identity.psid,
  };
}

const uptime = MGIR.word('hw_info.uptime');

/** hw_info.uptime: whole seconds since power-up. */
export function readMgir({ device, output }: RegisterExchange<Mlx5Device>): undefined {
  uptime.put(output, 0, Math.floor((device.clock.monotonicNs() - device.startedNs) / 1e9));
  return undefined;
}
