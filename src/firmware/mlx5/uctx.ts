/**
 * The user contexts that are open. A uid is 16 bits, never 0 (0 is the kernel's own), and given
 * lowest free first, so that a run's numbers are the same every time; a real firmware promises distinct ones only.
 */

const MAX_UID = 0xffff;

export class UctxTable {
  /** Capabilities of each open context, by uid. */
  private readonly open = new Map<number, number>();
  /** No uid below it is free. */
  private lowest = 1;
  private limit: number;

  /** `limit`: how many contexts may be open at once; at most 65535. */
  constructor(limit: number) {
    this.limit = Math.min(limit, MAX_UID);
  }

  /** Contexts above a lower limit stay open. */
  setLimit(limit: number): void {
    this.limit = Math.min(limit, MAX_UID);
  }

  /** Open contexts. */
  get size(): number {
    return this.open.size;
  }

  /** The new context's uid; 0 when all are taken. */
  create(caps: number): number {
    if (this.open.size >= this.limit) return 0;
    while (this.open.has(this.lowest)) this.lowest++;
    const uid = this.lowest++;
    this.open.set(uid, caps);
    return uid;
  }

  /** False: no such context. */
  destroy(uid: number): boolean {
    if (!this.open.delete(uid)) return false;
    if (uid < this.lowest) this.lowest = uid;
    return true;
  }

  has(uid: number): boolean {
    return this.open.has(uid);
  }

  caps(uid: number): number | undefined {
    return this.open.get(uid);
  }
}
