/**
 * Modules of the emulated kernels by driver, as a distribution builds them (Kconfig of drivers/fwctl and of each PCI
 * driver); a module is there as soon as a device of its driver is, and every kernel that has the driver has it. Sizes
 * are of a 7.3.4 build, rounded, and tell nothing.
 */
import type { KernelModule } from './host-device.ts';

const row = (name: string, size: number, needs: string[] = [], drivers: string[] = []): KernelModule => ({
  name,
  size,
  needs,
  drivers,
});

const FWCTL = row('fwctl', 20480);
const IB_CORE = row('ib_core', 528384);

export const MLX5_MODULES: readonly KernelModule[] = [
  FWCTL,
  row('mlx5_fwctl', 16384, ['fwctl', 'mlx5_core'], ['auxiliary:mlx5_fwctl.mlx5_fwctl']),
  row('mlx5_ib', 561152, ['mlx5_core', 'ib_core'], ['auxiliary:mlx5_ib.rdma']),
  row('mlx5_core', 3026944, ['mlxfw'], ['auxiliary:mlx5_core.eth', 'pci:mlx5_core']),
  row('mlxfw', 36864),
  IB_CORE,
];

export const BNXT_MODULES: readonly KernelModule[] = [
  FWCTL,
  row('bnxt_fwctl', 16384, ['fwctl', 'bnxt_en'], ['auxiliary:bnxt_fwctl.bnxt_fwctl']),
  row('bnxt_re', 217088, ['bnxt_en', 'ib_core'], ['auxiliary:bnxt_re.bnxt_re']),
  row('bnxt_en', 516096, [], ['pci:bnxt_en']),
  IB_CORE,
];

export const PDS_MODULES: readonly KernelModule[] = [
  FWCTL,
  row('pds_fwctl', 16384, ['fwctl', 'pds_core'], ['auxiliary:pds_fwctl.pds_fwctl']),
  row('pds_core', 73728, [], ['pci:pds_core']),
];

/** CONFIG_CXL_FEATURES is a part of cxl_core. */
export const CXL_MODULES: readonly KernelModule[] = [
  FWCTL,
  row('cxl_mem', 16384, ['cxl_core'], ['cxl:cxl_mem']),
  row('cxl_pci', 28672, ['cxl_core'], ['pci:cxl_pci']),
  row('cxl_core', 364544, ['fwctl']),
];
