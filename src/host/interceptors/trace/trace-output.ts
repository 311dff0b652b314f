/** `--trace[=FILE]`: a listener that writes events to a file or stderr; .jsonl or .pcapng asks for that format. */
import type { Detail } from '../../../fwctl/dialect.ts';
import type { LockFile } from '../../config/file-lock.ts';
import { openTrace, type TraceDescriptor, takesColor } from './trace-descriptor.ts';
import type { TraceListener } from './trace-event.ts';
import { eventWriter, formatOfName } from './trace-format.ts';
import { DescriptorSink } from './trace-sink.ts';
import type { TraceFieldsOption } from './trace-text.ts';

export interface TraceOutputOptions {
  /** Undefined: stderr. */
  readonly path: string | undefined;
  /** Text only; JSON lines have all fields. */
  readonly fields: TraceFieldsOption;
  /** The payloads' bytes as well. */
  readonly hex?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Two emulators do not write one file; absent: they may. */
  readonly lockFile?: LockFile;
  /** The trace has ended early: the disk is full, the reader is gone. */
  readonly failed: (message: string) => void;
  /** At its end, if that has come too early: how much is missing. */
  readonly lost?: (message: string) => void;
}

export interface TraceOutput {
  readonly listener: TraceListener;
  /** What the format shows of a reply, and whether it shows payloads' bytes: for TraceHub.subscribe. */
  readonly detail: Detail;
  readonly raw: boolean;
  /** A thread writes it, which may sleep in write(2) at any time. */
  readonly blocks: boolean;
  /** Writes out what is still to be written, and ends; waits `limitMs` at the most for a reader that takes nothing. */
  close(limitMs?: number): Promise<void>;
}

/** Throws an Error that names the file where it cannot be opened. */
export function openTraceOutput(options: TraceOutputOptions): TraceOutput {
  const { path, fields, hex = false, env, failed, lost, lockFile = () => 0 } = options;
  const format = formatOfName(path ?? '');
  const name = path ?? 'stderr';
  let to: TraceDescriptor;
  try {
    to = openTrace(path, lockFile);
  } catch (error) {
    throw new Error(`the trace cannot be written to ${name}: ${(error as Error).message}`, { cause: error });
  }
  const color = format === 'text' && takesColor(to.fd, env);
  let lastUs = 0;
  const writer = eventWriter(format, { fields, color, hex }, () => lastUs);
  const sink = new DescriptorSink(to, {
    encoding: writer.encoding,
    terminator: '',
    dropped: (count) => writer.dropped(count),
    failed: (error) => failed(`the trace to ${name} has ended: ${error.message}`),
    lost: (count) => lost?.(`the trace to ${name} is not whole: at its end at most ${count} events are missing`),
  });
  if (writer.start !== '') sink.write(writer.start);
  const listener: TraceListener = (event) => {
    lastUs = event.timeUs;
    sink.write(writer.event(event));
  };
  const { detail, raw } = writer;
  return { listener, detail, raw, blocks: to.blocks, close: (limitMs) => sink.close(limitMs) };
}
