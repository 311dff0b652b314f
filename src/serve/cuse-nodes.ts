/** The CUSE nodes of a machine's devices by path; those unplugged but open somewhere are kept until they are not. */
import type { HostNode } from '../host/machine/host-device.ts';
import type { CuseDevice } from '../transport/cuse.ts';

export class CuseNodes {
  private readonly nodes = new Map<string, CuseDevice>();
  private readonly orphans = new Set<CuseDevice>();

  add(path: string, node: CuseDevice): void {
    this.nodes.set(path, node);
  }

  /** The node goes with its last close, and with it the kernel's device: its number is not given out again before. */
  retire({ path, keeper }: Pick<HostNode, 'path' | 'keeper'>): void {
    const node = this.nodes.get(path);
    this.nodes.delete(path);
    if (node === undefined) return;
    keeper?.keepNumber();
    this.orphans.add(node);
    node.retire(() => {
      this.orphans.delete(node);
      keeper?.letNumberGo();
    });
  }

  /** All go now. */
  close(): void {
    for (const node of [...this.nodes.values(), ...this.orphans]) node.close();
    this.nodes.clear();
    this.orphans.clear();
  }
}
