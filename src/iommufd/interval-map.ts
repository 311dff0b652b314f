/**
 * Disjoint intervals of the 64-bit number line, each with a value: the kernel's interval trees (lib/interval_tree.c)
 * for what iommufd needs of them. An AVL tree in one buffer, 64 bytes a node: a step down costs one cache line, no node
 * is an object; each node knows the widest gap inside its subtree, so that the lowest hole of a length is found without
 * walking the intervals. Bigints at the edge only: inside, a u64 is two 32-bit halves, as each MAP walks here.
 */

/** A place in the map, valid until the next insert, split or remove; 0 is none. */
export type Place = number;

/** Node 0 ends every branch; its `last` and the `start` of node 1 bound a search for a hole. */
const NONE = 0;
const BOUND = 1;
const FIRST_NODE = 2;

/** A node's 32-bit words. Of each u64 the low half is first; the u64 with index w / 2 is the same. */
const WORDS = 16;
const START = 0;
const LAST = 2;
const VALUE = 4;
/** Start of the subtree's lowest interval, last of its highest. */
const LOWEST = 6;
const HIGHEST = 8;
/** The children. What a node knows of each stands SIDE_GAP and SIDE_HEIGHT behind: a change touches one side. */
const LEFT = 10;
const RIGHT = 11;
/** Widest gap of that side, up to the node itself: a float of single precision. */
const SIDE_GAP = 2;
/** Height of that side, in the low byte; the flag of the interval is FLAG of the left one. */
const SIDE_HEIGHT = 4;
const FLAG = 0x100;

const NODE_BYTES = WORDS * 4;
/** Gaps above 2^24 are rounded; a search takes them for this much larger, never smaller. */
const ROUNDED_UP = 1 + 2 ** -22;

export class IntervalMap {
  /** How many intervals there are. */
  size = 0;
  private root: Place = NONE;
  /** Removed nodes, linked by LEFT. */
  private unused: Place = NONE;
  private fresh: Place = FIRST_NODE;
  private words = new Uint32Array(WORDS * 16);
  private quads = new BigUint64Array(this.words.buffer);
  private floats = new Float32Array(this.words.buffer);

  startOf(place: Place): bigint {
    return this.quad(place, START);
  }

  /** Inclusive. */
  lastOf(place: Place): bigint {
    return this.quad(place, LAST);
  }

  valueOf(place: Place): bigint {
    return this.quad(place, VALUE);
  }

  flagOf(place: Place): boolean {
    return (this.word(place, LEFT + SIDE_HEIGHT) & FLAG) !== 0;
  }

  /** Bytes of memory taken. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /** The lowest interval that overlaps [start, last]; 0 when none does. */
  firstIn(start: bigint, last: bigint): Place {
    const low = Number(start & 0xffffffffn);
    const high = Number(start >> 32n);
    let found: Place = NONE;
    for (let node = this.root; node !== NONE; ) {
      const own = this.word(node, LAST + 1);
      if (own < high || (own === high && this.word(node, LAST) < low)) node = this.word(node, RIGHT);
      else {
        found = node;
        node = this.word(node, LEFT);
      }
    }
    return found !== NONE && this.startOf(found) <= last ? found : NONE;
  }

  /** Adds [start, last], which must overlap nothing that is there. */
  insert(start: bigint, last: bigint, value: bigint, flag: boolean): void {
    const node = this.take();
    const at = (node * WORDS) >> 1;
    this.quads[at + (START >> 1)] = start;
    this.quads[at + (LAST >> 1)] = last;
    this.quads[at + (VALUE >> 1)] = value;
    this.set(node, LEFT + SIDE_HEIGHT, flag ? FLAG : 0);
    this.adopt(node, LEFT, NONE);
    this.adopt(node, RIGHT, NONE);
    this.root = this.insertBelow(this.root, node);
    this.size++;
  }

  remove(place: Place): void {
    this.root = this.removeBelow(this.root, place);
    this.set(place, LEFT, this.unused);
    this.unused = place;
    this.size--;
  }

