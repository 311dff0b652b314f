/** The emulated machine's kernel log: printk records in a ring, as /dev/kmsg shows them (kernel/printk/printk.c). */
import type { Clock } from '../abi/clock.ts';

/** KERN_WARNING of include/linux/kern_levels.h, the level of dev_warn(). */
export const KERN_WARNING = 4;

/** What dev_printk() says of the device: the dictionary of a record. */
export interface KmsgDevice {
  /** SUBSYSTEM=, e.g. `fwctl`. */
  readonly subsystem: string;
  /** DEVICE=, e.g. `c252:0`: b or c, major, minor. */
  readonly device: string;
}

export interface KmsgRecord {
  /** Counts from 0 since boot, never reused. */
  readonly sequence: number;
  /** 0 emergency .. 7 debug. */
  readonly level: number;
  /** Nanoseconds of the monotonic clock. */
  readonly monotonicNs: number;
  /** One line without its newline; latin1, any byte. */
  readonly text: string;
  readonly device: KmsgDevice | undefined;
}

export class Kmsg {
  /** Records kept; older ones are dropped. */
  readonly capacity: number;
  private readonly clock: Clock;
  private readonly kept: KmsgRecord[] = [];
  private readonly listeners = new Set<(record: KmsgRecord) => void>();
  private sequence = 0;

  constructor(clock: Clock, capacity = 1024) {
    this.clock = clock;
    this.capacity = capacity;
  }

  /** Logs one line and tells the listeners. */
  print(level: number, text: string, device?: KmsgDevice): void {
    const record = { sequence: this.sequence++, level, monotonicNs: this.clock.monotonicNs(), text, device };
    this.kept.push(record);
    if (this.kept.length > this.capacity) this.kept.shift();
    for (const listener of this.listeners) listener(record);
  }

  /** The records still kept, oldest first. */
  records(): readonly KmsgRecord[] {
    return this.kept;
  }

  /** The records so far are gone, as by `dmesg --clear`; the numbers go on. */
  clear(): void {
    this.kept.length = 0;
  }

  /** Calls back for each new record; the returned function ends that. */
  listen(listener: (record: KmsgRecord) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** One record as read(2) of /dev/kmsg gives it: prefix, text, dictionary lines, each ended by a newline. */
export function devKmsgText(record: KmsgRecord): string {
  const prefix = `${record.level},${record.sequence},${Math.floor(record.monotonicNs / 1000)},-;`;
  const lines = [prefix + escaped(record.text)];
  if (record.device !== undefined) {
    lines.push(` SUBSYSTEM=${escaped(record.device.subsystem)}`, ` DEVICE=${escaped(record.device.device)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** msg_add_ext_text(): anything but printable ASCII, and the backslash, as \xNN. */
function escaped(text: string): string {
  return text.replace(/[^ -[\]-~]/g, (c) => `\\x${(c.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`);
}
