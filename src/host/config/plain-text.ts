/**
 * Text for people, parts of which come from a file, a device or a program: what would steer a terminal, or show the
 * text in another order than it has, is written as escapes, which are those of YAML's double-quoted text too.
 */

/** Control and format characters, line separators, halves of pairs. Lines and tabs stay. */
const UNPLAIN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `\x1b`, `\u202e`, `\U000e0001`. */
export function plainText(text: string): string {
  return text.replace(UNPLAIN, escaped);
}

/** The same for what is to be one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/[\n\t]/g, (c) => (c === '\n' ? '\\n' : '\\t'));
}

/** Whether it is written as it is. */
export function isPlain(text: string): boolean {
  return text.search(UNPLAIN) < 0;
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
