/**
 * What open fails with when the firmware refuses CREATE_UCTX: cmd_status_to_err() of mlx5_core's cmd.c. Never used for
 * a user's RPC, whose status goes back to the user.
 */
import { STATUSES } from '../../abi/mlx5/status.ts';
import { Errno } from '../../kernel/errno.ts';

const refusals: ReadonlyMap<number, Errno> = new Map(
  STATUSES.flatMap(({ status, name, text, errno }) =>
    errno === undefined
      ? []
      : [[status, new Errno(errno, `the firmware refused CREATE_UCTX: ${name}, ${text}`)] as const],
  ),
);
const UNKNOWN_STATUS = new Errno('EIO', 'the firmware refused CREATE_UCTX with a status that the kernel does not know');

/** The errno of a status other than 0; EIO for one that the kernel does not know. */
export function createUctxRefusal(status: number): Errno {
  return refusals.get(status) ?? UNKNOWN_STATUS;
}
