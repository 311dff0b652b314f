/**
 * Management registers (0x9000 to 0x91ff, 0x9700): who may change them, what selects an instance, what they do besides.
 * Sources: PRM's register tables by way of mstflint's data bases and mlx5_ifc.h.
 */
import { laidOut } from '../../../abi/mlx5/registers/layouts.ts';
import { MCAM } from '../../../abi/mlx5/registers/mcam.ts';
import { MCC } from '../../../abi/mlx5/registers/mcc.ts';
import { MCDA } from '../../../abi/mlx5/registers/mcda.ts';
import { MCIA } from '../../../abi/mlx5/registers/mcia.ts';
import { MCION } from '../../../abi/mlx5/registers/mcion.ts';
import { MCQI } from '../../../abi/mlx5/registers/mcqi.ts';
import { MCQS } from '../../../abi/mlx5/registers/mcqs.ts';
import { MDIR } from '../../../abi/mlx5/registers/mdir.ts';
import { MDSR } from '../../../abi/mlx5/registers/mdsr.ts';
import { MERR } from '../../../abi/mlx5/registers/merr.ts';
import { MFRL } from '../../../abi/mlx5/registers/mfrl.ts';
import { MFSV } from '../../../abi/mlx5/registers/mfsv.ts';
import { MGIR } from '../../../abi/mlx5/registers/mgir.ts';
import { MGPIR } from '../../../abi/mlx5/registers/mgpir.ts';
import { MIRC } from '../../../abi/mlx5/registers/mirc.ts';
import { MLCR } from '../../../abi/mlx5/registers/mlcr.ts';
import { MNVDA } from '../../../abi/mlx5/registers/mnvda.ts';
import { MNVDI } from '../../../abi/mlx5/registers/mnvdi.ts';
import { MNVGC } from '../../../abi/mlx5/registers/mnvgc.ts';
import { MNVGN } from '../../../abi/mlx5/registers/mnvgn.ts';
import { MNVIA } from '../../../abi/mlx5/registers/mnvia.ts';
import { MNVQC } from '../../../abi/mlx5/registers/mnvqc.ts';
import { MPCAM } from '../../../abi/mlx5/registers/mpcam.ts';
import { MPCIR } from '../../../abi/mlx5/registers/mpcir.ts';
import { MPCNT } from '../../../abi/mlx5/registers/mpcnt.ts';
import { MPEGC } from '../../../abi/mlx5/registers/mpegc.ts';
import { MPEIN } from '../../../abi/mlx5/registers/mpein.ts';
import { MPIR } from '../../../abi/mlx5/registers/mpir.ts';
import { MPQD } from '../../../abi/mlx5/registers/mpqd.ts';
import { MQIS } from '../../../abi/mlx5/registers/mqis.ts';
import { MROQ } from '../../../abi/mlx5/registers/mroq.ts';
import { MRSI } from '../../../abi/mlx5/registers/mrsi.ts';
import { MRTC } from '../../../abi/mlx5/registers/mrtc.ts';
import { MSGI } from '../../../abi/mlx5/registers/msgi.ts';
import { MTCAP } from '../../../abi/mlx5/registers/mtcap.ts';
import { MTDC } from '../../../abi/mlx5/registers/mtdc.ts';
import { MTEIM } from '../../../abi/mlx5/registers/mteim.ts';
import { MTMG } from '../../../abi/mlx5/registers/mtmg.ts';
import { MTMP } from '../../../abi/mlx5/registers/mtmp.ts';
import { MTMR } from '../../../abi/mlx5/registers/mtmr.ts';
import { MTPPS } from '../../../abi/mlx5/registers/mtpps.ts';
import { MTPPSE } from '../../../abi/mlx5/registers/mtppse.ts';
import { MTRC_CAP } from '../../../abi/mlx5/registers/mtrc-cap.ts';
import { MTRC_CONF } from '../../../abi/mlx5/registers/mtrc-conf.ts';
import { MTRC_CTRL } from '../../../abi/mlx5/registers/mtrc-ctrl.ts';
import { MTRC_STDB } from '../../../abi/mlx5/registers/mtrc-stdb.ts';
import { MTUTC } from '../../../abi/mlx5/registers/mtutc.ts';
import { MVCAP } from '../../../abi/mlx5/registers/mvcap.ts';
import { MVCR } from '../../../abi/mlx5/registers/mvcr.ts';
import { MVTS } from '../../../abi/mlx5/registers/mvts.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterRow } from '../register-table.ts';
import { readMcam, readMpcam } from './access-masks.ts';
import { moduleCount, msgiIdentity } from './board.ts';
import { writeMpegc, writeMtpps, writeMtrcCtrl } from './enabled-fields.ts';
import { byField, byLedPort, byModule, byPcieNode, fromConnectx7 } from './instances.ts';
import { readMcc, readMcqi, readMcqs, writeMcc, writeMcda, writeMirc } from './mc.ts';
import { readMcia, writeMcia } from './mcia.ts';
import { mgirIdentity, readMgir } from './mgir.ts';
import { readMlcr, writeMlcr } from './mlcr.ts';
import { readMnvda, readMnvgn, readMnvqc, writeMnvda, writeMnvdi, writeMnvia } from './mnv.ts';
import { computeMcion } from './module-rows.ts';
import { readMpcnt, writeMpcnt } from './mpcnt.ts';
import { readMqis } from './mqis.ts';
import { bySensor, computeMtmp, writeMtmp } from './mtmp.ts';
import { readMtrcCtrl } from './mtrc.ts';
import { readMroq, writeMfrl } from './reset.ts';
import { byVoltage, computeMvcap, computeMvcr, deviceNumber } from './sensors.ts';
import { readMrtc, readMtutc, writeMrtc, writeMtutc } from './time.ts';
import { byRunningFlag, writeMvts } from './timestamps.ts';

