/** The emulated kernel's taint, shown as /proc/sys/kernel/tainted: a plain file, bound there and rewritten in place. */
import { chmodSync, closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';

export class TaintFile {
  private readonly path: string;

  /** Makes the file; the emulated kernel starts untainted, whatever the real one is. */
  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '0\n');
    chmodSync(path, 0o644);
  }

  /** In place, because the bind mount follows the inode: readers see the old value or the new one, never neither. */
  write(taint: number | bigint): void {
    const text = `${taint}\n`;
    const fd = openSync(this.path, 'r+');
    try {
      writeSync(fd, text, 0);
      ftruncateSync(fd, text.length);
    } finally {
      closeSync(fd);
    }
  }
}
