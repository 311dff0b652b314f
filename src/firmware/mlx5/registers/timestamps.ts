/**
 * MVTS: the least time stamp that an image may have, of the firmware in flash and of the one that runs (mstflint
 * aux_tlv_ops.cpp). What is set is in force from the next power-up on. Unverified: what a card refuses of them.
 */
import { MVTS } from '../../../abi/mlx5/registers/mvts.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

const running = MVTS.word('running_flag');
const clearAll = MVTS.word('clear_all_ts_flag');
const checkOnly = MVTS.word('check_timestamp_flag');
const NEXT = 0;
export const RUNNING = 1;

/** The two time stamps are instances. */
export function byRunningFlag(input: DataView): number {
  return running.get(input, 0);
}

export function writeMvts({ device, input, output, instance }: RegisterExchange<Mlx5Device>): undefined {
  const clear = clearAll.get(input, 0) !== 0;
  if (!clear && checkOnly.get(input, 0) === 0) return undefined;
  // Nothing is stored but, to clear, zeros in both.
  for (let at = 4; at < MVTS.bytes; at += 4) input.setUint32(at, clear ? 0 : output.getUint32(at));
  if (clear) device.registerTable.forget(device, MVTS, instance === NEXT ? RUNNING : NEXT);
  return undefined;
}
