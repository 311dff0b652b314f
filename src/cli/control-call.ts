/** One verb of the control socket carried out: the request, and its answer printed. */
import type { IncomingMessage } from 'node:http';
import { ControlFailure, callMethod, openStream, socketPath, type Values } from '../control/client.ts';
import type { Method } from '../control/method.ts';
import { CliError, EXIT } from './cli-error.ts';
import type { ControlCallOptions } from './control-verbs.ts';
import { wantsColor } from './log.ts';
import type { SignalSource } from './run.ts';

export interface CallSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Writes to stdout; false: it is full, wait for `drained`. */
  write(data: string | Uint8Array): boolean;
  drained(): Promise<void>;
  /** stdout is a terminal. */
  readonly terminal: boolean;
  readonly signals: SignalSource;
}

/** The exit status. Throws CliError for a refusal, and where no emulator answers. */
export async function controlCall(
  method: Method,
  values: Values,
  { json, socket }: ControlCallOptions,
  around: CallSurroundings,
): Promise<number> {
  const path = socketPath(socket, around.env);
  try {
    if (method.params.format !== undefined) return await streamed(path, method, values, around);
    const answer = await callMethod(path, method, values);
    const text = json ? JSON.stringify(answer, null, 2) : (method.text?.(answer, values as never) ?? String(answer));
    if (text !== '') around.write(text.endsWith('\n') ? text : `${text}\n`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ControlFailure) throw new CliError(`${method.verb}: ${error.message}`);
    throw error;
  }
}

/** Until the emulator ends it, or a signal does. */
async function streamed(path: string, method: Method, values: Values, around: CallSurroundings): Promise<number> {
  const color = around.terminal && wantsColor(around.env);
  const asked = color && (values.format ?? 'text') === 'text' ? { ...values, color } : values;
  const stream = await openStream(path, method, asked);
  const stop = () => stream.destroy();
  around.signals.on('SIGINT', stop);
  around.signals.on('SIGTERM', stop);
  try {
    await copied(stream, around);
  } finally {
    around.signals.off('SIGINT', stop);
    around.signals.off('SIGTERM', stop);
  }
  return EXIT.ok;
}

async function copied(stream: IncomingMessage, { write, drained }: CallSurroundings): Promise<void> {
  try {
    for await (const chunk of stream) {
      // A slow terminal slows the reading, and the emulator then drops and counts.
      if (!write(chunk as Uint8Array)) await drained();
    }
  } catch (error) {
    // Destroyed by us, or the emulator's end in the middle of a line.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ECONNRESET' && code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ABORT_ERR') throw error;
  }
}
