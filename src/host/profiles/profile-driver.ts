/** Whose profile a file is: what its `driver:` line says, or its `base`. */
import { ProfileDocument } from './profile-document.ts';

export interface ProfileOwner {
  readonly name: string;
  /** Names of its built-in profiles. */
  readonly profiles: readonly string[];
}

/** Undefined: the text says neither, or what nobody knows; its reader says what is wrong. */
export function driverOfProfile<Owner extends ProfileOwner>(
  text: string,
  file: string,
  owners: readonly Owner[],
): Owner | undefined {
  const doc = new ProfileDocument(text, file);
  const root = doc.root('base: NAME');
  const entries = root === undefined ? [] : doc.pairs(root);
  const told = (key: string) => doc.source(entries.find(({ name }) => name === key)?.value ?? null);
  const [driver, base] = [told('driver'), told('base')];
  if (driver !== undefined) return owners.find(({ name }) => name === driver);
  return base === undefined ? undefined : owners.find(({ profiles }) => profiles.includes(base));
}
