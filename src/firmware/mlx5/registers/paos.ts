/**
 * PAOS, port status. The enable bits decide what a write changes: `ase` the administrative status, `ee` and its kin the
 * event modes (PRM, register PAOS; mlx5_core port.c: mlx5_set_port_admin_status sets ase). What is operational the
 * link says (port/link.ts); the image's oper_status is an operator's word, which an administrator takes back.
 */
import { PAOS } from '../../../abi/mlx5/registers/paos.ts';
import { PUDE } from '../../../abi/mlx5/registers/pude.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf, STATUS } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { byPort } from './instances.ts';

const admin = PAOS.word('admin_status');
const oper = PAOS.word('oper_status');
const physical = PAOS.word('physical_state_status');
const changeAdmin = PAOS.word('ase');
const forceDown = PAOS.word('fd');

/** admin_status: the link comes up once and, when it has gone down, not again. */
const UP_ONCE = 3;
const PHYSICAL = { Polling: 2, Disabled: 3, LinkUp: 5 } as const;

/** [enable bit, the event mode that it enables] */
const events = [
  ['ee', 'e'],
  ['ee_ls', 'ls_e'],
  ['ee_ps', 'ps_e'],
  ['ee_ps', 'ps_e_ext'],
  ['ee_nmxas', 'nmxas_e'],
].map(([enable = '', mode = '']) => [PAOS.word(enable), PAOS.word(mode)] as const);

export function writePaos({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  if (changeAdmin.get(input, 0) === 1) {
    const asked = admin.get(input, 0);
    if (asked !== STATUS.up && asked !== STATUS.down && asked !== UP_ONCE) return REFUSAL.REGISTER_VALUE;
    if (forceDown.get(input, 0) === 1 && asked !== STATUS.down) return REFUSAL.REGISTER_VALUE;
    oper.put(output, 0, STATUS.up);
  } else {
    admin.put(input, 0, admin.get(output, 0));
    forceDown.put(input, 0, forceDown.get(output, 0));
  }
  for (const [enable, mode] of events) if (enable.get(input, 0) === 0) mode.put(input, 0, mode.get(output, 0));
  return undefined;
}

export function computePaos({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const { down } = linkOf(device, port);
  const closed = down === 'closed' || down === 'testing';
  oper.put(output, 0, operStatus(device, port));
  physical.put(output, 0, down === undefined ? PHYSICAL.LinkUp : closed ? PHYSICAL.Disabled : PHYSICAL.Polling);
}

/** What an operator has called a link that is not up is repeated; else it is just down. */
function operStatus(device: Mlx5Device, port: number): number {
  if (linkOf(device, port).down === undefined) return STATUS.up;
  const said = oper.get(device.registerTable.imageOf(device, PAOS, port), 0);
  return said === STATUS.up ? STATUS.down : said;
}

const pudeAdmin = PUDE.word('admin_status');
const pudeOper = PUDE.word('oper_status');

/** PUDE, port up/down event: what the last event said, which is PAOS's state (mlxsw reg.h). */
export function computePude({ device, input, output }: RegisterExchange<Mlx5Device>): void {
  const port = byPort(input, device) ?? 0;
  pudeAdmin.put(output, 0, admin.get(device.registerTable.imageOf(device, PAOS, port), 0));
  pudeOper.put(output, 0, operStatus(device, port));
}
