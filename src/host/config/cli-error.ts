/** A refusal that the user can do something about: printed as it is, without a stack. */

/** Exit statuses: issue "The command line"; 126 and 127 are those of shells. */
export const EXIT = { ok: 0, failure: 1, usage: 2, notExecutable: 126, notFound: 127 } as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export class CliError extends Error {
  readonly status: ExitStatus;

  /** `message`: what was refused, why, and what to do; further lines are allowed. */
  constructor(message: string, status: ExitStatus = EXIT.failure) {
    super(message);
    this.status = status;
  }
}
