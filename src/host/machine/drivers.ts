/** The drivers that a device can be plugged with. The first is what a device is that says nothing of it. */
import type { DriverRow } from './driver-row.ts';
import { BNXT_DRIVER } from './drivers/bnxt.ts';
import { CXL_DRIVER } from './drivers/cxl.ts';
import { IOMMUFD_DRIVER } from './drivers/iommufd.ts';
import { MLX5_DRIVER } from './drivers/mlx5.ts';
import { NOVA_DRIVER } from './drivers/nova.ts';
import { PDS_DRIVER } from './drivers/pds.ts';
import { RAW_DRIVER } from './drivers/raw.ts';

export const DRIVERS: readonly DriverRow[] = [
  MLX5_DRIVER,
  PDS_DRIVER,
  BNXT_DRIVER,
  CXL_DRIVER,
  RAW_DRIVER,
  NOVA_DRIVER,
  IOMMUFD_DRIVER,
];
