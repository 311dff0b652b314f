/** The emulated machine that a recording was made with, as the bench that replays it sees it. */
import type { Held } from '../../src/abi/held.ts';
import type { FwctlNode } from '../../src/fwctl/class.ts';
import type { SysfsParent } from '../../src/host/machine/host-device.ts';
import type { Kmsg } from '../../src/kernel/kmsg.ts';
import type { Taint } from '../../src/kernel/taint.ts';

export interface BenchNode {
  readonly node: FwctlNode;
  /** What is above it in sysfs, the PCI function first. */
  readonly parents: readonly SysfsParent[];
}

/** What a transport and a view do at each change; a plug is done when `plugged` returns. */
export interface BenchEvents {
  plugged(device: BenchNode): void;
  /** The node has to be gone when this returns; calls in flight are waited for afterwards. */
  unplugged(device: BenchNode): void;
}

/** The machine that a recording was made with. */
export interface BenchMachine {
  readonly taint: Taint;
  readonly kmsg: Kmsg;
  events: BenchEvents;
  /** Plugged devices, in the order of plugging. */
  readonly devices: readonly BenchNode[];
  /** What the program reads at each call, by file name. */
  counters(): Readonly<Record<string, number>>;
  /** One line of the hook, `set PARAM VALUE` and others. Held: done when let go. Throws an Error. */
  hook(line: string): Held<undefined> | undefined;
}
