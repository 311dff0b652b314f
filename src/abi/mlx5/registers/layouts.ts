/** Which registers have a field layout here. A new layout is a file of rows and a line in this table. */
import type { Layout } from '../../bits.ts';
import { type RegisterDefinition, registerByName } from '../registers.ts';
import { CORE_DUMP } from './core-dump.ts';
import { DCBX_APPLICATION } from './dcbx-application.ts';
import { DCBX_PARAM } from './dcbx-param.ts';
import { DTOR } from './dtor.ts';
import { FPGA_ACCESS_REG } from './fpga-access-reg.ts';
import { FPGA_CAP } from './fpga-cap.ts';
import { FPGA_CTRL } from './fpga-ctrl.ts';
import { HOST_ENDIANNESS } from './host-endianness.ts';
import { MCAM } from './mcam.ts';
import { MCC } from './mcc.ts';
import { MCDA } from './mcda.ts';
import { MCIA } from './mcia.ts';
import { MCION } from './mcion.ts';
import { MCQI } from './mcqi.ts';
import { MCQS } from './mcqs.ts';
import { MDIR } from './mdir.ts';
import { MDSR } from './mdsr.ts';
import { MERR } from './merr.ts';
import { MFRL } from './mfrl.ts';
import { MFSV } from './mfsv.ts';
import { MGIR } from './mgir.ts';
import { MGPIR } from './mgpir.ts';
import { MIRC } from './mirc.ts';
import { MLCR } from './mlcr.ts';
import { MLOCK } from './mlock.ts';
import { MNVDA } from './mnvda.ts';
import { MNVDI } from './mnvdi.ts';
import { MNVGC } from './mnvgc.ts';
import { MNVGN } from './mnvgn.ts';
import { MNVIA } from './mnvia.ts';
import { MNVQC } from './mnvqc.ts';
import { MPCAM } from './mpcam.ts';
import { MPCIR } from './mpcir.ts';
import { MPCNT } from './mpcnt.ts';
import { MPEGC } from './mpegc.ts';
import { MPEIN } from './mpein.ts';
import { MPIR } from './mpir.ts';
import { MPQD } from './mpqd.ts';
import { MQIS } from './mqis.ts';
import { MROQ } from './mroq.ts';
import { MRSI } from './mrsi.ts';
import { MRTC } from './mrtc.ts';
import { MSGI } from './msgi.ts';
import { MTCAP } from './mtcap.ts';
import { MTDC } from './mtdc.ts';
import { MTEIM } from './mteim.ts';
import { MTMG } from './mtmg.ts';
import { MTMP } from './mtmp.ts';
import { MTMR } from './mtmr.ts';
import { MTPPS } from './mtpps.ts';
import { MTPPSE } from './mtppse.ts';
import { MTRC_CAP } from './mtrc-cap.ts';
import { MTRC_CONF } from './mtrc-conf.ts';
import { MTRC_CTRL } from './mtrc-ctrl.ts';
import { MTRC_STDB } from './mtrc-stdb.ts';
import { MTUTC } from './mtutc.ts';
import { MVCAP } from './mvcap.ts';
import { MVCR } from './mvcr.ts';
import { MVTS } from './mvts.ts';
import { NIC_CAP_REG } from './nic-cap-reg.ts';
import { NODE_DESC } from './node-desc.ts';
import { PAOS } from './paos.ts';
import { PBMC } from './pbmc.ts';
import { PBSR } from './pbsr.ts';
import { PCAM } from './pcam.ts';
import { PCAP } from './pcap.ts';
import { PCMR } from './pcmr.ts';
import { PCNR } from './pcnr.ts';
import { PDDR } from './pddr.ts';
import { PELC } from './pelc.ts';
import { PEMI } from './pemi.ts';
import { PFCC } from './pfcc.ts';
import { PGUID } from './pguid.ts';
import { PLDS } from './plds.ts';
import { PLTC } from './pltc.ts';
import { PMAOS } from './pmaos.ts';
import { PMDR } from './pmdr.ts';
import { PMLP } from './pmlp.ts';
import { PMPE } from './pmpe.ts';
import { PMPT } from './pmpt.ts';
import { PMTM } from './pmtm.ts';
import { PMTU } from './pmtu.ts';
import { PPAOS } from './ppaos.ts';
import { PPBMC } from './ppbmc.ts';
import { PPBMP } from './ppbmp.ts';
import { PPCC } from './ppcc.ts';
import { PPCNT } from './ppcnt.ts';
import { PPCR } from './ppcr.ts';
import { PPHCR } from './pphcr.ts';
import { PPLM } from './pplm.ts';
import { PPLR } from './pplr.ts';
import { PPRT } from './pprt.ts';
import { PPSC } from './ppsc.ts';
import { PPTB } from './pptb.ts';
import { PPTT } from './pptt.ts';
import { PRTL } from './prtl.ts';
import { PTAS_V2 } from './ptas-v2.ts';
import { PTYS } from './ptys.ts';
import { PUDE } from './pude.ts';
import { PVLC } from './pvlc.ts';
import { QCAM } from './qcam.ts';
import { QEEC } from './qeec.ts';
import { QETCR } from './qetcr.ts';
import { QPDP } from './qpdp.ts';
import { QPDPM } from './qpdpm.ts';
import { QPTS } from './qpts.ts';
import { QTCT } from './qtct.ts';
import { RCR } from './rcr.ts';
import { RESOURCE_DUMP } from './resource-dump.ts';
import { ROCE_ACCL } from './roce-accl.ts';
import { SBCAM } from './sbcam.ts';
import { SBCM } from './sbcm.ts';
import { SBPR } from './sbpr.ts';
import { SLRG } from './slrg.ts';
import { SLTP } from './sltp.ts';
import { VHCA_ICM_CTRL } from './vhca-icm-ctrl.ts';

