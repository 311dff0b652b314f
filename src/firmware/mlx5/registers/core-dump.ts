/**
 * CORE_DUMP: the firmware dumps to the caller's memory by mkey, not into the register (mlx5_ifc.h; mlx5ctl coredump). A
 * user of fwctl has no mkey: a dump with a buffer is refused, one without is answered with nothing dumped.
 */
import { CORE_DUMP } from '../../../abi/mlx5/registers/core-dump.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const size = CORE_DUMP.word('size');
const mkey = CORE_DUMP.word('mkey');

export function readCoreDump({ input }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  return size.get(input, 0) === 0 && mkey.get(input, 0) === 0 ? undefined : REFUSAL.MKEY_UNKNOWN;
}
