/**
 * PAOS, port status. The enable bits decide what a write changes: `ase` the administrative status, `ee` the event mode
 * (PRM, register PAOS; mlx5_core port.c: mlx5_set_port_admin_status sets ase).
 */
import { PAOS } from '../../../abi/mlx5/registers/paos.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const admin = PAOS.word('admin_status');
const oper = PAOS.word('oper_status');
const physical = PAOS.word('physical_state_status');
const changeAdmin = PAOS.word('ase');
const event = PAOS.word('e');
const changeEvent = PAOS.word('ee');

const UP = 1;
const DOWN = 2;
const UP_ONCE = 3;
const PHYSICAL = { Disabled: 3, LinkUp: 5 } as const;

/** The link follows at once: up when asked up (there is always a partner), down otherwise. */
export function writePaos({
  device,
  input,
  output,
  instance: port,
}: RegisterExchange<Mlx5Device>): Refusal | undefined {
  if (changeAdmin.get(input, 0) === 1) {
    const asked = admin.get(input, 0);
    if (asked !== UP && asked !== DOWN && asked !== UP_ONCE) return REFUSAL.REGISTER_VALUE;
    oper.put(output, 0, asked === DOWN ? DOWN : UP);
    physical.put(output, 0, asked === DOWN ? PHYSICAL.Disabled : PHYSICAL.LinkUp);
    device.traffic.setLink(port, asked !== DOWN);
  } else {
    admin.put(input, 0, admin.get(output, 0));
  }
  if (changeEvent.get(input, 0) === 0) event.put(input, 0, event.get(output, 0));
  return undefined;
}

/** An operator has set a status: the port carries what its operational one allows. */
export function patchedPaos(device: Mlx5Device, instance: number | undefined): void {
  const { num_ports: ports } = device.profile.identity;
  const changed = instance === undefined ? Array.from({ length: ports }, (_, i) => i + 1) : [instance];
  for (const port of changed) {
    device.traffic.setLink(port, oper.get(device.registerTable.imageOf(device, PAOS, port), 0) === UP);
  }
}
