/**
 * The machine that the golden records were taken from (test/golden/fwctl/README.md): two mlx5 functions on loopback
 * firmware, the second without TOOLS_RESOURCES, and two raw devices, with the faults that fwx's hook words set and the
 * counters that it reads.
 */
import { type ErrnoName, errnoName } from '../../src/abi/errno.ts';
import type { Held } from '../../src/abi/held.ts';
import type { MessageBuffer } from '../../src/abi/message-buffer.ts';
import { type AbiName, type AbiProfile, abiProfile } from '../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../src/drivers/mlx5/driver.ts';
import { echo, rawFwctl, rawOptions } from '../../src/drivers/raw/driver.ts';
import { Loopback } from '../../src/firmware/mlx5/loopback.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import type { SysfsParent } from '../../src/host/machine/host-device.ts';
import type { Call } from '../../src/kernel/call.ts';
import { Errno } from '../../src/kernel/errno.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import type { BenchEvents, BenchMachine, BenchNode } from './bench-machine.ts';

/** A parent of the recording: what it is numbered, and where it hangs. */
interface Parent {
  readonly pci: string;
  /** Number of its auxiliary device; undefined: it is a raw one. */
  readonly auxiliary: number | undefined;
  make(): FwctlOps<unknown>;
}

export class OracleMachine implements BenchMachine {
  readonly abi: AbiProfile;
  readonly taint = new Taint();
  readonly kmsg = new Kmsg(systemClock);
  events: BenchEvents = { plugged() {}, unplugged() {} };
  private readonly fwctl: FwctlClass;
  private readonly parents: readonly Parent[];
  private readonly nodes = new Map<Parent, BenchNode>();
  private readonly firmware: readonly Loopback[];
  /** By the names of the hook's `set`. */
  private readonly parameters: Record<string, number> = {
    fw_err: 0,
    fw_status: 0,
    fw_syndrome: 0,
    fw_delay_ms: 0,
    uctx_err: 0,
    uctx_status: 0,
    raw_open_err: 0,
    raw_info_err: 0,
    raw_info_len: 16,
    raw_mode: 0,
    raw_out_len: 0,
    raw_rpc_err: 0,
  };
  private rawCalls = 0;

  /** `major`: of the nodes, for the log's DEVICE=. */
  constructor(abiName: AbiName, major: number) {
    const abi = abiProfile(abiName);
    if (abi === undefined) throw new Error(`no profile ${abiName}`);
    this.abi = abi;
    this.fwctl = new FwctlClass({ abi, taint: this.taint, kmsg: this.kmsg, major });
    const firmware = [this.loopback(4), this.loopback(0)];
    this.firmware = firmware;
    const mlx5 = (n: number) => () => mlx5Fwctl(firmware[n] as Loopback, abi) as FwctlOps<unknown>;
    const parents: Parent[] = [
      { pci: '0000:00:0a.0', auxiliary: 0, make: mlx5(0) },
      { pci: '0000:00:0b.0', auxiliary: 1, make: mlx5(1) },
      { pci: '0000:00:0c.0', auxiliary: undefined, make: () => this.raw(0x7e, true) },
      { pci: '0000:00:0d.0', auxiliary: undefined, make: () => this.raw(0x7f, false) },
    ];
    // v2's core has no test for a driver without info op: the recorder had no such device there
    this.parents = abiName === 'v2' ? parents.slice(0, 3) : parents;
    for (const parent of this.parents) this.plug(parent);
  }

  /** Plugged devices, in the order of plugging. */
  get devices(): BenchNode[] {
    return [...this.nodes.values()];
  }

  /** fwx's counters, by file name. */
  counters(): Readonly<Record<string, number>> {
    const sum = (of: (firmware: Loopback) => number) => this.firmware.reduce((total, one) => total + of(one), 0);
    return {
      fw_calls: sum(({ counters }) => counters.fwCalls),
      raw_calls: this.rawCalls,
      uctx_live: sum(({ uctxLive }) => uctxLive),
      uctx_created: sum(({ counters }) => counters.uctxCreated),
      uctx_destroyed: sum(({ counters }) => counters.uctxDestroyed),
    };
  }

