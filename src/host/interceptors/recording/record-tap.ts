/**
 * The recorder's place: between the fwctl core and a driver, where every exchange with the device passes and no refusal of the core.
 * A recording can begin and end while files are open; while there is none, each call pays one comparison and nothing is loaded.
 */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { CommandFile, CommandOps, IommufdCommand } from '../../../iommufd/commands.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { DeviceSpec, FunctionSpec } from '../../machine/host-device.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { CommandRecorder } from './command-recorder.ts';

/** A recording that runs: its parts for drivers and for iommufd's commands. */
export interface RunningRecording {
  readonly calls: CallRecorder;
  readonly commands: CommandRecorder;
}

/** Undefined while nobody records. */
export interface RecordSwitch {
  running: RunningRecording | undefined;
}

/** A driver's context, and the file that it is in the recording that saw it last. */
export interface RecordedUctx {
  readonly inner: unknown;
  recorder: CallRecorder | undefined;
  /** From 1. */
  file: number;
}

/** A device whose calls can be recorded: for `Host.interceptOps`. */
export class RecordTap implements FwctlOps<RecordedUctx> {
  readonly deviceType: number;
  readonly ops: FwctlOps<unknown>;
  readonly spec: FunctionSpec;
  /** The device's name, which its host writes here; it has none before it is registered. */
  name = '';
  /** Undefined where the driver has none. */
  readonly info: FwctlOps<RecordedUctx>['info'];
  private readonly state: RecordSwitch;

  constructor(ops: FwctlOps<unknown>, state: RecordSwitch, spec: FunctionSpec) {
    this.deviceType = ops.deviceType;
    this.ops = ops;
    this.spec = spec;
    this.info = ops.info && this.tappedInfo;
    this.state = state;
  }

  openUctx(caller: Caller): RecordedUctx | Held<RecordedUctx> {
    const { running } = this.state;
    if (running !== undefined) return running.calls.open(this, caller);
    return whenReleased(this.ops.openUctx(caller), (inner) => ({ inner, recorder: undefined, file: 0 }));
  }

  closeUctx(uctx: RecordedUctx): void {
    const { running } = this.state;
    if (running === undefined) this.ops.closeUctx(uctx.inner);
    else running.calls.close(this, uctx);
  }

  private tappedInfo(uctx: RecordedUctx, data: MessageBuffer): number {
    const { running } = this.state;
    return running === undefined ? (this.ops.info?.(uctx.inner, data) ?? 0) : running.calls.info(this, uctx, data);
  }

  fwRpc(uctx: RecordedUctx, scope: number, request: MessageBuffer, reply: MessageBuffer): number | Held<number> {
    const { running } = this.state;
    if (running === undefined) return this.ops.fwRpc(uctx.inner, scope, request, reply);
    return running.calls.rpc(this, uctx, scope, request, reply);
  }
}

/** A node of iommufd whose commands can be recorded. */
export interface TappedNode {
  readonly commands: CommandOps;
  /** `iommu` or `vfio`. */
  readonly name: string;
  readonly spec: DeviceSpec;
}

/** An open file of one, and what it is in the recording that saw it last. */
export interface RecordedCommands {
  readonly inner: CommandFile;
  recorder: CommandRecorder | undefined;
  /** From 1. */
  file: number;
}

/** For `Host.interceptCommands`. */
export function recordCommandsTap(
  commands: CommandOps,
  state: RecordSwitch,
  name: string,
  spec: DeviceSpec,
): CommandOps {
  const node: TappedNode = { commands, name, spec };
  const opened = (file: RecordedCommands): CommandFile => new TappedFile(node, state, file);
  return {
    open(caller) {
      if (state.running !== undefined) return whenReleased(state.running.commands.open(node, caller), opened);
      return whenReleased(commands.open(caller), (inner) => opened({ inner, recorder: undefined, file: 0 }));
    },
  };
}

class TappedFile implements CommandFile {
  private readonly node: TappedNode;
  private readonly state: RecordSwitch;
  private readonly file: RecordedCommands;

  constructor(node: TappedNode, state: RecordSwitch, file: RecordedCommands) {
    this.node = node;
    this.state = state;
    this.file = file;
  }

  execute(command: IommufdCommand, call: Call): number | Held<number> {
    const { running } = this.state;
    if (running === undefined) return this.file.inner.execute(command, call);
    return running.commands.execute(this.node, this.file, command, call);
  }

  release(): void {
    const { running } = this.state;
    if (running === undefined) this.file.inner.release();
    else running.commands.close(this.node, this.file);
  }
}
