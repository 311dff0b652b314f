/** Numbers of objects that are nothing but a number, given lowest free first. */

export class Numbers {
  private readonly given = new Set<number>();
  private readonly first: number;
  private readonly end: number;
  /** No number below it is free. */
  private lowest: number;

  /** From `first` up to, and without, `end`. */
  constructor(first: number, end: number) {
    this.first = first;
    this.end = end;
    this.lowest = first;
  }

  get size(): number {
    return this.given.size;
  }

  /** Undefined: all are given. */
  take(): number | undefined {
    while (this.given.has(this.lowest)) this.lowest++;
    if (this.lowest >= this.end) return undefined;
    this.given.add(this.lowest);
    return this.lowest;
  }

  has(number: number): boolean {
    return this.given.has(number);
  }

  /** False: it is not given. */
  free(number: number): boolean {
    if (!this.given.delete(number)) return false;
    if (number < this.lowest) this.lowest = number;
    return true;
  }

  clear(): void {
    this.given.clear();
    this.lowest = this.first;
  }
}
