/** Text in a terminal's colour. Whether to colour at all is wantsColor's. (util.styleText is of Node 20.) */
import { inspect } from 'node:util';

/** The words of util.inspect.colors that are used here. */
export type Style = 'dim' | 'red' | 'yellow' | 'green' | 'cyan' | 'magenta' | 'gray';

/** The text between the style's escape sequence and the one that ends it. */
export function styled(style: Style, text: string): string {
  const [on, off] = inspect.colors[style] as [number, number];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}
