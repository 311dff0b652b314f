/** What a transport tells of itself, as log lines and as the end of a service. */
import { errnoName } from '../abi/errno.ts';
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

export function sessionEvents(log: Log, ended: (reason: string) => void): SessionEvents & OpenFilesEvents {
  return {
    ended: (errno) => ended(errno === 0 ? 'it was unmounted' : `the kernel ended the connection (${errnoName(errno)})`),
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
