/** What a completion's status becomes on its way to the client: pdsc_err_to_errno() of pds_core's dev.c. */
import { STATUSES } from '../../abi/pds/status.ts';
import { Errno } from '../../kernel/errno.ts';

const refusals: ReadonlyMap<number, Errno> = new Map(
  STATUSES.map(({ status, name, errno, text }) => [
    status,
    new Errno(errno, `the firmware completed the command with status PDS_RC_${name} (${status}): ${text}`),
  ]),
);
const UNKNOWN_STATUS = new Errno(
  'EIO',
  'the firmware completed the command with a status that the kernel does not know',
);

/** `status`: not 0. */
export function statusRefusal(status: number): Errno {
  return refusals.get(status) ?? UNKNOWN_STATUS;
}
