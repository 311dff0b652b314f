/** What a recording knows of the device and the open file that a call is made of. */
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { CommandFile } from '../../../kernel/commands.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { RecordedDevice } from './format.ts';

/** A device, or a node of a subsystem whose ioctls are commands. */
export interface Tapped {
  readonly place: Place;
  /** Its own line in a recording. */
  row(): RecordedDevice;
}

/** A driver's device: its calls are carried out by `ops`. */
export interface TappedDevice extends Tapped {
  readonly ops: FwctlOps<unknown>;
}

/** What an open file is in the recording that saw it last: a driver's context, or the commands of a node. */
export interface Recorded<Inner> {
  readonly inner: Inner;
  /** The recorder of it; undefined: none has seen it. */
  recorder: object | undefined;
  /** From 1. */
  file: number;
}

export type RecordedUctx = Recorded<unknown>;
export type RecordedCommands = Recorded<CommandFile>;

export function unseen<Inner>(inner: Inner): Recorded<Inner> {
  return { inner, recorder: undefined, file: 0 };
}
