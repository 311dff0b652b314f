/** What a firmware module answers, at once or when its promise settles; its failures are commands not delivered. */
import { Held } from './held.ts';

/** Tells of a failure of the module and gives the exception that stands for it. */
export type FirmwareFailed = (error: unknown) => Error;

/** `use` makes of the answer what the door gives; what it throws for one that is none is the module's failure too. */
export function moduleAnswer<Answer, Result>(
  ask: () => Answer | Promise<Answer>,
  use: (answer: Answer) => Result,
  failed: FirmwareFailed,
): Result | Held<Result> {
  try {
    const answer = ask();
    return isPromise(answer) ? later(answer, use, failed) : use(answer);
  } catch (error) {
    throw failed(error);
  }
}

function later<Answer, Result>(
  answer: Promise<Answer>,
  use: (answer: Answer) => Result,
  failed: FirmwareFailed,
): Held<Result> {
  const late = new Held<Result>();
  answer.then(
    (settled) =>
      late.release(() => {
        try {
          return use(settled);
        } catch (error) {
          throw failed(error);
        }
      }),
    (error) =>
      late.release(() => {
        throw failed(error);
      }),
  );
  return late;
}

function isPromise<Answer>(answer: Answer | Promise<Answer>): answer is Promise<Answer> {
  return typeof (answer as Promise<Answer> | undefined)?.then === 'function';
}

/** Whether a module's value is a whole number from 0 to `most`. */
export function isUnsigned(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}