const layouts: readonly Layout[] = [
  CORE_DUMP,
  DCBX_APPLICATION,
  DCBX_PARAM,
  DTOR,
  FPGA_ACCESS_REG,
  FPGA_CAP,
  FPGA_CTRL,
  HOST_ENDIANNESS,
  MCAM,
  MCC,
  MCDA,
  MCIA,
  MCION,
  MCQI,
  MCQS,
  MDIR,
  MDSR,
  MERR,
  MFRL,
  MFSV,
  MGIR,
  MGPIR,
  MIRC,
  MLCR,
  MLOCK,
  MNVDA,
  MNVDI,
  MNVGC,
  MNVGN,
  MNVIA,
  MNVQC,
  MPCAM,
  MPCIR,
  MPCNT,
  MPEGC,
  MPEIN,
  MPIR,
  MPQD,
  MQIS,
  MROQ,
  MRSI,
  MRTC,
  MSGI,
  MTCAP,
  MTDC,
  MTEIM,
  MTMG,
  MTMP,
  MTMR,
  MTPPS,
  MTPPSE,
  MTRC_CAP,
  MTRC_CONF,
  MTRC_CTRL,
  MTRC_STDB,
  MTUTC,
  MVCAP,
  MVCR,
  MVTS,
  NIC_CAP_REG,
  NODE_DESC,
  PAOS,
  PBMC,
  PBSR,
  PCAM,
  PCAP,
  PCMR,
  PCNR,
  PDDR,
  PELC,
  PEMI,
  PFCC,
  PGUID,
  PLDS,
  PLTC,
  PMAOS,
  PMDR,
  PMLP,
  PMPE,
  PMPT,
  PMTM,
  PMTU,
  PPAOS,
  PPBMC,
  PPBMP,
  PPCC,
  PPCNT,
  PPCR,
  PPHCR,
  PPLM,
  PPLR,
  PPRT,
  PPSC,
  PPTB,
  PPTT,
  PRTL,
  PTAS_V2,
  PTYS,
  PUDE,
  PVLC,
  QCAM,
  QEEC,
  QETCR,
  QPDP,
  QPDPM,
  QPTS,
  QTCT,
  RCR,
  RESOURCE_DUMP,
  ROCE_ACCL,
  SBCAM,
  SBCM,
  SBPR,
  SLRG,
  SLTP,
  VHCA_ICM_CTRL,
];

export interface LaidOutRegister extends RegisterDefinition {
  readonly layout: Layout;
}

/** The layout's register, by name. Throws for a name that `registers.ts` lacks. */
export function laidOut(layout: Layout): LaidOutRegister {
  const definition = registerByName(layout.name);
  if (definition === undefined) throw new Error(`registers.ts has no register ${layout.name}`);
  return { ...definition, layout };
}

/** Ascending by name. */
export const LAID_OUT_REGISTERS: readonly LaidOutRegister[] = layouts.map(laidOut);

const byId = new Map(LAID_OUT_REGISTERS.map((register) => [register.id, register.layout]));
const byName = new Map(LAID_OUT_REGISTERS.map((register) => [register.name, register.layout]));

export function registerLayout(id: number): Layout | undefined {
  return byId.get(id);
}

export function registerLayoutByName(name: string): Layout | undefined {
  return byName.get(name);
}
