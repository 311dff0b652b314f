/** `--trace[=FILE]`: a listener that writes events to a file or to stderr, as text or, for a name in .jsonl, as JSON lines. */
import type { TraceListener } from '../trace-event.ts';
import { eventJson } from '../trace-json.ts';
import { eventText, type TraceFieldsOption } from '../trace-text.ts';
import type { TraceDetail } from './trace-payload.ts';
import { DescriptorSink, type LineSink, openTraceFile, openTraceStderr, wantsColor } from './trace-sink.ts';

export type TraceFormat = 'text' | 'json';

export interface TraceOutputOptions {
  /** Undefined: stderr. */
  readonly path: string | undefined;
  /** Text only; JSON lines have all fields. */
  readonly fields: TraceFieldsOption;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The trace has ended early: the disk is full, the reader is gone. */
  readonly failed: (message: string) => void;
}

export interface TraceOutput {
  readonly listener: TraceListener;
  /** What the format shows of a reply: to be given to `traceFileOps`. */
  readonly detail: TraceDetail;
  /** Writes out what is still to be written, and ends. */
  close(): void;
}

/** Throws an Error that names the file where it cannot be opened. */
export function openTraceOutput({ path, fields, env, failed }: TraceOutputOptions): TraceOutput {
  const format: TraceFormat = path?.endsWith('.jsonl') ? 'json' : 'text';
  const name = path ?? 'stderr';
  let fd: number;
  try {
    fd = path === undefined ? openTraceStderr() : openTraceFile(path);
  } catch (error) {
    throw new Error(`the trace cannot be written to ${name}: ${(error as Error).message}`, { cause: error });
  }
  const sink = new DescriptorSink(fd, {
    color: format === 'text' && wantsColor(fd, env),
    dropped: (count) => droppedLine(count, format),
    failed: (error) => failed(`the trace to ${name} has ended: ${error.message}`),
  });
  const detail = format === 'text' && fields === 'none' ? 'keys' : 'all';
  return { listener: traceTo(sink, { format, fields }), detail, close: () => sink.close() };
}

/** Writes each event to the sink as it comes. */
export function traceTo(sink: LineSink, options: { format: TraceFormat; fields: TraceFieldsOption }): TraceListener {
  if (options.format === 'json') return (event) => sink.write(eventJson(event));
  const style = { fields: options.fields, color: sink.color };
  return (event) => sink.write(eventText(event, style));
}

function droppedLine(count: number, format: TraceFormat): string {
  if (format === 'json') return JSON.stringify({ event: 'dropped', count });
  return `... ${count} event${count === 1 ? '' : 's'} dropped here: the reader is too slow`;
}
