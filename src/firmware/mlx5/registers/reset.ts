/**
 * Reset: MFRL asks for one, MROQ says how it can be had (PRM; mstflint cmd_reg_mfrl.py, cmd_reg_mroq.py; mlx5_core
 * fw_reset.c). What a read of MFRL tells is what the card can do, and not what was written last: masks of triggers and
 * of types, the profile's.
 */
import { MFRL } from '../../../abi/mlx5/registers/mfrl.ts';
import { MROQ } from '../../../abi/mlx5/registers/mroq.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

type Exchange = RegisterExchange<Mlx5Device>;

const trigger = MFRL.word('reset_trigger');
const types = MFRL.word('reset_type');
const type = MFRL.word('rst_type_sel');
const sync = MFRL.word('pci_sync_for_fw_update_start');
/** Bit 3 of reset_trigger: the PCIe link is toggled, or a hot reset done. */
const PCI_RESET = 1 << 3;
/** pci_sync_for_fw_update_start: the tool does all of it, which nobody can over fwctl. */
const LEGACY_FLOW = 0;

/**
 * Trigger 3 in a synchronised flow restarts the device: the driver unloads and loads, so that contexts are gone and the
 * fwctl device is another one. Everything else waits for what toggles the link, or for the next power-up.
 */
export function writeMfrl({ device, input, output }: Exchange): Refusal | undefined {
  const asked = trigger.get(input, 0);
  if ((asked & ~trigger.get(output, 0)) !== 0) return REFUSAL.REGISTER_VALUE;
  if (asked !== 0 && (types.get(output, 0) & (1 << type.get(input, 0))) === 0) return REFUSAL.REGISTER_VALUE;
  if ((asked & PCI_RESET) !== 0 && sync.get(input, 0) !== LEGACY_FLOW) device.requestRestart();
  // What is told stays as it was.
  for (let at = 0; at < MFRL.bytes; at += 4) input.setUint32(at, output.getUint32(at));
  return undefined;
}

const wanted = MROQ.word('reset_type');

/** A type that the card cannot do is answered, as not valid. */
export function readMroq({ device, output }: Exchange): undefined {
  const supported = types.get(device.registerTable.imageOf(device, MFRL, 0), 0);
  const kind = wanted.get(output, 0);
  if (kind < 8 && (supported & (1 << kind)) !== 0) return undefined;
  for (const field of ['pci_reset_req_method', 'pci_sync_for_fw_update_start', 'query_is_valid', 'reset_trigger'])
    MROQ.set(output, field, 0);
  return undefined;
}
