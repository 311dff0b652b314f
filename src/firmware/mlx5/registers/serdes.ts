/**
 * SLRG, the eye of a received lane; SLTP, a lane's transmitter (PRM). Each chip's SerDes has its own page, by
 * `version`: 3 of 16 nm (ConnectX-6 Dx), 4 of 7 nm (ConnectX-7). The figures are invented, of a good link; lanes of the
 * host's PCIe (pnat 3) have them too. A lane that carries nothing has no eye, and says so by status 0.
 */
import { SLRG } from '../../../abi/mlx5/registers/slrg.ts';
import { SLTP } from '../../../abi/mlx5/registers/sltp.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { byPort } from './instances.ts';
import { LANES } from './prbs.ts';

const NM16 = 3;
const PCI = 3;
/** PCIe generation 4 is number 4 of the lane speeds (PRM, SLRG.grade_lane_speed). */
const PCI_SPEED = 4;

const slrg = (path: string) => SLRG.word(path);
const eye = {
  version: slrg('version'),
  status: slrg('status'),
  pnat: slrg('pnat'),
  lane: slrg('lane'),
};

/** Lane and kind of port: those of the network, those of PCIe. */
export function byLane(input: DataView, device: Mlx5Device): number | undefined {
  const port = byPort(input, device);
  return port === undefined ? undefined : port * LANES + eye.lane.get(input, 0);
}

/** How many lanes are alive, and at which rate. */
function alive(
  device: Mlx5Device,
  port: number,
  pnat: number,
): { readonly lanes: number; readonly rate: number; readonly pam4: boolean } {
  if (pnat === PCI) return { lanes: LANES, rate: PCI_SPEED, pam4: false };
  const { mode, down } = linkOf(device, port);
  if (mode !== undefined) return { lanes: mode.lanes, rate: mode.lane.number, pam4: mode.lane.pam4 };
  return { lanes: down === 'testing' ? LANES : 0, rate: 0, pam4: false };
}

export function computeSlrg({ device, output, instance }: RegisterExchange<Mlx5Device>): void {
  const port = Math.floor(instance / LANES);
  const lane = instance % LANES;
  const { lanes, rate, pam4 } = alive(device, port, eye.pnat.get(output, 0));
  if (lane >= lanes) return;
  eye.status.put(output, 0, 1);
  SLRG.assign(output, eye.version.get(output, 0) === NM16 ? eye16nm(lane, rate, pam4) : eye7nm(lane, pam4));
}

/** Heights in millivolts, phases in picoseconds, from the centre to either side. */
function eye16nm(lane: number, rate: number, pam4: boolean): Record<string, number> {
  const at = 'page_data.slrg_16nm';
  const values: Record<string, number> = {
    [`${at}.grade_lane_speed`]: rate & 0xf,
    [`${at}.grade`]: (pam4 ? 5_400 : 4_600) + 37 * lane,
    [`${at}.height_eo_pos_mid`]: 71 + lane,
    [`${at}.height_eo_neg_mid`]: 68 + lane,
    [`${at}.phase_eo_pos_mid`]: 11 + (lane & 1),
    [`${at}.phase_eo_neg_mid`]: 12 - (lane & 1),
    [`${at}.mid_eye_grade`]: 4_600 + 37 * lane,
  };
  if (!pam4) return values;
  for (const part of ['up', 'low']) {
    Object.assign(values, {
      [`${at}.height_eo_pos_${part}`]: 33 + lane,
      [`${at}.height_eo_neg_${part}`]: 31 + lane,
      [`${at}.phase_eo_pos_${part}`]: 6,
      [`${at}.phase_eo_neg_${part}`]: 6,
    });
  }
  return { ...values, [`${at}.up_eye_grade`]: 4_500 + 37 * lane, [`${at}.dn_eye_grade`]: 4_480 + 37 * lane };
}

/** Figures of merit, 0 to 255. */
function eye7nm(lane: number, pam4: boolean): Record<string, number> {
  const at = 'page_data.slrg_7nm';
  const parts = pam4 ? { upper_eye: 96 + lane, mid_eye: 102 + lane, lower_eye: 94 + lane } : {};
  const values = { initial_fom: 101 + lane, last_fom: 104 + lane, ...parts };
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [`${at}.${field}`, value]));
}

const tx = {
  version: SLTP.word('version'),
  status: SLTP.word('status'),
  pnat: SLTP.word('pnat'),
  lane: SLTP.word('lane'),
  speed: SLTP.word('lane_speed'),
  all: SLTP.word('c_db'),
};

/** Taps as they are until somebody sets them; signed ones in two's complement. */
const TAPS_16NM: Readonly<Record<string, number>> = {
  pre_2_tap: 0,
  pre_tap: -8 & 0xff,
  main_tap: 103,
  post_tap: -10 & 0xff,
  ob_m2lp: 0,
  ob_amp: 60,
  ob_alev_out: 15,
};
const TAPS_7NM: Readonly<Record<string, number>> = {
  fir_pre3: -1 & 0xff,
  fir_pre2: 3,
  fir_pre1: -12 & 0xff,
  fir_main: 47,
  fir_post1: 0,
  drv_amp: 63,
};
const MOST_LANES = 8;

/** SLTP: the lanes of a port; with c_db a write is for all of them. */
export function bySender(input: DataView, device: Mlx5Device): number | undefined {
  const port = byPort(input, device);
  return port === undefined ? undefined : port * LANES + tx.lane.get(input, 0);
}

/**
 * ob_bad_stat's reasons are not refused but told (mstlink asks for them after a refusal): a speed of another lane rate.
 */
export function writeSltp({ device, input, instance }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const lane = instance % LANES;
  if (lane >= MOST_LANES && tx.pnat.get(input, 0) !== PCI) return REFUSAL.REGISTER_VALUE;
  if (tx.all.get(input, 0) === 1) {
    for (let other = 0; other < LANES; other++) device.registerTable.forget(device, SLTP, instance - lane + other);
  }
  return undefined;
}

export function computeSltp({ device, output, instance }: RegisterExchange<Mlx5Device>): void {
  const { registerTable } = device;
  const port = Math.floor(instance / LANES);
  const { lanes, rate } = alive(device, port, tx.pnat.get(output, 0));
  if (instance % LANES >= lanes) return;
  tx.status.put(output, 0, 1);
  tx.speed.put(output, 0, rate & 0xf);
  if (registerTable.isWritten(device, SLTP, instance)) return;
  const [page, taps] = tx.version.get(output, 0) === NM16 ? ['sltp_16nm', TAPS_16NM] : ['sltp_7nm', TAPS_7NM];
  for (const [tap, value] of Object.entries(taps)) SLTP.word(`page_data.${page}.${tap}`).put(output, 0, value);
}
