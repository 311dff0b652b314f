/** Calls: a list of all events that fit the filter, and the one that is chosen beside it. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Badge } from './badge.tsx';
import type { Shape } from './data.ts';
import { Detail } from './detail.tsx';
import { FilterBar } from './filter-bar.tsx';
import { useShown, useStore } from './use-store.ts';
import { callText, clockText, durationText, scopeText, sinceText, toneOf } from './words.ts';

const ROW_HEIGHT = 28;
/** Rows above and below what is seen. */
const MARGIN = 8;

export function Calls() {
  const store = useStore();
  const { selected, select } = useShown();
  const at = selected === undefined ? -1 : store.indexOf(selected);
  return (
    <div class={`calls ${selected === undefined ? '' : 'with-detail'}`}>
      <section class="pane list-pane" aria-label="Calls">
        <FilterBar />
        <CallList />
      </section>
      {selected !== undefined && (
        <section class="pane detail-pane" tabIndex={0} aria-label="The chosen call">
          <Detail key={selected} number={selected} at={at} close={() => select(undefined)} />
        </section>
      )}
    </div>
  );
}

function CallList() {
  const store = useStore();
  const { selected, select } = useShown();
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const following = useRef(true);

  const look = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    following.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_HEIGHT;
    setSeen({ top: element.scrollTop, height: element.clientHeight });
  }, []);
  useEffect(() => {
    const watching = new ResizeObserver(look);
    if (box.current !== null) watching.observe(box.current);
    return () => watching.disconnect();
  }, [look]);
  const { shownLength } = store;
  // Whoever is at the end stays there.
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && following.current && selected === undefined)
      element.scrollTop = (shownLength + 1) * ROW_HEIGHT;
  }, [shownLength, selected]);

  const place = selected === undefined ? -1 : placeOf(store.shown, shownLength, store.indexOf(selected));
  const choose = (to: number) => {
    const bounded = Math.max(0, Math.min(shownLength - 1, to));
    const number = store.numbers[store.shown[bounded] ?? -1];
    if (number === undefined) return;
    select(number);
    reveal(box.current, bounded);
  };
  const keys = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(seen.height / ROW_HEIGHT) - 1);
    const steps: Record<string, number> = {
      ArrowDown: place + 1,
      j: place + 1,
      ArrowUp: place < 0 ? shownLength - 1 : place - 1,
      k: place < 0 ? shownLength - 1 : place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: shownLength - 1,
    };
    const to = event.ctrlKey || event.metaKey ? undefined : steps[event.key];
    if (event.key === 'Escape') select(undefined);
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  };

  const first = Math.max(0, Math.floor(seen.top / ROW_HEIGHT) - MARGIN);
  const last = Math.min(shownLength, Math.ceil((seen.top + seen.height) / ROW_HEIGHT) + MARGIN);
  const rows = [];
  const start = store.times[0] ?? 0;
  for (let i = first; i < last; i++) {
    const index = store.shown[i] as number;
    const number = store.numbers[index] as number;
    rows.push(
      <CallRow
        // a place in the window: thousands that come at once are other texts in the same rows
        key={i - first}
        place={i}
        number={number}
        shape={store.shapeAt(index)}
        timeUs={store.times[index] as number}
        startUs={start}
        durationUs={store.durations[index] as number}
        selected={number === selected}
        choose={choose}
      />,
    );
  }
  return (
    <div
      class="call-list"
      role="grid"
      aria-label="Events, oldest first"
      aria-rowcount={shownLength + 1}
      aria-activedescendant={place >= first && place < last ? `call-${selected}` : undefined}
      tabIndex={0}
      ref={box}
      onScroll={look}
      onKeyDown={keys}
    >
      <HeadRow />
      <div role="presentation" class="call-rows" style={{ height: `${shownLength * ROW_HEIGHT}px` }}>
        {rows}
      </div>
      {shownLength === 0 && <Nothing all={store.length} />}
    </div>
  );
}

const HEADS = ['Time', 'File', 'Process', 'Call', 'Scope', 'Outcome', 'Duration'];

function HeadRow() {
  return (
    <div class="call-row head" role="row" aria-rowindex={1}>
      {HEADS.map((head) => (
        <span role="columnheader" class={`c-${head.toLowerCase()}`} key={head}>
          {head}
        </span>
      ))}
    </div>
  );
}

function Nothing({ all }: { all: number }) {
  return (
    <p class="nothing">
      {all === 0 ? 'Nothing has been called yet. Calls appear here as they are made.' : 'No event fits the filter.'}
    </p>
  );
}

interface RowProps {
  readonly place: number;
  readonly number: number;
  readonly shape: Shape;
  readonly timeUs: number;
  readonly startUs: number;
  readonly durationUs: number;
  readonly selected: boolean;
  choose(place: number): void;
}

function CallRow({ place, number, shape, timeUs, startUs, durationUs, selected, choose }: RowProps) {
  const { device, file, comm, tid } = shape;
  const cells = [
    <span title={clockText(timeUs)}>{sinceText(timeUs - startUs)}</span>,
    device === undefined ? '' : `${device}${file ? ` #${file}` : ''}`,
    comm === undefined ? '' : <span title={`thread ${tid}, uid ${shape.callerUid}`}>{comm}</span>,
    callText(shape),
    scopeText(shape),
    <Badge shape={shape} />,
    shape.outcome === undefined && shape.kind !== 'close' ? '' : durationText(durationUs),
  ];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      id={`call-${number}`}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={selected}
      class={`call-row tone-${toneOf(shape)}${selected ? ' selected' : ''}`}
      style={{ transform: `translateY(${place * ROW_HEIGHT}px)` }}
      onClick={() => choose(place)}
    >
      {cells.map((cell, i) => (
        <span role="gridcell" class={`c-${HEADS[i]?.toLowerCase()}`} key={HEADS[i]}>
          {cell}
        </span>
      ))}
    </div>
  );
}

function placeOf(shown: Int32Array, length: number, index: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shown[middle] as number) < index) low = middle + 1;
    else high = middle;
  }
  return low < length && shown[low] === index ? low : -1;
}

function reveal(element: HTMLElement | null, place: number): void {
  if (element === null) return;
  const top = place * ROW_HEIGHT;
  const below = top + 2 * ROW_HEIGHT - element.clientHeight;
  if (element.scrollTop > top) element.scrollTop = top;
  else if (element.scrollTop < below) element.scrollTop = below;
}
