/**
 * Whose files a request may name. The emulator opens files with its own rights, which who may use its socket is not to
 * have: only its own user and root name any. Others bring a file's text, and are told nothing of files.
 */
import { ControlError } from './protocol.ts';

/** Who makes a request. */
export interface Client {
  /** The user that opened the connection; -errno where that cannot be told. */
  uid(): number;
  /** Who it is, where that is no user: `a page of the inspector`. */
  readonly name?: string;
}

export function isOwner(client: Client): boolean {
  const uid = client.uid();
  return uid === process.geteuid?.() || uid === 0;
}

/** Throws ControlError for anybody else. `would`: what the emulator would do, e.g. `write the file`. */
export function refuseOthers(client: Client, would: string, remedy: string): void {
  if (!isOwner(client)) throw notTheOwner(client, would, remedy);
}

export function notTheOwner(client: Client, would: string, remedy: string): ControlError {
  const you = client.name ?? `user ${client.uid()}`;
  const who = `the emulator would ${would} as user ${process.geteuid?.()}, and you are ${you}`;
  return new ControlError(403, NOT_THE_OWNER, `${who}: ${remedy}`);
}

export const NOT_THE_OWNER = 'not_the_owner';
