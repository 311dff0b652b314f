/**
 * What is said of a module by its number: PMAOS and PMPE (status), PMTM (type), MCION (presence). All from what is
 * plugged (port/link.ts). Sources: PRM; mlx5_core events.c (PMPE's module_status).
 */
import { MCION } from '../../../abi/mlx5/registers/mcion.ts';
import { PMAOS } from '../../../abi/mlx5/registers/pmaos.ts';
import { PMPE } from '../../../abi/mlx5/registers/pmpe.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { MODULE_ADMIN, MODULE_STATUS, moduleStatus } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const admin = PMAOS.word('admin_status');
const oper = PMAOS.word('oper_status');
const changeAdmin = PMAOS.word('ase');
const event = PMAOS.word('e');
const changeEvent = PMAOS.word('ee');
const ADMIN_STATES: ReadonlySet<number> = new Set(Object.values(MODULE_ADMIN));
/** admin_status of a write that orders something else: a reset (mstlink --module_state TG). */
const NO_COMMAND = 0;

/** `ase` and `ee` enable the status and the event mode. */
export function writePmaos({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const asked = admin.get(input, 0);
  if (changeAdmin.get(input, 0) === 0 || asked === NO_COMMAND) admin.put(input, 0, admin.get(output, 0));
  else if (!ADMIN_STATES.has(asked)) return REFUSAL.REGISTER_VALUE;
  if (changeEvent.get(input, 0) === 0) event.put(input, 0, event.get(output, 0));
  return undefined;
}

export function computePmaos({ device, output, instance: module }: RegisterExchange<Mlx5Device>): void {
  oper.put(output, 0, moduleStatus(device, module + 1));
}

const present = PMPE.word('module_status');
/** MLX5_MODULE_STATUS_PLUGGED, _UNPLUGGED, _ERROR, _DISABLED. */
const PMPE_STATUS: Readonly<Record<number, number>> = {
  [MODULE_STATUS.enabled]: 1,
  [MODULE_STATUS.unplugged]: 2,
  [MODULE_STATUS.failed]: 3,
  [MODULE_STATUS.unknown]: 4,
};

export function computePmpe({ device, output, instance: module }: RegisterExchange<Mlx5Device>): void {
  present.put(output, 0, PMPE_STATUS[moduleStatus(device, module + 1)] ?? 0);
}

const signals = MCION.word('module_status_bits');
const unknownSignals = MCION.word('module_status_bits_valid');
/** Bit 0: present. A bit of module_status_bits_valid that is set says that the signal is not known (PRM). */
const PRESENT = 0b1;

export function computeMcion({ device, output, instance: module }: RegisterExchange<Mlx5Device>): void {
  signals.put(output, 0, moduleStatus(device, module + 1) === MODULE_STATUS.unplugged ? 0 : PRESENT);
  unknownSignals.put(output, 0, 0xffff & ~PRESENT);
}
