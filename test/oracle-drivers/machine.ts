/**
 * The machine of a driver's recording: the devices of its mock, with the hook's words that the case files say and the
 * counter that drvx reads.
 */
import type { Held } from '../../src/abi/held.ts';
import { abiProfile } from '../../src/abi/profiles.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import type { BenchEvents, BenchMachine, BenchNode } from '../oracle/bench-machine.ts';
import type { DriverMock, MockDevice } from './mock.ts';

/** All were recorded over the core of this kernel; the rules of older ones are the driver's. */
const CORE = 'linux-7.3';

export class DriverMachine implements BenchMachine {
  readonly taint = new Taint();
  readonly kmsg = new Kmsg(systemClock);
  events: BenchEvents = { plugged() {}, unplugged() {} };
  private readonly mock: DriverMock;
  private readonly fwctl: FwctlClass;
  private readonly nodes = new Map<MockDevice, BenchNode>();

  /** `major`: of the nodes, for the log's DEVICE=. */
  constructor(mock: DriverMock, major: number) {
    const abi = abiProfile(CORE);
    if (abi === undefined) throw new Error(`no profile ${CORE}`);
    this.mock = mock;
    this.fwctl = new FwctlClass({ abi, taint: this.taint, kmsg: this.kmsg, major });
    for (const device of mock.devices) this.bind(device);
  }

  get devices(): BenchNode[] {
    return [...this.nodes.values()];
  }

  /** Paths of the nodes as they are at first, by drvx's environment variables. */
  get paths(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.nodes].map(([{ opens }, { node }]) => [opens, `/dev/fwctl/${node.device.name}`]),
    );
  }

  counters(): Readonly<Record<string, number>> {
    return { fw_calls: this.mock.commands() };
  }

  /** `set PARAM VALUE`, `unbind DRIVER SLOT`, `bind DRIVER SLOT`. */
  hook(line: string): Held<undefined> | undefined {
    const [word, name = '', value = ''] = line.trim().split(' ');
    if (word === 'set') {
      this.mock.set(name, value);
      return undefined;
    }
    const device = this.mock.devices.find(({ slot }) => slot === value);
    if (device === undefined) throw new Error(`there is no device ${value}`);
    if (word === 'bind') return this.bind(device);
    if (word === 'unbind') return this.unbind(device);
    throw new Error(`unknown word ${word}`);
  }

  private bind(device: MockDevice): undefined {
    if (this.nodes.has(device)) throw new Error(`${device.slot} is bound already`);
    const node = this.fwctl.register(this.fwctl.alloc(), device.probe());
    const identity = { vendor: 0, device: 0, subsystemVendor: 0, subsystemDevice: 0, revision: 0, classCode: 0 };
    // what sysfs says of it, drvx does not ask
    const plugged = {
      node,
      parents: [{ bus: 'pci', name: device.slot, driver: 'mock', holds: true, identity }] as const,
    };
    this.nodes.set(device, plugged);
    this.events.plugged(plugged);
    return undefined;
  }

  private unbind(device: MockDevice): Held<undefined> | undefined {
    const plugged = this.nodes.get(device);
    if (plugged === undefined) throw new Error(`${device.slot} is not bound`);
    this.nodes.delete(device);
    this.events.unplugged(plugged);
    return this.fwctl.unregister(plugged.node.device);
  }
}
