/** Node ids of a tree: given at the first look-up, taken back when the kernel forgets them. */
import type { TreeNode } from './tree.ts';

/** FUSE_ROOT_ID. */
const ROOT = 1;

interface Known {
  readonly node: TreeNode;
  /** Look-ups that the kernel has not forgotten yet. */
  lookups: number;
}

export class NodeTable {
  private readonly byId = new Map<number, Known>();
  private readonly ids = new WeakMap<TreeNode, number>();
  private next = ROOT;

  /** `root`: a directory, or the one file of a mount on a file. */
  constructor(root: TreeNode) {
    this.lookedUp(root);
  }

  /** The node of that id; undefined after it was forgotten, or for an id never looked up. */
  node(id: number): TreeNode | undefined {
    return this.byId.get(id)?.node;
  }

  /** The node's id, counted as one look-up. */
  lookedUp(node: TreeNode): number {
    const id = this.idOf(node);
    const known = this.byId.get(id);
    if (known === undefined) this.byId.set(id, { node, lookups: 1 });
    else known.lookups++;
    return id;
  }

  /** The node's id, for a listing: not counted, and kept as long as the node. */
  idOf(node: TreeNode): number {
    let id = this.ids.get(node);
    if (id === undefined) {
      id = this.next++;
      this.ids.set(node, id);
    }
    return id;
  }

  /** FORGET: `count` look-ups fewer. */
  forget(id: number, count: number): void {
    const known = this.byId.get(id);
    if (known === undefined || id === ROOT) return;
    known.lookups -= count;
    if (known.lookups <= 0) this.byId.delete(id);
  }
}
