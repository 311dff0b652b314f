/**
 * FPGA (0x4022), dump, node, timeout registers: who may change them, what selects an instance, what they do besides.
 * Sources: PRM's register tables by way of mstflint's data bases and mlx5_ifc.h.
 */
import { CORE_DUMP } from '../../../abi/mlx5/registers/core-dump.ts';
import { DTOR } from '../../../abi/mlx5/registers/dtor.ts';
import { FPGA_ACCESS_REG } from '../../../abi/mlx5/registers/fpga-access-reg.ts';
import { FPGA_CAP } from '../../../abi/mlx5/registers/fpga-cap.ts';
import { FPGA_CTRL } from '../../../abi/mlx5/registers/fpga-ctrl.ts';
import { HOST_ENDIANNESS } from '../../../abi/mlx5/registers/host-endianness.ts';
import { laidOut } from '../../../abi/mlx5/registers/layouts.ts';
import { MLOCK } from '../../../abi/mlx5/registers/mlock.ts';
import { NIC_CAP_REG } from '../../../abi/mlx5/registers/nic-cap-reg.ts';
import { NODE_DESC } from '../../../abi/mlx5/registers/node-desc.ts';
import { RCR } from '../../../abi/mlx5/registers/rcr.ts';
import { RESOURCE_DUMP } from '../../../abi/mlx5/registers/resource-dump.ts';
import { VHCA_ICM_CTRL } from '../../../abi/mlx5/registers/vhca-icm-ctrl.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterRow } from '../register-table.ts';
import { readResourceDump } from '../resource-dump/register.ts';
import { readCoreDump } from './core-dump.ts';
import { writeVhcaIcmCtrl } from './enabled-fields.ts';
import { byVhca, computeVhcaIcm } from './sensors.ts';

/** Values kept as written, the device's own. */
const stored = { access: 'read-write' } as const;
const readOnly = { access: 'read' } as const;

export const otherRows: readonly RegisterRow<Mlx5Device>[] = [
  { register: laidOut(FPGA_CAP), ...readOnly },
  { register: laidOut(FPGA_CTRL), ...stored },
  { register: laidOut(FPGA_ACCESS_REG), ...readOnly },
  { register: laidOut(MLOCK), ...stored },
  { register: laidOut(CORE_DUMP), ...readOnly, read: readCoreDump },
  { register: laidOut(NODE_DESC), ...stored },
  { register: laidOut(HOST_ENDIANNESS), ...stored },
  {
    register: laidOut(RESOURCE_DUMP),
    ...stored,
    read: readResourceDump,
    write: readResourceDump,
    changed: (device) => device.registerTable.forget(device, RESOURCE_DUMP, 0),
  },
  { register: laidOut(DTOR), ...readOnly },
  { register: laidOut(RCR), ...stored },
  { register: laidOut(NIC_CAP_REG), ...stored },
  { register: laidOut(VHCA_ICM_CTRL), ...stored, instance: byVhca, write: writeVhcaIcmCtrl, compute: computeVhcaIcm },
];
