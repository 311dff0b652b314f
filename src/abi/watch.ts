/** To see how a call ends, whether it answers at once or is held back. */
import { Held } from './held.ts';

export type Result<T> = { readonly value: T } | { readonly error: unknown };

/** Runs `call`, reports how it ended, now or when a held answer is collected, and passes answer or exception on. */
export function watch<T, U>(
  call: () => T | Held<T>,
  convert: (value: T) => U,
  report: (held: boolean, result: Result<U>) => void,
): U | Held<U> {
  let answer: T | Held<T>;
  try {
    answer = call();
  } catch (error) {
    report(false, { error });
    throw error;
  }
  if (!(answer instanceof Held)) {
    const value = convert(answer);
    report(false, { value });
    return value;
  }
  const late = answer;
  const watched = new Held<U>();
  late.onRelease(() =>
    watched.release(() => {
      let value: U;
      try {
        value = convert(late.get());
      } catch (error) {
        report(true, { error });
        throw error;
      }
      report(true, { value });
      return value;
    }),
  );
  return watched;
}
