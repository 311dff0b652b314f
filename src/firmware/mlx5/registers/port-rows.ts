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
import { PCNR } from '../../../abi/mlx5/registers/pcnr.ts';
import { PDDR } from '../../../abi/mlx5/registers/pddr.ts';
import { PELC } from '../../../abi/mlx5/registers/pelc.ts';
import { PEMI } from '../../../abi/mlx5/registers/pemi.ts';
import { PFCC } from '../../../abi/mlx5/registers/pfcc.ts';
import { PGUID } from '../../../abi/mlx5/registers/pguid.ts';
import { PLDS } from '../../../abi/mlx5/registers/plds.ts';
import { PLTC } from '../../../abi/mlx5/registers/pltc.ts';
import { PMAOS } from '../../../abi/mlx5/registers/pmaos.ts';
import { PMDR } from '../../../abi/mlx5/registers/pmdr.ts';
import { PMLP } from '../../../abi/mlx5/registers/pmlp.ts';
import { PMPE } from '../../../abi/mlx5/registers/pmpe.ts';
import { PMPT } from '../../../abi/mlx5/registers/pmpt.ts';
import { PMTM } from '../../../abi/mlx5/registers/pmtm.ts';
import { PMTU } from '../../../abi/mlx5/registers/pmtu.ts';
import { PPAOS } from '../../../abi/mlx5/registers/ppaos.ts';
import { PPBMC } from '../../../abi/mlx5/registers/ppbmc.ts';
import { PPBMP } from '../../../abi/mlx5/registers/ppbmp.ts';
import { PPCC } from '../../../abi/mlx5/registers/ppcc.ts';
import { PPCNT } from '../../../abi/mlx5/registers/ppcnt.ts';
import { PPCR } from '../../../abi/mlx5/registers/ppcr.ts';
import { PPHCR } from '../../../abi/mlx5/registers/pphcr.ts';
import { PPLM } from '../../../abi/mlx5/registers/pplm.ts';
import { PPLR } from '../../../abi/mlx5/registers/pplr.ts';
import { PPRT } from '../../../abi/mlx5/registers/pprt.ts';
import { PPSC } from '../../../abi/mlx5/registers/ppsc.ts';
import { PPTB } from '../../../abi/mlx5/registers/pptb.ts';
import { PPTT } from '../../../abi/mlx5/registers/pptt.ts';
import { PRTL } from '../../../abi/mlx5/registers/prtl.ts';
import { PTAS_V2 } from '../../../abi/mlx5/registers/ptas-v2.ts';
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import { PUDE } from '../../../abi/mlx5/registers/pude.ts';
import { PVLC } from '../../../abi/mlx5/registers/pvlc.ts';
import { SLRG } from '../../../abi/mlx5/registers/slrg.ts';
import { SLTP } from '../../../abi/mlx5/registers/sltp.ts';
import type { Mlx5Device } from '../device.ts';
import { modulesRelink, relinks } from '../port/link.ts';
import type { RegisterRow } from '../register-table.ts';
import { readPcam } from './access-masks.ts';
import {
  writePbmc,
  writePcnr,
  writePfcc,
  writePlds,
  writePltc,
  writePpbmp,
  writePpsc,
  writePptb,
} from './enabled-fields.ts';
import { byModule, byMonitor, byPort, fromConnectx7 } from './instances.ts';
import { computePmaos, computePmpe, writePmaos } from './module-rows.ts';
import { computePaos, computePude, writePaos } from './paos.ts';
import { computePddr, readPddr } from './pddr.ts';
import { writePmtu } from './pmtu.ts';
import { readPpcc, writePpcc } from './ppcc.ts';
import { readPpcnt, writePpcnt } from './ppcnt.ts';
import { computePphcr, writePphcr } from './pphcr.ts';
import { computePltc, computePmlp, computePplm, writePplm, writePplr } from './pplm.ts';
import { computePpaos, pprt, pptt, writePpaos } from './prbs.ts';
import { computePtys, writePtys } from './ptys.ts';
import { computePrtl } from './sensors.ts';
import { byLane, bySender, computeSlrg, computeSltp, writeSltp } from './serdes.ts';

