/**
 * The recorder's place: between the fwctl core and a driver, where every exchange with the device passes and no refusal of the core.
 * A recording can begin and end while files are open; while there is none, each call pays one comparison and nothing is loaded.
 */
import { type Held, whenReleased } from '../../abi/held.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { FunctionSpec } from '../host-device.ts';
import type { CallRecorder } from './record.ts';

/** Undefined while nobody records. */
export interface RecordSwitch {
  running: CallRecorder | undefined;
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
      if (state.running !== undefined) return state.running.open(driver, caller);
      return whenReleased(ops.openUctx(caller), (inner) => ({ inner, recorder: undefined, file: 0 }));
    },
    closeUctx(uctx) {
      if (state.running === undefined) ops.closeUctx(uctx.inner);
      else state.running.close(driver, uctx);
    },
    ...(info && {
      info: (uctx, data) =>
        state.running === undefined ? info.call(ops, uctx.inner, data) : state.running.info(driver, uctx, data),
    }),
    fwRpc(uctx, scope, request, reply) {
      if (state.running === undefined) return ops.fwRpc(uctx.inner, scope, request, reply);
      return state.running.rpc(driver, uctx, scope, request, reply);
    },
  };
  return tapped as FwctlOps<unknown>;
}
