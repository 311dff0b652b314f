/**
 * PPLM, the FEC of each speed; PPLR, loopback; PLTC, precoding; PMLP, lanes. What is active the link says
 * (port/link.ts). Sources: PRM; mlx5_core en/port.c (mlx5e_set_fec_mode, mlx5e_get_fec_mode: fec_mode_active is 1 <<
 * the mode's number).
 */
import { PLTC } from '../../../abi/mlx5/registers/pltc.ts';
import { PMLP } from '../../../abi/mlx5/registers/pmlp.ts';
import { PPLM } from '../../../abi/mlx5/registers/pplm.ts';
import { PPLR } from '../../../abi/mlx5/registers/pplr.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf, moduleOf } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const active = PPLM.word('fec_mode_active');
const admins = [...PPLM.fields.keys()]
  .filter((path) => path.startsWith('fec_override_admin_'))
  .map((path) => ({ admin: PPLM.word(path), capability: PPLM.word(path.replace('admin', 'cap')) }));

/** [bit that says so, the field that is written only then] (PRM: plr_vld, plr_reject_mode_vld, tx_crc_plr_vld). */
const guarded = [
  ['plr_vld', 'plr_margin_th'],
  ['plr_reject_mode_vld', 'plr_reject_mode'],
  ['tx_crc_plr_vld', 'tx_crc_plr'],
].map(([enable = '', field = '']) => [PPLM.word(enable), PPLM.word(field)] as const);

/** A FEC that the speed does not have is refused. */
export function writePplm({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  for (const { admin, capability } of admins) {
    if ((admin.get(input, 0) & ~capability.get(output, 0)) !== 0) return REFUSAL.REGISTER_VALUE;
  }
  for (const [enable, field] of guarded) if (enable.get(input, 0) === 0) field.put(input, 0, field.get(output, 0));
  return undefined;
}

export function computePplm({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const { mode, fec } = linkOf(device, port);
  active.put(output, 0, mode === undefined ? 0 : 1 << fec);
}

const loopbacks = PPLR.word('lb_cap');
const loopback = PPLR.word('lb_en');

/** One at a time, of those that the port has. */
export function writePplr({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const asked = loopback.get(input, 0);
  const single = (asked & (asked - 1)) === 0;
  return single && (asked & ~loopbacks.get(output, 0)) === 0 ? undefined : REFUSAL.REGISTER_VALUE;
}

const txPrecoding = PLTC.word('local_tx_precoding_oper');
const rxPrecoding = PLTC.word('local_rx_precoding_oper');
/** No link; no precoding. */
const PRECODING = { unknown: 0, off: 2 } as const;

export function computePltc({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const oper = linkOf(device, port).down === undefined ? PRECODING.off : PRECODING.unknown;
  txPrecoding.put(output, 0, oper);
  rxPrecoding.put(output, 0, oper);
}

const modules = Array.from({ length: 8 }, (_, lane) => PMLP.word(`lane_module_mapping[${lane}].module`));
const width = PMLP.word('width');

/** All lanes of a port go to its own module. */
export function computePmlp({ output, instance: port }: RegisterExchange<Mlx5Device>): void {
  modules.slice(0, width.get(output, 0)).forEach((module) => {
    module.put(output, 0, moduleOf(port));
  });
}
