/**
 * The recorded machine, in this process: two mlx5 functions on
 * loopback firmware and two raw devices, as the recorder had.
 */
import { ERRNO, type ErrnoName, errnoName } from '../../src/abi/errno.ts';
import { type AbiName, abiProfile } from '../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../src/drivers/mlx5/driver.ts';
import { type RawOptions, rawFwctl, rawOptions } from '../../src/drivers/raw/driver.ts';
import { Loopback } from '../../src/firmware/mlx5/loopback.ts';
import { FwctlClass, type FwctlNode } from '../../src/fwctl/class.ts';
import type { Caller } from '../../src/kernel/caller.ts';
import { Errno } from '../../src/kernel/errno.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { type InprocessFile, InprocessTransport, plainCaller } from '../../src/transport/inprocess.ts';
import { mapArenas } from './arenas.ts';
import type { Target } from './target.ts';

/** Contexts of the case files without CAP_SYS_RAWIO in the initial user namespace. */
const WITHOUT_RAWIO = new Set(['norawio', 'nobody', 'norawio_perm', 'userns', 'userns_nobody']);

/** A caller of the case files' `ctx`. */
export function callerOf(ctx: string, changes: Partial<Caller> = {}): Caller {
  return plainCaller({ capable: () => !WITHOUT_RAWIO.has(ctx), comm: () => 'fwx', pid: () => 32, ...changes });
}

export class Machine {
  readonly taint = new Taint();
  readonly kmsg: Kmsg;
  readonly firmware: readonly [Loopback, Loopback] = [new Loopback(), new Loopback({ uctxCap: 0 })];
  readonly raw: RawOptions;
  /** By device number of the recording; undefined: unplugged, or (3 in v2) never there. */
  readonly nodes: (FwctlNode | undefined)[];
  readonly transport = new InprocessTransport();
  rawCalls = 0;
  private readonly fwctl: FwctlClass;
  private readonly abi;

  constructor(abiName: AbiName) {
    const abi = abiProfile(abiName);
    if (abi === undefined) throw new Error(`no profile ${abiName}`);
    this.abi = abi;
    const clock = { monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} };
    this.kmsg = new Kmsg(clock);
    this.fwctl = new FwctlClass({ abi, taint: this.taint, kmsg: this.kmsg });
    const echo = rawOptions().rpc;
    this.raw = rawOptions({
      info: Uint8Array.from({ length: 16 }, (_, i) => i * 7 + 3),
      rpc: (request, reply) => {
        this.rawCalls++;
        return echo(request, reply);
      },
    });
    this.nodes = [undefined, undefined];
    this.plug(0);
    this.plug(1);
    this.nodes.push(this.fwctl.register(this.fwctl.alloc(), rawFwctl(this.raw)));
    // v2's core has no test for a driver without info op; the recorder had no such device there.
    if (abiName !== 'v2')
      this.nodes.push(
        this.fwctl.register(this.fwctl.alloc(), rawFwctl({ ...this.raw, deviceType: 0x7f, info: undefined })),
      );
  }

  plug(n: 0 | 1): void {
    this.nodes[n] = this.fwctl.register(this.fwctl.alloc(), mlx5Fwctl(this.firmware[n], this.abi));
  }

  unplug(n: 0 | 1): void {
    const node = this.nodes[n];
    if (node === undefined) throw new Error(`device ${n} is not plugged`);
    this.nodes[n] = undefined;
    if (this.fwctl.unregister(node.device) !== undefined) throw new Error('unplug waits');
  }

  open(n: number): InprocessFile | undefined {
    const node = this.nodes[n];
    return node && this.transport.openDevice(node.fileOps);
  }
}

/** The descriptors of the case files, on a machine of their own. */
export class InprocessTarget implements Target {
  readonly machine: Machine;
  private readonly files = new Map<string, InprocessFile | undefined>();
  private readonly uids = new Map<string, number>();
  private gone = false;

  constructor(abi: AbiName) {
    this.machine = new Machine(abi);
    mapArenas(this.memory);
    // The access mode does not matter to an ioctl; O_PATH (P) is refused by the kernel before any driver.
    for (const fd of ['A', 'B', 'R', 'W', 'ACC3']) this.open(fd, 0, true);
    this.open('RAW', 2, false);
    this.open('NOINFO', 3, false);
    this.open('N', 1, true);
  }

  get memory() {
    return this.machine.transport.memory;
  }

  private open(fd: string, device: number, withUid: boolean): void {
    const file = this.machine.open(device);
    this.files.set(fd, file);
    if (!withUid || file === undefined) return;
    const { data } = file.info(8);
    this.uids.set(fd, new DataView(data.buffer, data.byteOffset).getUint32(0, true));
  }

  ioctl(fd: string, ctx: string, cmd: bigint, argument: bigint): number {
    if (fd === 'NULL') return -ERRNO.ENOTTY;
    if (fd === 'G' && !this.gone) this.goneDevice();
    const file = this.files.get(fd);
    if (file === undefined) return -ERRNO.EBADF;
    const answer = file.ioctl(Number(BigInt.asUintN(32, cmd)), argument, callerOf(ctx));
    if (typeof answer !== 'number') throw new Error('an answer of the loopback firmware is held');
    return answer;
  }

  /** G: device 1, opened and then unplugged. */
  private goneDevice(): void {
    this.gone = true;
    this.open('G', 1, false);
    this.files.get('N')?.close();
    this.files.delete('N');
    this.machine.unplug(1);
  }

  uid(fd: string): number {
    return this.uids.get(fd) ?? 0;
  }

  firmwareCalls(): number {
    const { firmware, rawCalls } = this.machine;
    return firmware[0].counters.fwCalls + firmware[1].counters.fwCalls + rawCalls;
  }

  hook(words: string): void {
    const [set, name, value] = words.split(' ');
    if (set !== 'set') throw new Error(`unknown hook ${words}`);
    const n = Number(value);
    for (const { options } of this.machine.firmware) {
      if (name === 'fw_status') options.status = n;
      else if (name === 'fw_err') options.deliver = n === 0 ? undefined : failingWith(n);
      else throw new Error(`unknown hook ${words}`);
    }
  }
}

/** A hook that throws the errno of a failed delivery. */
export function failingWith(negative: number): () => void {
  const refusal = new Errno(errnoName(-negative) as ErrnoName, 'scripted');
  return () => {
    throw refusal;
  };
}
