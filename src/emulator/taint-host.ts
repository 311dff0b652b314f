/**
 * `--taint-host`: what taints the emulated kernel taints the real one, to test what becomes of such a machine. Off by
 * default: only a boot takes it back. kernel/sysctl.c, proc_taint(): a write adds those bits that this kernel knows.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../host/machine/host.ts';
import type { Log } from '../host/machine/log.ts';

const TAINTED = '/proc/sys/kernel/tainted';

/** Follows the host's taint; the returned function ends that. What cannot be written is a warning. */
export function taintHost(host: Host, log: Log, file = TAINTED): () => void {
  return host.taint.listen(() => {
    const { value } = host.taint;
    if (value === 0) return; // an operator's clearing: the real kernel has none
    try {
      writeFileSync(file, `${value}\n`);
      const now = BigInt(readFileSync(file, 'utf8').trim());
      if ((now & BigInt(value)) === BigInt(value)) log.warn('the real kernel has been tainted', { file, value });
      else log.warn('the real kernel does not know this taint (Linux before 6.15)', { file, value });
    } catch (error) {
      log.warn('the real kernel has not been tainted: root is needed', {
        file,
        code: (error as NodeJS.ErrnoException).code,
      });
    }
  });
}
