/** An open's errno when CREATE_UCTX is refused: cmd_status_to_err() of mlx5_core's cmd.c. RPCs give the status. */
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
