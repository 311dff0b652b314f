/**
 * The registers of the emulated mlx5 firmware. A new register is a layout file in abi/mlx5/registers/ with its line in layouts.ts, and
 * a row here; its power-up values are the device profile's. test/unit/firmware/mlx5/registers.test.ts then reads and writes it by itself.
 * Sources: PRM's register tables by way of mstflint's data base and mlx5_ifc.h.
 */
import { DTOR } from '../../abi/mlx5/registers/dtor.ts';
import { laidOut } from '../../abi/mlx5/registers/layouts.ts';
import { MCAM } from '../../abi/mlx5/registers/mcam.ts';
import { MFRL } from '../../abi/mlx5/registers/mfrl.ts';
import { MGIR } from '../../abi/mlx5/registers/mgir.ts';
import { MQIS } from '../../abi/mlx5/registers/mqis.ts';
import { MTCAP } from '../../abi/mlx5/registers/mtcap.ts';
import { MTMP } from '../../abi/mlx5/registers/mtmp.ts';
import { NODE_DESC } from '../../abi/mlx5/registers/node-desc.ts';
import { PAOS } from '../../abi/mlx5/registers/paos.ts';
import { PCAM } from '../../abi/mlx5/registers/pcam.ts';
import { PCMR } from '../../abi/mlx5/registers/pcmr.ts';
import { PFCC } from '../../abi/mlx5/registers/pfcc.ts';
import { PMLP } from '../../abi/mlx5/registers/pmlp.ts';
import { PMTU } from '../../abi/mlx5/registers/pmtu.ts';
import { PPLR } from '../../abi/mlx5/registers/pplr.ts';
import { PPTB } from '../../abi/mlx5/registers/pptb.ts';
import { PTYS } from '../../abi/mlx5/registers/ptys.ts';
import { type RegisterRow, RegisterTable } from '../register-table.ts';
import type { Mlx5Device } from './device.ts';
import { readMcam, readPcam } from './registers/access-masks.ts';
import { byPort } from './registers/instances.ts';
import { mgirIdentity, readMgir } from './registers/mgir.ts';
import { readMqis } from './registers/mqis.ts';
import { bySensor } from './registers/mtmp.ts';
import { writePaos } from './registers/paos.ts';
import { REFUSAL } from './syndromes.ts';

/** Values kept as written, nothing more: `stored` is a device's, `port` a port's. */
const stored = { access: 'read-write' } as const;
const port = { access: 'read-write', instance: byPort } as const;
const readOnly = { access: 'read' } as const;

const rows: readonly RegisterRow<Mlx5Device>[] = [
  { register: laidOut(PMLP), ...port },
  { register: laidOut(PMTU), ...port },
  { register: laidOut(PTYS), ...port },
  { register: laidOut(PAOS), ...port, write: writePaos },
  { register: laidOut(PFCC), ...port },
  { register: laidOut(PPTB), ...port },
  { register: laidOut(PPLR), ...port },
  { register: laidOut(PCMR), ...port },
  { register: laidOut(PCAM), ...readOnly, read: readPcam },
  { register: laidOut(NODE_DESC), ...stored },
  { register: laidOut(MTCAP), ...readOnly },
  { register: laidOut(MTMP), ...stored, instance: bySensor },
  { register: laidOut(MGIR), ...readOnly, initial: mgirIdentity, read: readMgir },
  { register: laidOut(MFRL), ...stored },
  { register: laidOut(MQIS), ...readOnly, read: readMqis },
  { register: laidOut(MCAM), ...readOnly, read: readMcam },
  { register: laidOut(DTOR), ...readOnly },
];

export const MLX5_REGISTERS = new RegisterTable<Mlx5Device>(rows, {
  unknown: REFUSAL.REGISTER_UNKNOWN,
  readOnly: REFUSAL.REGISTER_READ_ONLY,
  selector: REFUSAL.REGISTER_SELECTOR,
  noData: REFUSAL.REGISTER_NO_DATA,
});
