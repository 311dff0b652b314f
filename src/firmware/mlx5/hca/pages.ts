/**
 * The memory that a function has of its driver: pages of 4096 bytes, asked for at boot and before INIT_HCA
 * (QUERY_PAGES) and by events while it runs, given and taken back by MANAGE_PAGES (mlx5_core pagealloc.c). How many,
 * and that objects fill them, is invented: a real one's numbers differ by firmware.
 */

export const PAGE_BYTES = 4096;
/** As many as a driver of these caps has given. */
export const BOOT_PAGES = 600;
export const INIT_PAGES = 2000;
/** Contexts of one page; how many pages more are asked for at a time, and given back when so many are spare twice. */
const OBJECTS_PER_PAGE = 4;
const STEP = 64;

export class FunctionPages {
  private readonly held: number[] = [];
  private readonly known = new Set<number>();
  /** What was asked for by an event and has not been answered: pages wanted, or below 0 to be taken back. */
  private asked = 0;

  /** Pages that the function has. */
  get count(): number {
    return this.held.length;
  }

  /** Pages that are wanted before the function goes on: QUERY_PAGES. */
  wanted(startup: number): number {
    return Math.max(0, startup - this.held.length);
  }

  /** Wanted, or (below 0) to be taken back, as the last event said. */
  get outstanding(): number {
    return this.asked;
  }

  /** False: one of them is no page's address, or was given before; then none is taken. */
  give(addresses: readonly number[]): boolean {
    const fresh = new Set(addresses);
    const sound = addresses.every((at) => at % PAGE_BYTES === 0 && !this.known.has(at));
    if (!sound || fresh.size !== addresses.length) return false;
    for (const at of addresses) {
      this.known.add(at);
      this.held.push(at);
    }
    if (this.asked > 0) this.asked = Math.max(0, this.asked - addresses.length);
    return true;
  }

  /** The driver has none to give: nothing is waited for. */
  cannotGive(): void {
    this.asked = 0;
  }

  /** The last ones given, at most `most`, and never so many that fewer than `kept` are left. */
  take(most: number, kept: number): number[] {
    const count = Math.min(most, Math.max(0, this.held.length - kept));
    const taken = this.held.splice(this.held.length - count, count).reverse();
    for (const at of taken) this.known.delete(at);
    if (this.asked < 0) this.asked = Math.min(0, this.asked + taken.length);
    return taken;
  }

  /** Pages that so many objects fill beyond those of the start. */
  needed(objects: number): number {
    return BOOT_PAGES + INIT_PAGES + Math.ceil(objects / OBJECTS_PER_PAGE);
  }

  /** What an event is to ask for now that there are so many objects: pages more, or fewer; 0: nothing. */
  change(objects: number): number {
    if (this.asked !== 0) return 0;
    const spare = this.held.length - this.needed(objects);
    if (spare < 0) this.asked = Math.max(STEP, -spare);
    else if (spare > 2 * STEP) this.asked = -STEP;
    return this.asked;
  }

  clear(): void {
    this.held.length = 0;
    this.known.clear();
    this.asked = 0;
  }
}
