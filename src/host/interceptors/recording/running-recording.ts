/** A recording's parts, put together: loaded with the first recording of a machine, as it decodes every command. */
import type { Messages } from '../../../fwctl/dialect.ts';
import { CallRecorder } from './call-recorder.ts';
import { CommandRecorder } from './command-recorder.ts';
import type { LinesAhead } from './ordered-lines.ts';
import type { RunningRecording } from './record-tap.ts';
import { Recorder } from './recorder.ts';

export interface RecordingOptions {
  /** Names of fields that are not kept. */
  readonly masked?: readonly string[];
  /** The only device; undefined: all. */
  readonly device?: string | undefined;
  /** Takes what waits for calls before it. */
  readonly ahead?: LinesAhead;
}

/** `write` takes each line, without a newline. */
export function recording(
  write: (line: string) => void,
  messages: ReadonlyMap<string, Messages>,
  { masked = [], device, ahead }: RecordingOptions = {},
): { readonly recorder: Recorder; readonly running: RunningRecording } {
  const recorder = new Recorder(write, messages, masked, ahead);
  return {
    recorder,
    running: { calls: new CallRecorder(recorder, device), commands: new CommandRecorder(recorder, device) },
  };
}
