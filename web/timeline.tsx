/**
 * Timeline: a lane for each open file, a bar for each call, marks for faults and for devices that came and went. It is
 * drawn on a canvas; the same is said in words below it, for who does not see it.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Store } from './store.ts';
import { useShown, useStore } from './use-store.ts';
import { waitedFor } from './waits.ts';
import { callText, count, durationText, outcomeText, toneOf } from './words.ts';

const LANE = 30;
const BAR = 16;
const TOP = 26;
const LEFT = 190;
/** Shortest span that is shown, µs. */
const LEAST = 20;

interface Lane {
  readonly key: string;
  readonly text: string;
  readonly calls: number[];
  readonly marks: number[];
  refused: number;
  held: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

export function Timeline() {
  const store = useStore();
  const { select, go, selected } = useShown();
  const lanes = useMemo(() => lanesOf(store), [store.version]);
  const all = useMemo(() => spanOf(store), [store.version]);
  // Undefined: all of it, also of what comes.
  const [zoom, setZoom] = useState<Span>();
  const [pointed, setPointed] = useState<number>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(900);
  const span = zoom ?? all;
  const height = TOP + Math.max(lanes.length, 1) * LANE + 8;

  useEffect(() => {
    const box = canvas.current?.parentElement;
    if (box === null || box === undefined) return;
    const watching = new ResizeObserver(() => setWidth(box.clientWidth));
    watching.observe(box);
    return () => watching.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, store, lanes, span, { width, height, pointed, selected });
  });

  const timeAt = (x: number) => span.from + ((x - LEFT) / Math.max(width - LEFT - 12, 1)) * (span.to - span.from);
  const scale = (factor: number, at = (span.from + span.to) / 2) => {
    const next = { from: at - (at - span.from) * factor, to: at + (span.to - at) * factor };
    const inside = { from: Math.max(next.from, all.from), to: Math.min(next.to, all.to) };
    if (inside.to - inside.from < LEAST) return;
    setZoom(inside.from <= all.from && inside.to >= all.to ? undefined : inside);
  };
  const move = (part: number) => {
    const length = span.to - span.from;
    const from = Math.max(all.from, Math.min(all.to - length, span.from + part * length));
    if (zoom !== undefined) setZoom({ from, to: from + length });
  };
  const find = (event: MouseEvent) => {
    const lane = lanes[Math.floor((event.offsetY - TOP) / LANE)];
    return lane && nearest(store, lane, timeAt(event.offsetX), (span.to - span.from) / Math.max(width - LEFT, 1));
  };
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, () => void> = {
      '+': () => scale(0.5),
      '=': () => scale(0.5),
      '-': () => scale(2),
      '0': () => setZoom(undefined),
      ArrowLeft: () => move(-0.25),
      ArrowRight: () => move(0.25),
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };
  return (
    <section class="pane timeline" aria-label="Timeline">
      <div class="filter-bar">
        <div class="segments" role="group" aria-label="Zoom">
          <button type="button" onClick={() => scale(2)} aria-label="Zoom out">
            −
          </button>
          <button type="button" onClick={() => setZoom(undefined)} aria-pressed={zoom === undefined}>
            All
          </button>
          <button type="button" onClick={() => scale(0.5)} aria-label="Zoom in">
            +
          </button>
        </div>
        <span class="quiet">
          {durationText(span.to - span.from)} in view. Wheel or + and − zoom, arrow keys move, a click chooses a call.
        </span>
        <Legend />
      </div>
      <div
        class="canvas-box"
        tabIndex={0}
        role="group"
        aria-label="Timeline, zoomed by plus and minus"
        onKeyDown={keys}
      >
        <canvas
          ref={canvas}
          style={{ width: `${width}px`, height: `${height}px` }}
          role="img"
          aria-label={`${lanes.length} files; in words below`}
          onWheel={(event) => {
            event.preventDefault();
            if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(event.deltaX > 0 ? 0.1 : -0.1);
            else scale(event.deltaY > 0 ? 1.3 : 0.77, timeAt(event.offsetX));
          }}
          onMouseMove={(event) => setPointed(find(event))}
          onMouseLeave={() => setPointed(undefined)}
          onClick={(event) => {
            const at = find(event);
            if (at === undefined) return;
            select(store.numbers[at]);
            go('calls');
          }}
        />
        {lanes.length === 0 && <p class="nothing">No file has been opened yet.</p>}
      </div>
      <p class="pointed" aria-live="off">
        {pointed === undefined ? ' ' : pointedText(store, pointed)}
      </p>
      <LaneTable lanes={lanes} store={store} />
    </section>
  );
}