  /** One line of the hook: `set PARAM VALUE`, `plug N`, `unplug N`. Held: done when let go. Throws an Error. */
  hook(line: string): Held<undefined> | undefined {
    const [word, name = '', value] = line.trim().split(' ');
    if (word === 'set') return this.set(name, Number(value));
    const parent = this.parents[Number(name)];
    if (parent === undefined) throw new Error(`there is no device ${name}`);
    if (word === 'plug') return this.plug(parent);
    if (word === 'unplug') return this.unplug(parent);
    throw new Error(`unknown word ${word}`);
  }

  private plug(parent: Parent): undefined {
    if (this.nodes.has(parent)) throw new Error(`${parent.pci} is plugged already`);
    const device = { node: this.fwctl.register(this.fwctl.alloc(), parent.make()), parents: sysfsParents(parent) };
    this.nodes.set(parent, device);
    this.events.plugged(device);
    return undefined;
  }

  private unplug(parent: Parent): Held<undefined> | undefined {
    const device = this.nodes.get(parent);
    if (device === undefined) throw new Error(`${parent.pci} is not plugged`);
    this.nodes.delete(parent);
    this.events.unplugged(device);
    return this.fwctl.unregister(device.node.device);
  }

  private set(name: string, value: number): undefined {
    if (!Object.hasOwn(this.parameters, name) || !Number.isInteger(value)) throw new Error(`no parameter ${name}`);
    this.parameters[name] = value;
    for (const { options } of this.firmware) {
      options.status = this.parameter('fw_status');
      options.syndrome = this.parameter('fw_syndrome');
      options.delayMs = this.parameter('fw_delay_ms');
      options.createUctxStatus = this.parameter('uctx_status');
    }
    return undefined;
  }

  private loopback(uctxCap: number): Loopback {
    const deliver = () => this.fail('fw_err');
    return new Loopback({ uctxCap, deliver, deliverCreateUctx: () => this.fail('uctx_err') }, systemClock);
  }

  /** The recorder's raw mock: info is `i * 7 + 3`, its length and all its errors are parameters. */
  private raw(deviceType: number, hasInfo: boolean): FwctlOps<unknown> {
    const rpc = (request: MessageBuffer, reply: MessageBuffer) => {
      this.rawCalls++;
      const mode = this.parameter('raw_mode');
      if (mode === 0) return echo(request, reply);
      if (mode === 2) this.fail('raw_rpc_err');
      const length = this.parameter('raw_out_len');
      for (let i = 0; i < length; i++) reply.bytes[i] = i * 5 + 1;
      return length;
    };
    const options = rawOptions({ deviceType, rpc, info: hasInfo ? new Uint8Array(0) : undefined });
    const ops = rawFwctl(options);
    return {
      ...ops,
      openUctx: (caller) => {
        this.fail('raw_open_err');
        return ops.openUctx(caller);
      },
      ...(hasInfo && {
        info: (uctx: never, data: MessageBuffer, call: Call) => {
          this.fail('raw_info_err');
          options.info = Uint8Array.from({ length: this.parameter('raw_info_len') }, (_, i) => i * 7 + 3);
          return ops.info?.(uctx, data, call) ?? 0;
        },
      }),
    } as FwctlOps<unknown>;
  }

  private parameter(name: string): number {
    return this.parameters[name] as number;
  }

  /** Throws the errno that the parameter holds, negative as in the kernel; 0: none. */
  private fail(name: string): void {
    const errno = -this.parameter(name);
    if (errno !== 0) throw new Errno(errnoName(errno) as ErrnoName, `the hook set ${name}`);
  }
}

/** The recorder's fake ConnectX-6 (101b), and its raw mocks as PCI functions. */
function sysfsParents({ pci, auxiliary }: Parent): readonly SysfsParent[] {
  const identity = { vendor: 0x15b3, device: 0x101b, subsystemVendor: 0x15b3, subsystemDevice: 8, revision: 0 };
  const mlx5 = auxiliary !== undefined;
  const pciDevice = {
    bus: 'pci',
    name: pci,
    driver: mlx5 ? 'mlx5_core' : 'fwctl_emu_raw',
    holds: true,
    identity: { ...identity, classCode: 0x020000 },
  } as const;
  if (!mlx5) return [pciDevice];
  return [
    pciDevice,
    {
      bus: 'auxiliary',
      name: `mlx5_core.fwctl.${auxiliary}`,
      driver: 'mlx5_fwctl.mlx5_fwctl',
      holds: false,
      modalias: 'auxiliary:mlx5_core.fwctl',
    },
  ];
}
