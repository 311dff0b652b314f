/** write(2) until all of it is written, on a descriptor whose O_NONBLOCK is not ours to set or clear. */
import { writeSync } from 'node:fs';

/** Between two attempts on a descriptor that somebody else has made non-blocking, ms. */
export const RETRY_MS = 5;

/** Throws what write(2) fails with. */
export function writeWhole(fd: number, data: Uint8Array): void {
  for (let rest = data; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
