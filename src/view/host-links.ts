/** The links of a directory of the machine's, as they are at each look-up: the daemon stands outside of the view. */
import { readdirSync, readlinkSync } from 'node:fs';
import type { Entries, LinkNode } from '../transport/fuse/tree.ts';

export class HostLinks implements Entries {
  private readonly directory: string;
  /** Of the links that somebody looked up and that are there still. */
  private readonly made = new Map<string, LinkNode>();

  /** Nothing is in it while there is no such directory. */
  constructor(directory: string) {
    this.directory = directory;
  }

  get(name: string): LinkNode | undefined {
    if (this.text(name) === undefined) {
      this.made.delete(name);
      return undefined;
    }
    const node = this.made.get(name) ?? { kind: 'link', target: () => this.text(name) };
    this.made.set(name, node);
    return node;
  }

  keys(): string[] {
    try {
      return readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  /** Undefined: it is gone, or no link. */
  private text(name: string): string | undefined {
    try {
      return readlinkSync(`${this.directory}/${name}`);
    } catch {
      return undefined;
    }
  }
}
