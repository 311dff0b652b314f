/** A refusal that the user can do something about: printed as it is, without a stack. */

/**
 * Exit statuses. `noRun` (our own failure where a command of the user's is run), 126 and 127 are those of env(1): the
 * command's own look like none of them.
 */
export const EXIT = { ok: 0, failure: 1, usage: 2, noRun: 125, notExecutable: 126, notFound: 127 } as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export class CliError extends Error {
  readonly status: ExitStatus;
  /** For programs, beside the status (`no_such_device`); undefined: there is none. */
  readonly code: string | undefined;

  /** `message`: what was refused, why, and what to do; further lines are allowed. */
  constructor(message: string, status: ExitStatus = EXIT.failure, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
