/** What a command's NV_STATUS becomes on its way to the client: EIO, whichever it is. */
import { nvStatusName, nvStatusText } from '../../abi/nova/nv-status.ts';
import { Errno } from '../../kernel/errno.ts';

/** `status`: not 0. */
export function statusRefusal(status: number): Errno {
  return new Errno(
    'EIO',
    `the firmware refused the command with status ${nvStatusName(status)}${nvStatusText(status)}`,
  );
}
