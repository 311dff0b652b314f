/** Tables for people. */

/** Rows of words in columns, two blanks between; the first row is the head. `right`: columns of numbers, from 0. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, word] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, word.length);
  }
  return rows
    .map((row) =>
      row
        .map((word, i) => (right.includes(i) ? word.padStart(widths[i] ?? 0) : word.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
