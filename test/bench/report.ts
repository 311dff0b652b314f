/** The results: rows for build/bench.json, and the same as a table. */

/** One line of build/bench.json. */
export interface Row {
  /** Case and placement, e.g. `rpc-16/same`. */
  readonly name: string;
  readonly unit: 'us' | 'ms' | 'B' | 'MiB' | '1/s';
  /** The emulator's, in `unit`: median over the rounds. */
  readonly p50: number;
  readonly p99: number;
  /** To the C reference in the same run, median of the rounds' ratios, unless the row says what else it is beside. */
  readonly ratio_p50: number;
  readonly ratio_p99: number;
}

/** A row of the table: the JSON's row with what only people want. */
export interface TableRow extends Row {
  readonly title: string;
  /** The reference's p50, in `unit`. */
  readonly reference: number;
  readonly note: string;
}

const digits = (value: number, places: number) => Number(value.toFixed(places));

/** A row with its numbers cut to what they can mean. */
export function row(fields: TableRow): TableRow {
  const { p50, p99, ratio_p50, ratio_p99 } = fields;
  return {
    ...fields,
    p50: digits(p50, 2),
    p99: digits(p99, 2),
    ratio_p50: digits(ratio_p50, 3),
    ratio_p99: digits(ratio_p99, 3),
  };
}

export function toJson(rows: readonly TableRow[]): string {
  const list: Row[] = rows.map(({ name, unit, p50, p99, ratio_p50, ratio_p99 }) => {
    return { name, unit, p50, p99, ratio_p50, ratio_p99 };
  });
  return `[\n${list.map((line) => `  ${JSON.stringify(line)}`).join(',\n')}\n]\n`;
}

/** NaN: there is nothing of the kind. */
const shown = (value: number) => (Number.isNaN(value) ? '-' : value.toFixed(2));

export function toTable(subject: string, reference: string, rows: readonly TableRow[]): string {
  const head = ['case', 'unit', `${subject} p50`, 'p99', `${reference} p50`, 'ratio p50', 'p99', ''];
  const body = rows.map((line) => [
    line.title,
    line.unit,
    shown(line.p50),
    shown(line.p99),
    shown(line.reference),
    shown(line.ratio_p50),
    shown(line.ratio_p99),
    line.note,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [head, ...body].map(line).join('\n');
}