/** Values kept as written, a port's own. */
const port = { access: 'read-write', instance: byPort } as const;
const portState = { access: 'read', instance: byPort } as const;
const moduleState = { access: 'read', instance: byModule } as const;

export const portRows: readonly RegisterRow<Mlx5Device>[] = [
  { register: laidOut(PCAP), ...port },
  { register: laidOut(PMLP), ...portState, compute: computePmlp },
  { register: laidOut(PMTU), ...port, write: writePmtu },
  {
    register: laidOut(PTYS),
    ...port,
    ...relinks,
    steers: ['ext_eth_proto_oper', 'eth_proto_oper'],
    write: writePtys,
    compute: computePtys,
  },
  {
    register: laidOut(PAOS),
    ...port,
    ...relinks,
    steers: ['oper_status'],
    write: writePaos,
    compute: computePaos,
  },
  { register: laidOut(PFCC), ...port, write: writePfcc },
  { register: laidOut(PPCNT), ...port, read: readPpcnt, write: writePpcnt },
  { register: laidOut(PUDE), ...portState, compute: computePude },
  { register: laidOut(PPSC), ...port, write: writePpsc },
  { register: laidOut(PPTB), ...port, write: writePptb },
  { register: laidOut(PBMC), ...port, write: writePbmc },
  { register: laidOut(PELC), ...port },
  { register: laidOut(PVLC), ...port },
  { register: laidOut(PMPE), ...moduleState, compute: computePmpe },
  {
    register: laidOut(PMAOS),
    access: 'read-write',
    instance: byModule,
    ...modulesRelink,
    steers: ['oper_status'],
    write: writePmaos,
    compute: computePmaos,
  },
  { register: laidOut(PPLR), ...port, ...relinks, write: writePplr },
  { register: laidOut(PPLM), ...port, ...relinks, write: writePplm, compute: computePplm },
  { register: laidOut(SLTP), access: 'read-write', instance: bySender, write: writeSltp, compute: computeSltp },
  { register: laidOut(SLRG), access: 'read', instance: byLane, compute: computeSlrg },
  { register: laidOut(PTAS_V2), ...port },
  { register: laidOut(PDDR), ...portState, read: readPddr, compute: computePddr },
  { register: laidOut(PPTT), access: 'read-write', ...pptt },
  { register: laidOut(PPRT), access: 'read-write', ...pprt },
  { register: laidOut(PBSR), ...portState },
  { register: laidOut(PMDR), ...portState },
  { register: laidOut(PPHCR), ...port, write: writePphcr, compute: computePphcr },
  { register: laidOut(PPAOS), ...port, ...relinks, write: writePpaos, compute: computePpaos },
  { register: laidOut(PCMR), ...port },
  { register: laidOut(PLTC), ...port, write: writePltc, compute: computePltc },
  { register: laidOut(PPCR), ...port },
  { register: laidOut(PMPT), access: 'read-write', instance: byModule },
  { register: laidOut(PGUID), ...portState },
  { register: laidOut(PMTM), ...moduleState },
  { register: laidOut(PEMI), ...portState },
  { register: laidOut(PCNR), ...port, write: writePcnr },
  { register: laidOut(PPBMP), access: 'read-write', instance: byMonitor, write: writePpbmp },
  { register: laidOut(PPBMC), ...port },
  { register: laidOut(PLDS), ...port, on: fromConnectx7, write: writePlds },
  { register: laidOut(PPCC), ...port, read: readPpcc, write: writePpcc },
  { register: laidOut(PRTL), ...portState, compute: computePrtl },
  { register: laidOut(PCAM), access: 'read', read: readPcam },
];
