/** How a call ended, as a word with its colour. */
import type { Shape } from './data.ts';
import { outcomeText, toneOf } from './words.ts';

export function Badge({ shape }: { shape: Shape }) {
  const text = outcomeText(shape);
  if (text === '') return null;
  return (
    <span class={`badge tone-${toneOf(shape)}`}>
      {text}
      {shape.held === true && <small> held</small>}
    </span>
  );
}
