/** The ioctls of a fwctl device: fwctl_ioctl_ops[] and fwctl_fops_ioctl() of drivers/fwctl/main.c. */
import { FWCTL_INFO, FWCTL_RPC, fwctlInfo, fwctlRpc } from '../abi/fwctl.ts';
import { Held } from '../abi/held.ts';
import type { Call } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { type IoctlRow, ioctlTable } from '../kernel/ioctl-table.ts';
import { fwctlCmdInfo } from './cmd-info.ts';
import { fwctlCmdRpc } from './cmd-rpc.ts';
import type { FwctlUctx } from './device.ts';

const TOO_SMALL = new Errno(
  'EINVAL',
  'the size word is smaller than the structure',
  'set size to 24 for FWCTL_INFO, to 32 for FWCTL_RPC',
);

export const FWCTL_IOCTLS = ioctlTable<FwctlUctx>(
  [
    { name: 'FWCTL_INFO', number: FWCTL_INFO, size: fwctlInfo.bytes, minSize: fwctlInfo.bytes, execute: fwctlCmdInfo },
    { name: 'FWCTL_RPC', number: FWCTL_RPC, size: fwctlRpc.bytes, minSize: fwctlRpc.bytes, execute: fwctlCmdRpc },
  ],
  { tooSmall: TOO_SMALL, readsUnknown: false, run: underRegistrationLock },
);

/** The command between down_read and up_read of the registration lock: ENODEV once the device is unregistered. */
function underRegistrationLock(row: IoctlRow<FwctlUctx>, uctx: FwctlUctx, call: Call): number | Held<number> {
  if (!uctx.device.registered) return uctx.device.refuse('call');
  uctx.enter();
  let answer: number | Held<number>;
  try {
    answer = row.execute(uctx, call);
  } catch (error) {
    uctx.leave();
    throw error;
  }
  if (typeof answer !== 'number') return leavingWhenReleased(answer, uctx);
  uctx.leave();
  return answer;
}

/** The transport is told first and copies out; only then may an unregister that waits go on. */
function leavingWhenReleased(answer: Held<number>, uctx: FwctlUctx): Held<number> {
  const passed = new Held<number>();
  answer.onRelease(() => {
    passed.release(() => answer.get());
    uctx.leave();
  });
  return passed;
}