/** Values kept as written, the device's own. */
const stored = { access: 'read-write' } as const;
const readOnly = { access: 'read' } as const;
/** MTPPS: pins, used or not. */
const PPS_PINS = 8;

export const managementRows: readonly RegisterRow<Mlx5Device>[] = [
  { register: laidOut(MTCAP), ...readOnly },
  { register: laidOut(MTMP), ...stored, instance: bySensor, write: writeMtmp, compute: computeMtmp },
  { register: laidOut(MCIA), ...stored, instance: byModule, read: readMcia, write: writeMcia },
  { register: laidOut(MGIR), ...readOnly, initial: mgirIdentity, read: readMgir },
  { register: laidOut(MSGI), ...readOnly, initial: msgiIdentity },
  { register: laidOut(MNVDA), ...stored, read: readMnvda, write: writeMnvda },
  { register: laidOut(MNVDI), ...stored, write: writeMnvdi },
  { register: laidOut(MFRL), ...stored, write: writeMfrl },
  { register: laidOut(MLCR), ...stored, instance: byLedPort, read: readMlcr, write: writeMlcr },
  { register: laidOut(MRTC), ...stored, read: readMrtc, write: writeMrtc },
  { register: laidOut(MVTS), ...stored, instance: byRunningFlag, write: writeMvts },
  { register: laidOut(MROQ), ...readOnly, read: readMroq },
  { register: laidOut(MNVQC), ...readOnly, read: readMnvqc },
  { register: laidOut(MNVIA), ...stored, write: writeMnvia },
  {
    register: laidOut(MNVGC),
    ...readOnly,
    initial: () => ({ nvda_read_factory_settings: 1, nvda_read_current_settings: 1 }),
  },
  { register: laidOut(MNVGN), ...readOnly, read: readMnvgn },
  { register: laidOut(MTRC_CAP), ...stored },
  { register: laidOut(MTRC_CONF), ...stored },
  { register: laidOut(MTRC_STDB), ...readOnly },
  { register: laidOut(MTRC_CTRL), ...stored, read: readMtrcCtrl, write: writeMtrcCtrl },
  { register: laidOut(MPEIN), ...readOnly, instance: byPcieNode },
  { register: laidOut(MPCNT), ...stored, instance: byPcieNode, read: readMpcnt, write: writeMpcnt },
  { register: laidOut(MTPPS), ...stored, instance: byField(MTPPS, 'pin', PPS_PINS), write: writeMtpps },
  { register: laidOut(MTPPSE), ...stored, instance: byField(MTPPSE, 'pin', PPS_PINS) },
  { register: laidOut(MTUTC), ...stored, read: readMtutc, write: writeMtutc },
  { register: laidOut(MPEGC), ...stored, instance: byPcieNode, write: writeMpegc },
  { register: laidOut(MPIR), ...readOnly, instance: byPcieNode },
  { register: laidOut(MPCIR), ...stored },
  { register: laidOut(MCQS), ...readOnly, read: readMcqs },
  { register: laidOut(MCQI), ...readOnly, read: readMcqi },
  { register: laidOut(MCC), ...stored, read: readMcc, write: writeMcc },
  { register: laidOut(MCDA), ...stored, write: writeMcda },
  { register: laidOut(MQIS), ...readOnly, read: readMqis },
  { register: laidOut(MCAM), ...readOnly, read: readMcam },
  { register: laidOut(MGPIR), ...readOnly, initial: moduleCount },
  { register: laidOut(MTMG), ...readOnly },
  { register: laidOut(MTMR), ...readOnly },
  { register: laidOut(MDSR), ...readOnly },
  { register: laidOut(MFSV), ...stored },
  { register: laidOut(MRSI), ...readOnly },
  { register: laidOut(MIRC), ...stored, write: writeMirc },
  { register: laidOut(MPQD), ...readOnly },
  { register: laidOut(MVCAP), ...readOnly, compute: computeMvcap },
  { register: laidOut(MVCR), ...readOnly, instance: byVoltage, compute: computeMvcr },
  { register: laidOut(MCION), ...stored, instance: byModule, compute: computeMcion },
  { register: laidOut(MERR), ...stored, instance: byField(MERR, 'current_index', 0x100) },
  { register: laidOut(MDIR), ...readOnly, initial: deviceNumber },
  { register: laidOut(MTEIM), ...readOnly, on: fromConnectx7 },
  { register: laidOut(MTDC), ...stored },
  { register: laidOut(MPCAM), ...readOnly, read: readMpcam },
];
