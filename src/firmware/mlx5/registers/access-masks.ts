/**
 * MCAM, MPCAM, PCAM, QCAM, SBCAM: which registers there are, from the table's own rows, so neither more nor less than
 * is there. Bit n of 128, highest dword first, is register base + n (mlx5_ifc.h: mlx5_ifc_mcam_access_reg_bits).
 */
import type { Layout } from '../../../abi/bits.ts';
import { MCAM } from '../../../abi/mlx5/registers/mcam.ts';
import { MPCAM } from '../../../abi/mlx5/registers/mpcam.ts';
import { PCAM } from '../../../abi/mlx5/registers/pcam.ts';
import { QCAM } from '../../../abi/mlx5/registers/qcam.ts';
import { SBCAM } from '../../../abi/mlx5/registers/sbcam.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

/** First register of each access_reg_group. */
const MANAGEMENT_GROUPS = [0x9000, 0x9080, 0x9100, 0x9180];
const MANAGEMENT_GROUPS_2 = [0x9700];
const PORT_GROUPS = [0x5000, 0x5080, 0x5100];
const QOS_GROUPS = [0x4000];
const SHARED_BUFFER_GROUPS = [0xb000];

type Read = (exchange: RegisterExchange<Mlx5Device>) => Refusal | undefined;

function maskReader(layout: Layout, mask: string, groups: readonly number[]): Read {
  const words = [0, 1, 2, 3].map((i) => layout.word(`${mask}[${i}]`));
  const group = layout.word('access_reg_group');
  const features = layout.word('feature_group');
  return ({ device, output }) => {
    const first = groups[group.get(output, 0)];
    if (first === undefined || features.get(output, 0) !== 0) return REFUSAL.REGISTER_SELECTOR;
    const present = device.registerTable.presentFrom(device, first);
    words.forEach((word, i) => {
      word.put(output, 0, present[i] ?? 0);
    });
    return undefined;
  };
}

export const readMcam: Read = maskReader(MCAM, 'mng_access_reg_cap_mask', MANAGEMENT_GROUPS);
export const readMpcam: Read = maskReader(MPCAM, 'mng_access_reg_cap_mask', MANAGEMENT_GROUPS_2);
export const readPcam: Read = maskReader(PCAM, 'port_access_reg_cap_mask', PORT_GROUPS);
export const readQcam: Read = maskReader(QCAM, 'qos_access_reg_cap_mask', QOS_GROUPS);
export const readSbcam: Read = maskReader(SBCAM, 'sb_access_reg_cap_mask', SHARED_BUFFER_GROUPS);
