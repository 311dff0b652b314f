/** Names that people write where a call is meant: `ACCESS_REG`, `MGIR`, `QUERY_*`. */

/** `*` stands for any characters; case does not matter. */
export function namePattern(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')}$`, 'i');
}

/** Of `ACCESS_REG(read MGIR 0x9020)`: the whole, its first word, and the words inside. */
export function namesIn(command: string): string[] {
  return [command, ...command.split(/[(),\s]+/).filter((word) => word !== '')];
}
