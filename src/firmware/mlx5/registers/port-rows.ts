/**
 * Port registers (0x5000 to 0x50ff): who may change them, what selects an instance, what they do besides keeping
 * values. Sources: PRM's register tables by way of mstflint's data bases and mlx5_ifc.h.
 */
import { laidOut } from '../../../abi/mlx5/registers/layouts.ts';
import { PAOS } from '../../../abi/mlx5/registers/paos.ts';
import { PBMC } from '../../../abi/mlx5/registers/pbmc.ts';
import { PBSR } from '../../../abi/mlx5/registers/pbsr.ts';
import { PCAM } from '../../../abi/mlx5/registers/pcam.ts';
import { PCAP } from '../../../abi/mlx5/registers/pcap.ts';
import { PCMR } from '../../../abi/mlx5/registers/pcmr.ts';
import { PDDR } from '../../../abi/mlx5/registers/pddr.ts';
import { PELC } from '../../../abi/mlx5/registers/pelc.ts';
import { PEMI } from '../../../abi/mlx5/registers/pemi.ts';
import { PFCC } from '../../../abi/mlx5/registers/pfcc.ts';
import { PGUID } from '../../../abi/mlx5/registers/pguid.ts';
import { PLTC } from '../../../abi/mlx5/registers/pltc.ts';
import { PMAOS } from '../../../abi/mlx5/registers/pmaos.ts';
import { PMDR } from '../../../abi/mlx5/registers/pmdr.ts';
import { PMLP } from '../../../abi/mlx5/registers/pmlp.ts';
import { PMPE } from '../../../abi/mlx5/registers/pmpe.ts';
import { PMPT } from '../../../abi/mlx5/registers/pmpt.ts';
import { PMTM } from '../../../abi/mlx5/registers/pmtm.ts';
import { PMTU } from '../../../abi/mlx5/registers/pmtu.ts';
import { PPAOS } from '../../../abi/mlx5/registers/ppaos.ts';
import { PPCNT } from '../../../abi/mlx5/registers/ppcnt.ts';
import { PPCR } from '../../../abi/mlx5/registers/ppcr.ts';
import { PPHCR } from '../../../abi/mlx5/registers/pphcr.ts';
import { PPLM } from '../../../abi/mlx5/registers/pplm.ts';
import { PPLR } from '../../../abi/mlx5/registers/pplr.ts';
import { PPRT } from '../../../abi/mlx5/registers/pprt.ts';
import { PPSC } from '../../../abi/mlx5/registers/ppsc.ts';
import { PPTB } from '../../../abi/mlx5/registers/pptb.ts';
import { PPTT } from '../../../abi/mlx5/registers/pptt.ts';
import { PTAS_V2 } from '../../../abi/mlx5/registers/ptas-v2.ts';
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import { PUDE } from '../../../abi/mlx5/registers/pude.ts';
import { PVLC } from '../../../abi/mlx5/registers/pvlc.ts';
import { SLRG } from '../../../abi/mlx5/registers/slrg.ts';
import { SLTP } from '../../../abi/mlx5/registers/sltp.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterRow } from '../register-table.ts';
import { readPcam } from './access-masks.ts';
import { byModule, byPort } from './instances.ts';
import { patchedPaos, writePaos } from './paos.ts';
import { readPddr } from './pddr.ts';
import { writePmtu } from './pmtu.ts';
import { readPude } from './port-events.ts';
import { readPpcnt, writePpcnt } from './ppcnt.ts';
import { writePtys } from './ptys.ts';

/** Values kept as written, a port's own. */
const port = { access: 'read-write', instance: byPort } as const;
const portState = { access: 'read', instance: byPort } as const;
const moduleState = { access: 'read', instance: byModule } as const;

export const portRows: readonly RegisterRow<Mlx5Device>[] = [
  { register: laidOut(PCAP), ...port },
  { register: laidOut(PMLP), ...port },
  { register: laidOut(PMTU), ...port, write: writePmtu },
  { register: laidOut(PTYS), ...port, write: writePtys },
  { register: laidOut(PAOS), ...port, write: writePaos, patched: patchedPaos },
  { register: laidOut(PFCC), ...port },
  { register: laidOut(PPCNT), ...port, read: readPpcnt, write: writePpcnt },
  { register: laidOut(PUDE), ...portState, read: readPude },
  { register: laidOut(PPSC), ...port },
  { register: laidOut(PPTB), ...port },
  { register: laidOut(PBMC), ...port },
  { register: laidOut(PELC), ...port },
  { register: laidOut(PVLC), ...port },
  { register: laidOut(PMPE), ...moduleState },
  { register: laidOut(PMAOS), access: 'read-write', instance: byModule },
  { register: laidOut(PPLR), ...port },
  { register: laidOut(PPLM), ...port },
  { register: laidOut(SLTP), ...port },
  { register: laidOut(SLRG), ...portState },
  { register: laidOut(PTAS_V2), ...port },
  { register: laidOut(PDDR), ...portState, read: readPddr },
  { register: laidOut(PPTT), ...port },
  { register: laidOut(PPRT), ...port },
  { register: laidOut(PBSR), ...portState },
  { register: laidOut(PMDR), ...portState },
  { register: laidOut(PPHCR), ...port },
  { register: laidOut(PPAOS), ...port },
  { register: laidOut(PCMR), ...port },
  { register: laidOut(PLTC), ...port },
  { register: laidOut(PPCR), ...port },
  { register: laidOut(PMPT), access: 'read-write', instance: byModule },
  { register: laidOut(PGUID), ...portState },
  { register: laidOut(PMTM), ...moduleState },
  { register: laidOut(PEMI), ...portState },
  { register: laidOut(PCAM), access: 'read', read: readPcam },
];
