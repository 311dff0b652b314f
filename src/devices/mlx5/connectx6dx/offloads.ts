/**
 * A ConnectX-6 Dx's on-demand paging, atomics, device memory and events. Plausible, read from no device: what mlx5_ib
 * is known to use on it (drivers/infiniband/hw/mlx5: odp.c, main.c, dm.c, devx.c); sizes invented.
 */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

const every = (transport: string, names: readonly string[]): FieldValues =>
  Object.fromEntries(names.map((name) => [`${transport}_odp_caps.${name}`, 1]));

export const ODP: FieldValues = {
  sig: 1,
  ...every('rc', ['send', 'receive', 'write', 'read', 'atomic', 'srq_receive']),
  ...every('ud', ['send']),
  ...every('xrc', ['send', 'write', 'read', 'atomic', 'srq_receive']),
  ...every('dc', ['send', 'write', 'read', 'atomic', 'srq_receive']),
};

/** Operations: compare and swap, fetch and add, and their masked forms; of 8 bytes, masked ones up to 32. */
export const ATOMIC: FieldValues = {
  atomic_req_8B_endianness_mode: 0,
  supported_atomic_req_8B_endianness_mode_1: 1,
  atomic_operations: 0b1111,
  atomic_size_qp: 0b111100,
  atomic_size_dc: 0b111100,
};

/** Memory on the chip for buffers (256 KB) and for steering by software. */
export const DEV_MEM: FieldValues = {
  memic: 1,
  log_min_memic_alloc_size: 6,
  log_max_memic_addr_alignment: 9,
  memic_bar_start_addr: 0x0180_0000n,
  memic_bar_size: 0x0004_0000,
  max_memic_size: 0x0001_0000,
  steering_sw_icm_start_address: 0x0400_0000_0000_0000n,
  log_header_modify_sw_icm_size: 28,
  log_sw_icm_alloc_granularity: 12,
  log_steering_sw_icm_size: 29,
  header_modify_sw_icm_start_address: 0x0800_0000_0000_0000n,
};

/** Event types that a user may hear of (include/linux/mlx5/device.h: enum mlx5_event), a bit each. */
const events = (types: readonly number[]) => types.reduce((mask, type) => mask | (1n << BigInt(type)), 0n);

/** Of one object: completion and its errors, queues', work queues'. Of the device: port, module, time, temperature. */
export const DEV_EVENT: FieldValues = {
  'user_affiliated_events[3]': events([0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x1c]),
  'user_unaffiliated_events[3]': events([0x08, 0x09, 0x16, 0x17, 0x19, 0x1a, 0x22, 0x25]),
};
