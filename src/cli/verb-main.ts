/** The start of a plain verb of the control socket: of its bundle, which has nothing that only other verbs need. */
import { writeBeside, writeWholeOutput } from '../emulator/standard-output.ts';
import { controlCall } from './control-call.ts';
import { PLAIN_WORDS, plainCall } from './plain-verb.ts';
import { report, reportForm } from './report.ts';

/** For scripts/bundle.mjs: with these a command line may be a plain verb's. */
export const firstWords: readonly string[] = PLAIN_WORDS;

/** The exit status, in time; undefined: not a plain one, and nothing has happened. */
export function plainVerb(args: readonly string[]): Promise<number> | undefined {
  const call = plainCall(args);
  if (call === undefined) return undefined;
  writeWholeOutput();
  const around = {
    env: process.env,
    write: (data: string) => void process.stdout.write(data),
    writeBeside: (data: Uint8Array) => writeBeside(1, data),
    terminal: process.stdout.isTTY === true,
    signals: process,
  };
  return controlCall(call.method, call.values, call.options, around).catch((error) => report(error, reportForm(args)));
}
