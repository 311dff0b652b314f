/** Whom a held call waited for, as far as the events say it. */
import type { Store } from './store.ts';
import { commandText, durationText } from './words.ts';

export interface WaitedFor {
  readonly text: string;
  /** Of the event to look at. */
  readonly number?: number;
}

/** How long after another's end a call may end and still have waited for it, microseconds. An invented bound. */
const TOGETHER_US = 500;
/** Events that are looked at before and behind the call. */
const NEAR = 2000;

/** The faults that struck it; other calls of the device that were held too, and ended just before it. */
export function waitedFor(store: Store, at: number): WaitedFor[] {
  const shape = store.shapeAt(at);
  if (shape.held !== true) return [];
  const start = store.times[at] as number;
  const end = start + (store.durations[at] as number);
  const found: WaitedFor[] = [];
  for (let other = Math.max(0, at - NEAR); other < Math.min(store.length, at + NEAR); other++) {
    const theirs = store.shapeAt(other);
    const time = store.times[other] as number;
    if (theirs.device !== shape.device || other === at) continue;
    const number = store.numbers[other] as number;
    if (theirs.kind === 'strike' && theirs.file === shape.file && time >= start && time <= end)
      found.push({ text: `by fault ${theirs.id}: ${theirs.text}` });
    else if (theirs.held === true && time < start) {
      const ended = time + (store.durations[other] as number);
      if (ended <= end && end - ended < TOGETHER_US && ended > start)
        found.push({
          text: `behind ${commandText(theirs)} of file #${theirs.file}, which ended just before it`,
          number,
        });
    }
  }
  if (found.length === 0) found.push({ text: `for ${durationText(end - start)}: its answer came later` });
  return found;
}
