/** The start of a plain verb of the control socket: of its bundle, which has nothing that only other verbs need. */
import { writeWholeOutput } from '../emulator/standard-output.ts';
import { controlCall } from './control-call.ts';
import { ownSurroundings } from './own-surroundings.ts';
import { PLAIN_WORDS, plainCall } from './plain-verb.ts';
import { report, reportForm } from './report.ts';

/** For scripts/bundle.mjs: with these a command line may be a plain verb's. */
export const firstWords: readonly string[] = PLAIN_WORDS;

/** The exit status, in time; undefined: not a plain one, and nothing has happened. */
export function plainVerb(args: readonly string[]): Promise<number> | undefined {
  const call = plainCall(args);
  if (call === undefined) return undefined;
  writeWholeOutput();
  return controlCall(call.method, call.values, call.options, ownSurroundings()).catch((error) =>
    report(error, reportForm(args)),
  );
}
