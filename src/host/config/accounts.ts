/** User and group names as numbers, from /etc/passwd and /etc/group alone (a small container has no getent, no NSS). */
import { readFileSync } from 'node:fs';

export interface Accounts {
  /** uid of that user name; undefined when there is none. */
  user(name: string): number | undefined;
  /** gid of that group name; undefined when there is none. */
  group(name: string): number | undefined;
  userNames(): Iterable<string>;
  groupNames(): Iterable<string>;
}

/** The machine's accounts; a file is read when a first name is asked for, and one that cannot be read has no names. */
export function systemAccounts(passwdFile = '/etc/passwd', groupFile = '/etc/group'): Accounts {
  let users: Map<string, number> | undefined;
  let groups: Map<string, number> | undefined;
  const allUsers = () => {
    users ??= parseAccounts(read(passwdFile));
    return users;
  };
  const allGroups = () => {
    groups ??= parseAccounts(read(groupFile));
    return groups;
  };
  return {
    user: (name) => allUsers().get(name),
    group: (name) => allGroups().get(name),
    userNames: () => allUsers().keys(),
    groupNames: () => allGroups().keys(),
  };
}

/** passwd(5) and group(5) agree in what matters here: NAME:PASSWORD:NUMBER. Other lines are skipped. */
export function parseAccounts(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name && id && /^\d+$/.test(id) && !found.has(name)) found.set(name, Number(id));
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
