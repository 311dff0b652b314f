/** A profile's value that cannot be set. The message names it, what is wrong and what would be right. */
export class OverrideError extends Error {
  override readonly name = 'OverrideError';
  /** The dotted name as given. */
  readonly path: string;
  /** What is wrong, without the name. */
  readonly problem: string;
  /** Whether the name or the value is wrong. */
  readonly wrong: 'name' | 'value';

  constructor(path: string, problem: string, wrong: 'name' | 'value' = 'name') {
    super(`${path}: ${problem}`);
    this.path = path;
    this.problem = problem;
    this.wrong = wrong;
  }
}