  /** Cuts the interval in two behind `at`, which lies in it and is not its end; `value` is that of the upper part. */
  split(place: Place, at: bigint, value: bigint): void {
    const start = this.startOf(place);
    const last = this.lastOf(place);
    const lower = this.valueOf(place);
    const flag = this.flagOf(place);
    this.remove(place);
    this.insert(start, at, lower, flag);
    this.insert(at + 1n, last, value, flag);
  }

  /**
   * The lowest answer of `fit` for a hole of at least `length` > 0 within [from, to], clipped to that; 0 < from, to <
   * 2^64 - 1. `fit` may refuse a hole with undefined. Logarithmic, but for the holes that are refused.
   */
  findHole(
    from: bigint,
    to: bigint,
    length: bigint,
    fit: (start: bigint, last: bigint) => bigint | undefined,
  ): bigint | undefined {
    if (from > to) return undefined;
    this.quads[(NONE * WORDS + LAST) >> 1] = from - 1n;
    this.quads[(BOUND * WORDS + START) >> 1] = to + 1n;
    return this.search(this.root, NONE, BOUND, { from, to, length, wanted: Number(length), fit });
  }

  /** Throws Error where the tree is not what it must be; for tests. */
  check(): void {
    let previous = -1n;
    let count = 0;
    const visit = (node: Place): number => {
      if (node === NONE) return 0;
      count++;
      const lower = visit(this.word(node, LEFT));
      if (this.startOf(node) <= previous || this.lastOf(node) < this.startOf(node)) throw new Error('order');
      previous = this.lastOf(node);
      const upper = visit(this.word(node, RIGHT));
      const known = this.words.slice(node * WORDS, (node + 1) * WORDS);
      this.adopt(node, LEFT, this.word(node, LEFT));
      this.adopt(node, RIGHT, this.word(node, RIGHT));
      if (known.some((word, i) => word !== this.word(node, i))) throw new Error('what a node knows of its subtree');
      if (Math.abs(lower - upper) > 1 || this.height(node) !== Math.max(lower, upper) + 1) throw new Error('balance');
      return this.height(node);
    };
    visit(this.root);
    if (count !== this.size) throw new Error('size');
  }

  /** `below` and `above` are the neighbours of the subtree; below a leaf, the hole lies between them. */
  private search(node: Place, below: Place, above: Place, hole: HoleSearch): bigint | undefined {
    if (node === NONE) {
      const low = this.lastOf(below) + 1n;
      const high = this.startOf(above) - 1n;
      const start = low > hole.from ? low : hole.from;
      const last = high < hole.to ? high : hole.to;
      return last - start + 1n < hole.length ? undefined : hole.fit(start, last);
    }
    if (this.distance(NONE, LAST, above, START) < 0 || this.distance(below, LAST, BOUND, START) < 0) return undefined;
    const widest = Math.max(
      this.gap(node),
      this.distance(below, LAST, node, LOWEST),
      this.distance(node, HIGHEST, above, START),
    );
    if (widest * ROUNDED_UP < hole.wanted) return undefined;
    const found = this.search(this.word(node, LEFT), below, node, hole);
    return found ?? this.search(this.word(node, RIGHT), node, above, hole);
  }

  private insertBelow(node: Place, added: Place): Place {
    if (node === NONE) return added;
    const side = this.less(added, node) ? LEFT : RIGHT;
    return this.adoptBalanced(node, side, this.insertBelow(this.word(node, side), added));
  }

  private removeBelow(node: Place, removed: Place): Place {
    if (node === NONE) throw new Error('IntervalMap: removing what is not there');
    if (node !== removed) {
      const side = this.less(removed, node) ? LEFT : RIGHT;
      return this.adoptBalanced(node, side, this.removeBelow(this.word(node, side), removed));
    }
    const left = this.word(node, LEFT);
    const right = this.word(node, RIGHT);
    if (left === NONE) return right;
    if (right === NONE) return left;
    let heir = right;
    while (this.word(heir, LEFT) !== NONE) heir = this.word(heir, LEFT);
    const rest = this.removeBelow(right, heir);
    this.adopt(heir, LEFT, left);
    return this.adoptBalanced(heir, RIGHT, rest);
  }

