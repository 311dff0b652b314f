/** A profile's file, and what a command line says of a bad one. */
import { ConfigError } from '../config/config-error.ts';
import { FileRefusal, type FileUse } from '../config/named-file.ts';

/** A profile is written by people or by `profile capture`; larger is a mistake. */
export const PROFILE_FILE: FileUse = { what: 'profile', maxBytes: 4 * 1024 * 1024 };

/** What `read` makes of the file. Throws an Error that says what is wrong with it, in one line. */
export function usable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first, ...others] = error.problems;
    const more = others.length === 0 ? '' : `, and ${others.length} more: see "fwctl-emu profile check ${path}"`;
    throw new FileRefusal(`the profile has a problem: ${first?.place}: ${first?.message}${more}`);
  }
}
