/** The emulated kernel's log as a view's /dev/kmsg: one record a read(2), each opening from the oldest that is kept. */
import { devKmsgText, type Kmsg, type KmsgRecord } from '../kernel/kmsg.ts';
import type { StreamFile, StreamNode } from '../transport/fuse/tree.ts';

/** drivers/char/mem.c, devlist[]: kmsg has mode 0644. */
const MODE = 0o644;

export function kernelLogNode(kmsg: Kmsg, owner: { readonly uid: number; readonly gid: number }): StreamNode {
  return { kind: 'stream', mode: MODE, ...owner, open: () => new LogReader(kmsg) };
}

class LogReader implements StreamFile {
  private readonly kmsg: Kmsg;
  /** Sequence number of the record that is due. */
  private due = 0;

  constructor(kmsg: Kmsg) {
    this.kmsg = kmsg;
  }

  peek(): Uint8Array | undefined {
    const record = this.record();
    return record === undefined ? undefined : Buffer.from(devKmsgText(record), 'latin1');
  }

  next(): void {
    const record = this.record();
    if (record !== undefined) this.due = record.sequence + 1;
  }

  onRecord(ready: () => void): () => void {
    return this.kmsg.listen(ready);
  }

  /** Records that were dropped meanwhile are passed over; the kernel would say EPIPE once. */
  private record(): KmsgRecord | undefined {
    return this.kmsg.records().find(({ sequence }) => sequence >= this.due);
  }
}
