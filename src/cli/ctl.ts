/** `fwctl-emu ctl`: verbs of the control socket, one a line of standard input, in one process. */
import { CliError, EXIT } from '../host/config/cli-error.ts';

export interface CtlParts {
  /** The text of all lines. */
  readonly text: string;
  /** Carries one out; the exit status. Throws CliError. */
  run(words: readonly string[]): Promise<number>;
}

/** Up to the first line that fails, whose status it is. Throws CliError that says which line it was. */
export async function ctl({ text, run }: CtlParts): Promise<number> {
  for (const [index, line] of text.split('\n').entries()) {
    const at = `ctl: line ${index + 1}`;
    const words = wordsOf(line, at);
    if (words.length === 0) continue;
    try {
      const status = await run(words);
      if (status !== EXIT.ok) return status;
    } catch (error) {
      if (error instanceof CliError) throw new CliError(`${at}: ${error.message}`, error.status, error.code);
      throw error;
    }
  }
  return EXIT.ok;
}

/** Words as a shell divides them: blanks, quotes, a backslash, and "#" for the rest of the line. */
function wordsOf(line: string, at: string): string[] {
  const words: string[] = [];
  const pattern = /\s+|#.*|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gy;
  let word: string | undefined;
  let end = 0;
  for (const match of line.matchAll(pattern)) {
    end = match.index + match[0].length;
    const [whole, single, double, escaped, bare] = match;
    const part = single ?? double?.replace(/\\(.)/g, '$1') ?? escaped ?? bare;
    if (part !== undefined) word = (word ?? '') + part;
    else {
      if (word !== undefined) words.push(word);
      word = undefined;
      // inside of a word it is a character as others
      if (whole.startsWith('#')) return words;
    }
  }
  if (end < line.length)
    throw new CliError(`${at}: a quote is not closed; close it, or write \\ before it`, EXIT.usage);
  if (word !== undefined) words.push(word);
  return words;
}
