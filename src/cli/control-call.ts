/** One verb of the control socket carried out: the request, and its answer printed. */
import type { IncomingMessage } from 'node:http';
import { ControlFailure, callMethod, openStream, socketPath } from '../control/client.ts';
import type { Method, Values } from '../control/method.ts';
import { NOT_THE_OWNER } from '../control/owner.ts';
import { notWhole } from '../emulator/standard-output.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { plainText } from '../host/config/plain-text.ts';
import { wantsColor } from '../host/config/wants-color.ts';
import type { ControlCallOptions } from './command.ts';
import type { SignalSource } from './run.ts';

export interface CallSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Writes to stdout. */
  write(data: string): void;
  /** The same for a stream: resolves when it is written, rejects where it cannot be. */
  writeBeside(data: Uint8Array): Promise<void>;
  /** stdout is a terminal. */
  readonly terminal: boolean;
  readonly signals: SignalSource;
}

/** How long a reader may still take what has come before a signal, ms. */
const PATIENCE_MS = 1000;

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
    const answer = await answered(path, method, values);
    const people = () => plainText(method.text?.(answer, values as never) ?? String(answer));
    const text = json ? JSON.stringify(answer, null, 2) : people();
    if (text !== '') around.write(text.endsWith('\n') ? text : `${text}\n`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ControlFailure)
      throw new CliError(`${method.verb}: ${error.message}`, EXIT.failure, error.code || 'no_emulator');
    throw error;
  }
}

/** Files that the emulator would read with rights that are not ours, we read. */
async function answered(socket: string, method: Method, values: Values): Promise<unknown> {
  const [first, sent] = (await local(method, values, false)) ?? [undefined, values];
  try {
    return await callMethod(socket, first ?? method, sent);
  } catch (error) {
    const refused = error instanceof ControlFailure && error.code === NOT_THE_OWNER;
    const brought = refused ? await local(method, values, true) : undefined;
    if (brought === undefined) throw error;
    const [second, text] = brought;
    return callMethod(socket, second ?? method, text);
  }
}

async function local(method: Method, values: Values, refused: boolean) {
  try {
    return await method.local?.(values, refused);
  } catch (error) {
    throw new CliError(`${method.verb}: ${(error as Error).message}`);
  }
}

/** Until the emulator ends it, or a signal does. */
async function streamed(path: string, method: Method, values: Values, around: CallSurroundings): Promise<number> {
  const color = around.terminal && wantsColor(around.env);
  const asked = color && (values.format ?? 'text') === 'text' ? { ...values, color } : values;
  const stream = await openStream(path, method, asked);
  const stopped = new AbortController();
  const stop = () => {
    stopped.abort();
    stream.destroy();
  };
  around.signals.on('SIGINT', stop);
  around.signals.on('SIGTERM', stop);
  try {
    await copied(stream, stopped.signal, around);
  } finally {
    around.signals.off('SIGINT', stop);
    around.signals.off('SIGTERM', stop);
  }
  return EXIT.ok;
}

async function copied(stream: IncomingMessage, stopped: AbortSignal, { writeBeside }: CallSurroundings): Promise<void> {
  const patience = new Promise<void>((resolve) => {
    stopped.addEventListener('abort', () => setTimeout(resolve, PATIENCE_MS));
  });
  try {
    for await (const chunk of stream) {
      const written = writeBeside(chunk as Uint8Array).catch((error: NodeJS.ErrnoException) => {
        throw new CliError(notWhole(error));
      });
      // A slow terminal slows the reading, and the emulator then drops and counts.
      await Promise.race([written, patience]);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (stopped.aborted) return;
    if (code !== 'ECONNRESET' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    throw new ControlFailure(0, 'ended', 'the emulator ended in the middle: the end is missing');
  }
}
