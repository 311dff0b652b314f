/**
 * The faults at one device's borders. Its driver is asked at open, FWCTL_INFO and, where no firmware of ours is behind it, FWCTL_RPC;
 * a firmware's mailbox where a command is delivered, which is where real commands fail. The files' border only knows who calls. Of
 * iommufd the commands are struck (faults-commands.ts).
 * A plan without faults costs each of them one look.
 */
import type { Clock } from '../../../abi/clock.ts';
import type { Held } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { accessRegister, requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE } from '../../../abi/mlx5/opcodes.ts';
import type { Mailbox } from '../../../firmware/mlx5/mailbox.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { FileOps } from '../../../kernel/file-ops.ts';
import type { FaultPlan, FaultPoint, Strike } from './plan.ts';
import { FaultFiles } from './faults-file.ts';
import { FaultMailbox } from './faults-mailbox.ts';
import { FaultOps } from './faults-ops.ts';

export class FaultGate {
  readonly plan: FaultPlan;
  readonly clock: Clock;
  /** `fwctl0`; undefined until it is registered: the driver's own commands at probe are nobody's. */
  device: string | undefined;
  /** Who makes the ioctl that is being carried out. The core is synchronous: there is one. */
  caller: Caller | undefined;
  /** Its scope; undefined: the commands that come are the driver's own. */
  scope: number | undefined;
  /** The strike at an open whose CREATE_UCTX the firmware is to refuse. */
  refusing: Strike | undefined;
  /** What struck at the RPC that is being carried out. */
  struck: readonly Strike[] = NONE;
  /** What the answer of the FWCTL_INFO that is being carried out waits for: its driver answers at once, always. */
  infoHold: Held<unknown> | undefined;
  /** Commands are struck at the mailbox, not at the driver. */
  hasMailbox = false;
  private readonly takeAway: (device: string) => void;
  /** One for all calls, so that a call that no fault strikes costs no allocation. */
  private point: MutablePoint | undefined;

  /** `takeAway` unplugs a device; it may be called in the middle of the device's own calls. */
  constructor(plan: FaultPlan, clock: Clock, takeAway: (device: string) => void) {
    this.plan = plan;
    this.clock = clock;
    this.takeAway = takeAway;
  }

  /** An ioctl of `caller` is carried out from now on. */
  begin(caller: Caller): void {
    this.caller = caller;
    this.infoHold = undefined;
  }

  /** Takes the device away. */
  unplug(): void {
    if (this.device !== undefined) this.takeAway(this.device);
  }

  mailbox(inner: Mailbox): Mailbox {
    this.hasMailbox = true;
    return new FaultMailbox(inner, this);
  }

  ops<Uctx>(inner: FwctlOps<Uctx>): FwctlOps<Uctx> {
    return new FaultOps(inner, this);
  }

  fileOps(inner: FileOps): FileOps {
    return new FaultFiles(inner, this);
  }

  /** The faults that strike at a command of a program. `mlx5`: its bytes are an mlx5 command's. */
  strikesAtRpc(request: MessageBuffer, scope: number, mlx5: boolean): readonly Strike[] {
    const point = this.pointOf('rpc', this.caller);
    point.scope = scope;
    if (mlx5) readCommand(request, point);
    return this.plan.strikes(point);
  }

  /** The same at an open of `caller`, or at an FWCTL_INFO. */
  strikesAt(what: 'open' | 'info', caller = this.caller): readonly Strike[] {
    return this.plan.strikes(this.pointOf(what, caller));
  }

  /** The same at an ioctl of iommufd. `command`: the ioctl word. */
  strikesAtIoctl(command: number, caller: Caller): readonly Strike[] {
    const point = this.pointOf('ioctl', caller);
    point.command = command;
    return this.plan.strikes(point);
  }

  private pointOf(what: FaultPoint['what'], caller: Caller | undefined): MutablePoint {
    this.point ??= new MutablePoint();
    const { point } = this;
    point.what = what;
    point.device = this.device ?? '';
    point.caller = caller;
    point.scope = undefined;
    point.opcode = undefined;
    point.opMod = undefined;
    point.register = undefined;
    point.cap = undefined;
    point.command = undefined;
    return point;
  }
}

class MutablePoint implements FaultPoint {
  what: FaultPoint['what'] = 'rpc';
  device = '';
  caller: Caller | undefined;
  scope: number | undefined;
  opcode: number | undefined;
  opMod: number | undefined;
  register: number | undefined;
  cap: number | undefined;
  command: number | undefined;

  comm(): string {
    return this.caller?.comm() ?? '';
  }
}

const NONE: readonly Strike[] = [];

function readCommand({ view, length }: MessageBuffer, point: MutablePoint): void {
  if (length < requestHeader.own) return;
  const opcode = view.getUint16(requestHeader.opcode);
  const opMod = view.getUint16(requestHeader.opMod);
  point.opcode = opcode;
  point.opMod = opMod;
  if (opcode === OPCODE.QUERY_HCA_CAP) point.cap = opMod >> 1;
  const register = opcode === OPCODE.ACCESS_REG || opcode === OPCODE.ACCESS_REGISTER_USER;
  if (register && length >= accessRegister.argument) point.register = view.getUint16(accessRegister.registerId);
}
