/**
 * The recorder's place: between the fwctl core and a driver, where every exchange with the device passes and no refusal of the core.
 * A recording can begin and end while files are open; while there is none, each call pays one comparison and nothing is loaded.
 */
import { type Held, whenReleased } from '../../abi/held.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { CommandFile, CommandOps, IommufdCommand } from '../../iommufd/commands.ts';
import type { Call } from '../../kernel/call.ts';
import type { DeviceSpec, FunctionSpec } from '../host-device.ts';
import type { CallRecorder } from './record.ts';
import type { CommandRecorder } from './record-commands.ts';

/** A recording that runs: its parts for drivers and for iommufd's commands. */
export interface RunningRecording {
  readonly calls: CallRecorder;
  readonly commands: CommandRecorder;
}

/** Undefined while nobody records. */
export interface RecordSwitch {
  running: RunningRecording | undefined;
}

/** A device whose calls can be recorded. */
export interface RecordedDriver {
  readonly ops: FwctlOps<unknown>;
  readonly spec: FunctionSpec;
  /** The device's name; it has none before it is registered. */
  name(): string;
}

/** A driver's context, and the file that it is in the recording that saw it last. */
export interface RecordedUctx {
  readonly inner: unknown;
  recorder: CallRecorder | undefined;
  /** From 1. */
  file: number;
}

/** For `Host.interceptOps`. */
export function recordTap(
  ops: FwctlOps<unknown>,
  state: RecordSwitch,
  name: () => string,
  spec: FunctionSpec,
): FwctlOps<unknown> {
  const driver: RecordedDriver = { ops, spec, name };
  const { info } = ops;
  const tapped: FwctlOps<RecordedUctx> = {
    deviceType: ops.deviceType,
    openUctx(caller): RecordedUctx | Held<RecordedUctx> {
      if (state.running !== undefined) return state.running.calls.open(driver, caller);
      return whenReleased(ops.openUctx(caller), (inner) => ({ inner, recorder: undefined, file: 0 }));
    },
    closeUctx(uctx) {
      if (state.running === undefined) ops.closeUctx(uctx.inner);
      else state.running.calls.close(driver, uctx);
    },
    ...(info && {
      info: (uctx, data) =>
        state.running === undefined ? info.call(ops, uctx.inner, data) : state.running.calls.info(driver, uctx, data),
    }),
    fwRpc(uctx, scope, request, reply) {
      if (state.running === undefined) return ops.fwRpc(uctx.inner, scope, request, reply);
      return state.running.calls.rpc(driver, uctx, scope, request, reply);
    },
  };
  return tapped as FwctlOps<unknown>;
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