function Legend() {
  return (
    <span class="legend">
      <span class="swatch tone-ok" /> call <span class="swatch tone-bad" /> refused <span class="swatch tone-late" />{' '}
      held
      <span class="swatch mark-fault" /> fault
    </span>
  );
}

function LaneTable({ lanes, store }: { lanes: readonly Lane[]; store: Store }) {
  const { select, go } = useShown();
  return (
    <div class="table-box" tabIndex={0}>
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Calls</th>
            <th scope="col">Refused</th>
            <th scope="col">Held</th>
            <th scope="col">Longest</th>
          </tr>
        </thead>
        <tbody>
          {lanes.slice(0, 500).map(({ key, text, calls, refused, held }) => {
            const longest = calls.reduce(
              (a, b) => ((store.durations[b] as number) > (store.durations[a] as number) ? b : a),
              calls[0] ?? -1,
            );
            return (
              <tr key={key}>
                <th scope="row">{text}</th>
                <td>{count(calls.length)}</td>
                <td class={refused > 0 ? 'bad' : ''}>{refused}</td>
                <td class={held > 0 ? 'late' : ''}>{held}</td>
                <td>
                  {longest >= 0 && (
                    <button
                      type="button"
                      class="link"
                      onClick={() => {
                        select(store.numbers[longest]);
                        go('calls');
                      }}
                    >
                      {durationText(store.durations[longest] as number)}, {callText(store.shapeAt(longest))}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function pointedText(store: Store, at: number): string {
  const shape = store.shapeAt(at);
  const waited = waitedFor(store, at).map(({ text }) => text);
  const words = [callText(shape), outcomeText(shape), durationText(store.durations[at] as number)];
  return [...words, ...(waited.length > 0 ? [`held back ${waited.join('; ')}`] : [])].filter(Boolean).join('  ·  ');
}

function spanOf(store: Store): Span {
  if (store.length === 0) return { from: 0, to: LEAST };
  let to = store.times[store.length - 1] as number;
  for (let at = Math.max(0, store.length - 1000); at < store.length; at++)
    to = Math.max(
      to,
      (store.times[at] as number) + (store.shapeAt(at).kind === 'close' ? 0 : (store.durations[at] as number)),
    );
  for (const { timeUs } of store.status.held) to = Math.max(to, timeUs + LEAST);
  const from = store.times[0] as number;
  return { from, to: Math.max(to, from + LEAST) };
}

function lanesOf(store: Store): Lane[] {
  const lanes = new Map<string, Lane>();
  for (let at = 0; at < store.length; at++) {
    const { kind, device, file, comm, held } = store.shapeAt(at);
    if (device === undefined || kind === 'close' || kind === 'plug' || kind === 'unplug' || !file) continue;
    const key = `${device} ${file}`;
    let lane = lanes.get(key);
    if (lane === undefined) {
      lane = { key, text: `${device} #${file} ${comm ?? ''}`, calls: [], marks: [], refused: 0, held: 0 };
      lanes.set(key, lane);
    }
    if (kind === 'strike') {
      lane.marks.push(at);
      continue;
    }
    lane.calls.push(at);
    if (toneOf(store.shapeAt(at)) === 'bad') lane.refused++;
    if (held === true) lane.held++;
  }
  return [...lanes.values()];
}

/** The call under the pointer; else the nearest within a few pixels. */
function nearest(store: Store, { calls }: Lane, time: number, perPixel: number): number | undefined {
  let best: number | undefined;
  let distance = perPixel * 4;
  for (const at of calls) {
    const start = store.times[at] as number;
    const end = start + (store.durations[at] as number);
    const away = time < start ? start - time : time > end ? time - end : 0;
    if (away <= distance) [best, distance] = [at, away];
  }
  return best;
}

interface Looks {
  readonly width: number;
  readonly height: number;
  readonly pointed: number | undefined;
  readonly selected: number | undefined;
}

function draw(canvas: HTMLCanvasElement, store: Store, lanes: readonly Lane[], span: Span, looks: Looks): void {
  const { width, height, pointed, selected } = looks;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio;
    canvas.height = height * ratio;
  }
  const to = canvas.getContext('2d');
  if (to === null) return;
  const styles = getComputedStyle(canvas);
  const probe = (name: string) => colourOf(canvas, name, styles);
  const colours = {
    ok: probe('--accent'),
    bad: probe('--bad'),
    late: probe('--late'),
    quiet: probe('--quiet'),
    note: probe('--quiet'),
  };
  const [line, text] = [probe('--line'), probe('--text')];
  to.setTransform(ratio, 0, 0, ratio, 0, 0);
  to.clearRect(0, 0, width, height);
  to.font = `12px ${styles.getPropertyValue('--mono')}`;
  to.textBaseline = 'middle';
  const x = (time: number) => LEFT + ((time - span.from) / (span.to - span.from)) * (width - LEFT - 12);

  drawAxis(to, store, span, x, { height, line, quiet: colours.quiet });
  lanes.forEach(({ text: name, calls, marks }, row) => {
    const middle = TOP + row * LANE + LANE / 2;
    to.fillStyle = line;
    to.fillRect(0, TOP + (row + 1) * LANE, width, 1);
    to.fillStyle = text;
    to.fillText(name, 10, middle, LEFT - 20);
    let lastX = -1;
    let lastTone = '';
    for (const at of calls) {
      const start = store.times[at] as number;
      const end = start + (store.durations[at] as number);
      if (end < span.from || start > span.to) continue;
      const from = Math.max(LEFT, x(start));
      const length = Math.max(1.5, Math.min(x(end), width) - from);
      const tone = toneOf(store.shapeAt(at));
      const chosen = at === pointed || store.numbers[at] === selected;
      // What is drawn already needs no second time.
      if (!chosen && tone === lastTone && from + length <= lastX) continue;
      to.globalAlpha = chosen ? 1 : 0.8;
      to.fillStyle = colours[tone];
      to.fillRect(from, middle - BAR / 2, length, BAR);
      if (chosen) {
        to.strokeStyle = text;
        to.strokeRect(from - 1.5, middle - BAR / 2 - 1.5, length + 3, BAR + 3);
      }
      [lastX, lastTone] = [from + length, tone];
    }
    to.globalAlpha = 1;
    for (const at of marks) {
      const time = store.times[at] as number;
      if (time >= span.from && time <= span.to) diamond(to, x(time), middle - BAR / 2 - 3, colours.bad);
    }
  });
}

interface AxisLooks {
  readonly height: number;
  readonly line: string;
  readonly quiet: string;
}

type Context = CanvasRenderingContext2D;

/** Times since the first event, and devices that came and went. */
function drawAxis(to: Context, store: Store, span: Span, x: (time: number) => number, looks: AxisLooks): void {
  const start = store.times[0] ?? 0;
  const step = niceStep((span.to - span.from) / 6);
  to.fillStyle = looks.quiet;
  for (let time = Math.ceil((span.from - start) / step) * step; time <= span.to - start; time += step) {
    const at = x(time + start);
    to.fillStyle = looks.line;
    to.fillRect(at, TOP - 4, 1, looks.height - TOP);
    to.fillStyle = looks.quiet;
    to.fillText(`+${durationText(time)}`, at + 3, 12);
  }
  for (let at = 0; at < store.length; at++) {
    const { kind, device } = store.shapeAt(at);
    const time = store.times[at] as number;
    if ((kind !== 'plug' && kind !== 'unplug') || time < span.from || time > span.to) continue;
    to.fillStyle = looks.quiet;
    to.fillRect(x(time), 18, 1, looks.height);
    to.fillText(`${kind === 'plug' ? '▲' : '▽'} ${device}`, x(time) + 3, looks.height - 4 - LANE / 2);
  }
}

function diamond(to: Context, x: number, y: number, colour: string): void {
  to.fillStyle = colour;
  to.beginPath();
  to.moveTo(x, y - 4);
  to.lineTo(x + 4, y);
  to.lineTo(x, y + 4);
  to.lineTo(x - 4, y);
  to.fill();
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power * 10;
}

/** A canvas knows no light-dark(): the colour as the element has it. */
function colourOf(element: HTMLElement, name: string, styles: CSSStyleDeclaration): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const colour = styles.color;
  element.style.color = before;
  return colour;
}
