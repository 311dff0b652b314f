/**
 * QoS (0x4000 to 0x40ff), shared buffers (0xb000): who may change them, what selects an instance, what they do besides.
 * Sources: PRM's register tables by way of mstflint's data bases and mlx5_ifc.h.
 */
import { DCBX_APPLICATION } from '../../../abi/mlx5/registers/dcbx-application.ts';
import { DCBX_PARAM } from '../../../abi/mlx5/registers/dcbx-param.ts';
import { laidOut } from '../../../abi/mlx5/registers/layouts.ts';
import { QCAM } from '../../../abi/mlx5/registers/qcam.ts';
import { QEEC } from '../../../abi/mlx5/registers/qeec.ts';
import { QETCR } from '../../../abi/mlx5/registers/qetcr.ts';
import { QPDP } from '../../../abi/mlx5/registers/qpdp.ts';
import { QPDPM } from '../../../abi/mlx5/registers/qpdpm.ts';
import { QPTS } from '../../../abi/mlx5/registers/qpts.ts';
import { QTCT } from '../../../abi/mlx5/registers/qtct.ts';
import { ROCE_ACCL } from '../../../abi/mlx5/registers/roce-accl.ts';
import { SBCAM } from '../../../abi/mlx5/registers/sbcam.ts';
import { SBCM } from '../../../abi/mlx5/registers/sbcm.ts';
import { SBPR } from '../../../abi/mlx5/registers/sbpr.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterRow } from '../register-table.ts';
import { readQcam, readSbcam } from './access-masks.ts';
import { writeQeec, writeQetcr, writeQpdpm, writeRoceAccl } from './enabled-fields.ts';
import { byElement, byPool, byPort, byPortBuffer, byPortByte, byPortPriority } from './instances.ts';

/** Values kept as written, a port's own. */
const port = { access: 'read-write', instance: byPort } as const;

export const qosRows: readonly RegisterRow<Mlx5Device>[] = [
  { register: laidOut(QPTS), ...port },
  { register: laidOut(QETCR), access: 'read-write', instance: byPortByte, write: writeQetcr },
  { register: laidOut(QTCT), access: 'read-write', instance: byPortPriority },
  { register: laidOut(QPDPM), access: 'read-write', instance: byPort, write: writeQpdpm },
  { register: laidOut(QPDP), ...port },
  { register: laidOut(QEEC), access: 'read-write', instance: byElement, write: writeQeec },
  { register: laidOut(ROCE_ACCL), access: 'read-write', write: writeRoceAccl },
  { register: laidOut(QCAM), access: 'read', read: readQcam },
  { register: laidOut(DCBX_PARAM), access: 'read-write', instance: byPortByte },
  { register: laidOut(DCBX_APPLICATION), access: 'read', instance: byPortByte },
  { register: laidOut(SBPR), access: 'read-write', instance: byPool },
  { register: laidOut(SBCM), access: 'read-write', instance: byPortBuffer },
  { register: laidOut(SBCAM), access: 'read', read: readSbcam },
];
