/** The dumps under way: what RESOURCE_DUMP's windows are taken from. */
import type { DumpArguments } from './segments.ts';

interface Dump {
  readonly stream: Uint8Array;
  readonly asked: DumpArguments;
  /** seq_num that the next request must have. */
  sequence: number;
  /** Bytes already read. */
  read: number;
}

/** Dumps under way at once; the oldest is forgotten for one more. */
const LIMIT = 16;

/** The dumps that have been started and not read to their end. */
export class ResourceDumps {
  private readonly open = new Map<number, Dump>();
  private last = 0;

  start(asked: DumpArguments, stream: Uint8Array, sequence: number): number {
    this.last = (this.last + 1) >>> 0 || 1;
    if (this.open.size >= LIMIT) this.open.delete(this.open.keys().next().value as number);
    this.open.set(this.last, { stream, asked, sequence, read: 0 });
    return this.last;
  }

  get(id: number): Dump | undefined {
    return this.open.get(id);
  }

  end(id: number): void {
    this.open.delete(id);
  }
}
