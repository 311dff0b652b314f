/** What a transport tells of itself, as log lines and as the end of a service. */
import { ERRNO, errnoName } from '../abi/errno.ts';
import type { Log } from '../host/machine/log.ts';
import type { SessionEvents } from '../transport/fuse/session.ts';
import type { OpenFilesEvents } from '../transport/open-files.ts';

/** The end of a service: `ended` resolves with the first reason that `end` is given. */
export function serviceEnd(): { readonly ended: Promise<string>; readonly end: (reason: string) => void } {
  let end = (_: string) => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}

/** `ended` is told why, and whether anybody meant it. */
export function sessionEvents(
  log: Log,
  ended: (reason: string, meant: boolean) => void,
): SessionEvents & OpenFilesEvents {
  return {
    ended: (errno) => ended(endOf(errno), errno === 0),
    bug(error) {
      const stack = error instanceof Error ? error.stack : String(error);
      log.error('a bug of fwctl-emu: the call was answered EIO; please report it', { stack });
    },
    unreachable(error) {
      log.warn('the memory of a caller cannot be read: the call was answered EFAULT; see fwctl-emu doctor', {
        error: error.message,
      });
    },
  };
}

function endOf(errno: number): string {
  if (errno === 0) return 'it was unmounted';
  if (errno !== ERRNO.ECONNABORTED) return `the kernel ended the connection (${errnoName(errno)})`;
  const by =
    'a call took longer than sysctl fs.fuse.max_request_timeout allows, or somebody asked for it (umount -f, fusectl)';
  return `the kernel aborted the connection: ${by}`;
}
