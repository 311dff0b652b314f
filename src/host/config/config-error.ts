/** What is wrong with a configuration: everything at once, each with its place. */

import { plainLine } from './plain-text.ts';

export interface ConfigProblem {
  /** `file:line:column` of a file, `--device SPEC: column n` of the command line. */
  readonly place: string;
  /** What is refused, why, and what to do. */
  readonly message: string;
  /** Line in the file, from 1; undefined on the command line. */
  readonly line: number | undefined;
  /** Column, from 1. */
  readonly column: number;
}

export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ place, message }) => plainLine(`${place}: ${message}`)).join('\n'));
    this.problems = problems;
  }
}
