/**
 * The emulator as the property has it: four devices of one
 * machine, a firmware that notes what it was sent, and a way in.
 */
import { type ErrnoName, errnoName } from '../../../src/abi/errno.ts';
import type { MessageBuffer } from '../../../src/abi/message-buffer.ts';
import { abiProfile } from '../../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../../src/drivers/mlx5/driver.ts';
import {
  answerBytes,
  echo,
  type RawOptions,
  rawFwctl,
  rawOptions,
  refuseRpc,
} from '../../../src/drivers/raw/driver.ts';
import type { Mailbox } from '../../../src/firmware/mlx5/mailbox.ts';
import { FwctlClass, type FwctlNode } from '../../../src/fwctl/class.ts';
import type { FwctlOps } from '../../../src/fwctl/ops.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import type { FileOps } from '../../../src/kernel/file-ops.ts';
import { Kmsg } from '../../../src/kernel/kmsg.ts';
import { Taint } from '../../../src/kernel/taint.ts';
import { KERNELS, type KernelName } from '../golden.ts';
import type { ModelCaller, ModelDevice, RawMode } from './kernel-model.ts';
import { RAW_BYTE } from './kernel-model.ts';
import type { Scenario } from './scenario.ts';

/** A transport: opens a device for the one program there is, and makes its ioctls. */
export interface WayIn {
  open(fileOps: FileOps): (cmd: number, argument: bigint, caller: ModelCaller) => number;
  /** Who really calls, where the transport asks the machine; else what the scenario says. */
  caller(wanted: ModelCaller): ModelCaller;
  /** The longest payload that it can carry back, bytes; undefined: any (docs/vfs-differences.md). */
  readonly longest?: number;
}

/** The firmware of both: bytes that depend on all of the request, and end early now and then. */
export function firmwareReply(request: Uint8Array, length: number): Uint8Array {
  const sum = request.reduce((total, byte, i) => (total * 31 + byte + i) % 65521, 7);
  const given = sum % 3 === 0 ? Math.min(length, 16 + (sum % 32)) : Math.min(length, 20000);
  return Uint8Array.from({ length: given }, (_, i) => (sum + i * 7) & 0xff);
}

const UCTX_CAP_OFFSET = 16 + 0x6a0 / 8;
const FIRST_UID = 0x1234;

/** One function's firmware; `caps`: what QUERY_HCA_CAP says of uctx_cap. */
class NotingFirmware implements Mailbox {
  ready = false;
  private readonly caps: number;
  private readonly deliver: Errno | undefined;
  private readonly delivered: string[];
  private readonly uid: number;

  constructor(caps: number, uid: number, deliver: Errno | undefined, delivered: string[]) {
    this.caps = caps;
    this.uid = uid;
    this.deliver = deliver;
    this.delivered = delivered;
  }

  exec(request: MessageBuffer, reply: MessageBuffer): undefined {
    if (!this.ready) {
      const opcode = request.view.getUint16(0);
      if (opcode === 0x100) reply.view.setUint32(UCTX_CAP_OFFSET, this.caps);
      if (opcode === 0xa04) reply.view.setUint16(10, this.uid);
      return;
    }
    if (request.view.getUint16(0) === 0xa06 && request.length === 16 && request.view.getUint16(10) === this.uid) return;
    const bytes = request.bytes.slice(0, request.length);
    this.delivered.push(`mlx5 ${reply.length} ${Buffer.from(bytes).toString('hex')}`);
    if (this.deliver !== undefined) throw this.deliver;
    reply.bytes.set(firmwareReply(bytes, reply.length));
  }
}

/** Devices of a scenario; the fourth has no info op, of which v2's core would have died. */
export const DEVICES = { v2: 3, 'v6.15': 4, mainline: 4 } as const;

export class Emulated {
  readonly taint = new Taint();
  readonly kmsg = new Kmsg({ monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} });
  readonly delivered: string[] = [];
  /** As the model knows them. */
  readonly devices: readonly ModelDevice[];
  private readonly fwctl: FwctlClass;
  private readonly nodes: readonly FwctlNode[];
  private readonly files: readonly ((cmd: number, argument: bigint, caller: ModelCaller) => number)[];

  constructor(kernel: KernelName, scenario: Scenario, way: WayIn) {
    const abi = abiProfile(KERNELS.find((row) => row.kernel === kernel)?.abi ?? '');
    if (abi === undefined) throw new Error(`no profile for ${kernel}`);
    this.fwctl = new FwctlClass({ abi, taint: this.taint, kmsg: this.kmsg });
    const deliver = scenario.deliver && new Errno(scenario.deliver, 'scripted');
    const firmware = [4, 0].map((caps, i) => new NotingFirmware(caps, FIRST_UID + i, deliver, this.delivered));
    const raw = (info: Uint8Array | undefined) => this.raw(scenario.rawMode, info);
    const drivers = [
      ...firmware.map((each) => mlx5Fwctl(each, abi)),
      raw(scenario.rawInfo),
      raw(undefined),
    ] as FwctlOps<unknown>[];
    this.devices = [
      { kind: 'mlx5', uid: FIRST_UID, caps: 4 } as const,
      { kind: 'mlx5', uid: FIRST_UID + 1, caps: 0 } as const,
      { kind: 'raw', type: 0x7e, info: scenario.rawInfo, mode: scenario.rawMode } as const,
      { kind: 'raw', type: 0x7e, info: undefined, mode: scenario.rawMode } as const,
    ].slice(0, DEVICES[kernel]);
    this.nodes = this.devices.map((_, i) => this.fwctl.register(this.fwctl.alloc(), drivers[i] as FwctlOps<unknown>));
    this.files = this.nodes.map((node) => way.open(node.fileOps));
    for (const each of firmware) each.ready = true;
  }

  unplug(device: number): void {
    const node = this.nodes[device];
    if (node === undefined || this.fwctl.unregister(node.device) !== undefined) throw new Error('unplug waits');
  }

  /** `OK` or the errno's name. Anything else that is thrown comes through: only Errno may come out of a call. */
  ioctl(device: number, cmd: number, argument: bigint, caller: ModelCaller): string {
    const result = this.files[device]?.(cmd, argument, caller);
    if (result === undefined || result > 0) throw new Error(`the answer ${result}`);
    return result === 0 ? 'OK' : errnoName(-result);
  }

  private raw(mode: RawMode, info: Uint8Array | undefined): FwctlOps<unknown> {
    const answer =
      mode === 'echo'
        ? echo
        : mode === 'EIO'
          ? refuseRpc(mode satisfies ErrnoName)
          : answerBytes(new Uint8Array(mode).fill(RAW_BYTE));
    const options: RawOptions = rawOptions({ info, rpc: answer });
    const ops = rawFwctl(options) as FwctlOps<unknown>;
    return {
      ...ops,
      fwRpc: (uctx, rpc) => {
        const { scope, request } = rpc;
        const bytes = Buffer.from(request.bytes.subarray(0, request.length)).toString('hex');
        this.delivered.push(`raw ${scope} ${bytes}`);
        return ops.fwRpc(uctx, rpc);
      },
    };
  }
}
