/**
 * Ids from 1 on, always the lowest free one: xa_alloc() with XA_FLAGS_ALLOC1 (lib/xarray.c). Logarithmic, for a hundred
 * thousand ids; no start at a wanted number and no check of an id given back twice: minors.ts has them, for thousands.
 */

export class FreeIds {
  private readonly maximum: number;
  /** Every id from here on is free. */
  private next = 1;
  /** The free ids below `next`: a binary heap, lowest first. */
  private readonly returned: number[] = [];

  constructor(maximum: number) {
    this.maximum = maximum;
  }

  /** The lowest free id, now taken; undefined when all are. */
  take(): number | undefined {
    const heap = this.returned;
    const lowest = heap[0];
    if (lowest === undefined) return this.next > this.maximum ? undefined : this.next++;
    const moved = heap.pop() as number;
    if (heap.length === 0) return lowest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= moved) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moved;
    return lowest;
  }

  /** Gives an id back that `take` has given out. */
  give(id: number): void {
    const heap = this.returned;
    let at = heap.length;
    heap.push(id);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) <= id) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = id;
  }
}
