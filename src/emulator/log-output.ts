/**
 * The log's way to stderr while devices are served: a reader that has stopped keeps nobody waiting. Lines beyond a
 * bound are dropped and counted, and the next line that is written says so.
 */
import { openTrace, type TraceDescriptor } from '../host/interceptors/trace/trace-descriptor.ts';
import { DescriptorSink } from '../host/interceptors/trace/trace-sink.ts';
import { type LogOutput, rawText } from '../host/machine/log.ts';
import { exitPastThreads } from './standard-output.ts';

/** More than anybody reads later. */
const CAPACITY = 256 * 1024;

export interface EndingOutput extends LogOutput {
  /** Resolves when all is written, or the reader has taken nothing for so long, ms. */
  close(limitMs: number): Promise<void>;
}

export function logOutput(): EndingOutput {
  let to: TraceDescriptor;
  try {
    to = openTrace(undefined);
  } catch {
    // There is no stderr: nobody reads this.
    return { write() {}, async close() {} };
  }
  if (to.blocks) exitPastThreads();
  const dropped = (lines: number) =>
    rawText({ level: 'warn', message: 'lines of the log were dropped: nobody read them', fields: { lines } });
  const sink = new DescriptorSink(to, { capacity: CAPACITY, terminator: '', eager: true, dropped, failed() {} });
  return { write: (text) => sink.write(text), close: (limitMs) => sink.close(limitMs) };
}
