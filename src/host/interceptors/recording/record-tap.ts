/**
 * The recorder's place: between the fwctl core and a driver, or between a dispatch and its commands, where every
 * exchange with the device passes and no refusal of the core. A recording can begin and end while files are open; while
 * there is none, each call pays one comparison and nothing is loaded.
 */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { FwctlOps, FwctlRpc } from '../../../fwctl/ops.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { CommandFile, CommandOps, IoctlCommand } from '../../../kernel/commands.ts';
import { iommufdKeys } from '../../config/iommufd-spec.ts';
import type { Interceptor, Place } from '../../machine/interceptor.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { CommandRecorder } from './command-recorder.ts';
import type { RecordedFunction, RecordedNode } from './format.ts';
import { type RecordedCommands, type RecordedUctx, type Tapped, type TappedDevice, unseen } from './recorded.ts';

/** A recording that runs: its parts for drivers and for commands. */
export interface RunningRecording {
  readonly calls: CallRecorder;
  readonly commands: CommandRecorder;
}

/** Undefined while nobody records. */
export interface RecordSwitch {
  running: RunningRecording | undefined;
}

/** Taps for each device. */
export function recordTaps(state: RecordSwitch): Interceptor {
  return {
    ops: (inner, place) => new RecordTap(inner, state, place) as FwctlOps<unknown>,
    commands: (inner, place) => tappedNode(inner, state, place),
  };
}

/** A device whose calls can be recorded. */
class RecordTap implements FwctlOps<RecordedUctx>, TappedDevice {
  readonly deviceType: number;
  readonly ops: FwctlOps<unknown>;
  readonly place: Place;
  /** Undefined where the driver has none. */
  readonly info: FwctlOps<RecordedUctx>['info'];
  private readonly state: RecordSwitch;

  constructor(ops: FwctlOps<unknown>, state: RecordSwitch, place: Place) {
    this.deviceType = ops.deviceType;
    this.ops = ops;
    this.place = place;
    this.info = ops.info && this.tappedInfo;
    this.state = state;
  }

  row(): RecordedFunction {
    const { name: device, spec } = this.place;
    const { driver, profile, pci = '' } = spec;
    const infoOp = this.info === undefined ? ({ info_op: false } as const) : {};
    return { device, type: this.deviceType, driver, profile, pci, ...infoOp };
  }

  openUctx(caller: Caller): RecordedUctx | Held<RecordedUctx> {
    const { running } = this.state;
    if (running === undefined) return whenReleased(this.ops.openUctx(caller), unseen);
    return running.calls.open(this, caller, () => this.ops.openUctx(caller));
  }

  closeUctx(uctx: RecordedUctx): void {
    const { running } = this.state;
    if (running === undefined) this.ops.closeUctx(uctx.inner);
    else running.calls.close(this.place, uctx, () => this.ops.closeUctx(uctx.inner));
  }

  private tappedInfo(uctx: RecordedUctx, data: MessageBuffer, call: Call): number | Held<number> {
    const { running } = this.state;
    if (running === undefined) return this.ops.info?.(uctx.inner, data, call) ?? 0;
    return running.calls.info(this, uctx, data, call);
  }

  fwRpc(uctx: RecordedUctx, rpc: FwctlRpc): number | Held<number> {
    const { running } = this.state;
    return running === undefined ? this.ops.fwRpc(uctx.inner, rpc) : running.calls.rpc(this, uctx, rpc);
  }
}

/** A node whose commands can be recorded. */
function tappedNode(inner: CommandOps, state: RecordSwitch, place: Place): CommandOps {
  const row = (): RecordedNode => {
    const { abi, thp } = iommufdKeys(place.spec);
    return { device: place.name as RecordedNode['device'], driver: 'iommufd', abi, thp };
  };
  const node: Tapped = { place, row };
  return {
    open(caller) {
      const { running } = state;
      const open = () => inner.open(caller);
      const file = running === undefined ? whenReleased(open(), unseen) : running.commands.open(node, caller, open);
      return whenReleased(file, (opened) => new TappedFile(node, state, opened));
    },
  };
}

class TappedFile implements CommandFile {
  private readonly node: Tapped;
  private readonly state: RecordSwitch;
  private readonly file: RecordedCommands;

  constructor(node: Tapped, state: RecordSwitch, file: RecordedCommands) {
    this.node = node;
    this.state = state;
    this.file = file;
  }

  execute(command: IoctlCommand, call: Call): number | Held<number> {
    const { running } = this.state;
    if (running === undefined) return this.file.inner.execute(command, call);
    return running.commands.execute(this.node, this.file, command, call);
  }

  release(): void {
    const { running } = this.state;
    if (running === undefined) this.file.inner.release();
    else running.commands.close(this.node.place, this.file, () => this.file.inner.release());
  }
}