  /** `adopt`, and the node that stands in this one's place once both sides are level again. */
  private adoptBalanced(node: Place, side: number, child: Place): Place {
    this.adopt(node, side, child);
    const skew = this.skew(node);
    if (skew > 1) {
      const left = this.word(node, LEFT);
      if (this.skew(left) < 0) this.adopt(node, LEFT, this.rotate(left, RIGHT, LEFT));
      return this.rotate(node, LEFT, RIGHT);
    }
    if (skew < -1) {
      const right = this.word(node, RIGHT);
      if (this.skew(right) > 0) this.adopt(node, RIGHT, this.rotate(right, LEFT, RIGHT));
      return this.rotate(node, RIGHT, LEFT);
    }
    return node;
  }

  /** Raises the child on the side `up` above its parent; returns it. */
  private rotate(node: Place, up: number, down: number): Place {
    const top = this.word(node, up);
    this.adopt(node, up, this.word(top, down));
    this.adopt(top, down, node);
    return top;
  }

  /** Makes `child` one side of `node`, and learns what there is to know of it. */
  private adopt(node: Place, side: number, child: Place): void {
    let gap = 0;
    if (side === LEFT) {
      if (child === NONE) this.copy(node, LOWEST, node, START);
      else {
        this.copy(node, LOWEST, child, LOWEST);
        gap = Math.max(this.gap(child), this.distance(child, HIGHEST, node, START));
      }
    } else if (child === NONE) this.copy(node, HIGHEST, node, LAST);
    else {
      this.copy(node, HIGHEST, child, HIGHEST);
      gap = Math.max(this.gap(child), this.distance(node, LAST, child, LOWEST));
    }
    this.set(node, side, child);
    this.floats[node * WORDS + side + SIDE_GAP] = gap;
    const height = this.word(node, side + SIDE_HEIGHT);
    this.set(node, side + SIDE_HEIGHT, (height & ~0xff) | (child === NONE ? 0 : this.height(child)));
  }

  /** Height of the left side above that of the right one. */
  private skew(node: Place): number {
    return (this.word(node, LEFT + SIDE_HEIGHT) & 0xff) - (this.word(node, RIGHT + SIDE_HEIGHT) & 0xff);
  }

  private height(node: Place): number {
    const left = this.word(node, LEFT + SIDE_HEIGHT) & 0xff;
    return Math.max(left, this.word(node, RIGHT + SIDE_HEIGHT) & 0xff) + 1;
  }

  /** Widest gap between two neighbours of the subtree, bytes, rounded. */
  private gap(node: Place): number {
    const at = node * WORDS + SIDE_GAP;
    return Math.max(this.floats[at + LEFT] as number, this.floats[at + RIGHT] as number);
  }

  /** Bytes that lie strictly between two u64; negative when the second is not above the first. */
  private distance(below: Place, word: number, above: Place, other: number): number {
    const high = this.word(above, other + 1) - this.word(below, word + 1);
    return high * 0x100000000 + (this.word(above, other) - this.word(below, word)) - 1;
  }

  private less(a: Place, b: Place): boolean {
    const high = this.word(a, START + 1);
    const other = this.word(b, START + 1);
    return high < other || (high === other && this.word(a, START) < this.word(b, START));
  }

  private word(node: Place, word: number): number {
    return this.words[node * WORDS + word] as number;
  }

  private set(node: Place, word: number, value: number): void {
    this.words[node * WORDS + word] = value;
  }

  private copy(node: Place, word: number, from: Place, source: number): void {
    this.set(node, word, this.word(from, source));
    this.set(node, word + 1, this.word(from, source + 1));
  }

  private quad(node: Place, word: number): bigint {
    return this.quads[(node * WORDS + word) >> 1] as bigint;
  }

  private take(): Place {
    const node = this.unused;
    if (node !== NONE) {
      this.unused = this.word(node, LEFT);
      return node;
    }
    if (this.fresh * NODE_BYTES === this.words.byteLength) this.grow();
    return this.fresh++;
  }

  private grow(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.quads = new BigUint64Array(words.buffer);
    this.floats = new Float32Array(words.buffer);
  }
}

interface HoleSearch {
  readonly from: bigint;
  readonly to: bigint;
  readonly length: bigint;
  /** The same as a double. */
  readonly wanted: number;
  readonly fit: (start: bigint, last: bigint) => bigint | undefined;
}
