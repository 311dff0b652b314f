/** Growth curves as one SVG: plain polylines on logarithmic axes, no program needed to look at them but a browser. */

export interface Curve {
  readonly name: string;
  /** Both above 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

const WIDTH = 440;
const HEIGHT = 300;
const PAD = { left: 58, right: 14, top: 34, bottom: 62 };
const COLOURS = ['#1f6fb4', '#c0392b', '#2e8b57', '#8e44ad'];

/** The charts, two in a row. */
export function svg(charts: readonly Chart[]): string {
  const rows = Math.ceil(charts.length / 2);
  const drawn = charts.map((chart, i) => group(chart, (i % 2) * WIDTH, Math.floor(i / 2) * HEIGHT));
  const size = `width="${2 * WIDTH}" height="${rows * HEIGHT}" viewBox="0 0 ${2 * WIDTH} ${rows * HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

function group(chart: Chart, left: number, top: number): string {
  const all = chart.curves.flatMap(({ points }) => points);
  const x = axis(
    all.map(([value]) => value),
    PAD.left,
    WIDTH - PAD.right,
  );
  const y = axis(
    all.map(([, value]) => value),
    HEIGHT - PAD.bottom,
    PAD.top,
  );
  const [low, high] = [HEIGHT - PAD.bottom, PAD.top];
  const lines = [
    `<text x="${WIDTH / 2}" y="18" text-anchor="middle" font-weight="bold">${escaped(chart.title)}</text>`,
    ...x.ticks.map((tick) => {
      const at = x.at(tick).toFixed(1);
      return `<path d="M${at} ${high}V${low}" stroke="#eee"/><text x="${at}" y="${low + 14}" text-anchor="middle">${short(tick)}</text>`;
    }),
    ...y.ticks.map((tick) => {
      const at = y.at(tick).toFixed(1);
      return `<path d="M${PAD.left} ${at}H${WIDTH - PAD.right}" stroke="#eee"/><text x="${PAD.left - 5}" y="${Number(at) + 4}" text-anchor="end">${short(tick)}</text>`;
    }),
    `<path d="M${PAD.left} ${high}V${low}H${WIDTH - PAD.right}" stroke="#333" fill="none"/>`,
    `<text x="${WIDTH / 2}" y="${low + 30}" text-anchor="middle">${escaped(chart.x)}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${escaped(chart.y)}</text>`,
    ...chart.curves.map((curve, i) => drawCurve(curve, COLOURS[i % COLOURS.length] ?? '#000', x, y)),
    ...chart.curves.map(({ name }, i) => {
      const at = PAD.left + i * 120;
      return `<path d="M${at} ${HEIGHT - 12}h16" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2"/><text x="${at + 20}" y="${HEIGHT - 8}">${escaped(name)}</text>`;
    }),
  ];
  return `<g transform="translate(${left} ${top})">\n${lines.join('\n')}\n</g>`;
}

function drawCurve({ points }: Curve, colour: string, x: Axis, y: Axis): string {
  const places = points.map(([px, py]) => [x.at(px).toFixed(1), y.at(py).toFixed(1)] as const);
  const dots = places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="2.5" fill="${colour}"/>`);
  const line = places.map((place) => place.join(',')).join(' ');
  return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`;
}

/** Logarithmic from the power of ten below the smallest value to the one above the largest. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { ticks, at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from) };
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(Number(value.toPrecision(2)));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
