/**
 * The file of a recording: written beside its place and moved there when it is complete, so that a failed run leaves neither half a
 * recording nor takes away an older one.
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { mlx5Decoder } from '../host/interceptors/trace-mlx5.ts';
import { Recorder } from '../host/recording/recorder.ts';
import { CliError } from './cli-error.ts';
import type { Log } from './parts.ts';

export interface RecordFile {
  readonly recorder: Recorder;
  /** Completes the file. */
  close(): void;
}

const FLUSH_BYTES = 64 * 1024;

/** Throws CliError where the file cannot be made. `masked`: names of fields that are not kept. */
export function openRecordFile(path: string, masked: readonly string[], log: Log): RecordFile {
  const place = resolve(path);
  const part = `${place}.part`;
  let fd: number;
  try {
    fd = openSync(part, 'w', 0o644);
  } catch (error) {
    throw new CliError(
      `--record: ${part} cannot be written (${(error as NodeJS.ErrnoException).code}); check the path`,
    );
  }
  let text = '';
  let failed: string | undefined;
  const flush = (): void => {
    try {
      if (failed === undefined) writeSync(fd, text);
    } catch (error) {
      failed = (error as NodeJS.ErrnoException).code ?? String(error);
      log.error(`the recording has ended: ${part} cannot be written`, { code: failed });
    }
    text = '';
  };
  const recorder = new Recorder(
    (line) => {
      text += `${line}\n`;
      if (text.length >= FLUSH_BYTES) flush();
    },
    masked,
    mlx5Decoder,
  );
  return {
    recorder,
    close() {
      const unanswered = recorder.close();
      flush();
      closeSync(fd);
      if (failed !== undefined) return;
      renameSync(part, place);
      if (unanswered > 0) log.warn('calls that were not answered are not in the recording', { calls: unanswered });
      for (const name of recorder.mask.unmet) log.warn(`--mask ${name}: nothing that was recorded has such a field`);
    },
  };
}
