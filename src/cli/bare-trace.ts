/**
 * `--trace` takes its file only behind an equals sign, as `--color[=WHEN]` of GNU tools: `run --trace mlx5ctl info`
 * traces to stderr. commander would take the next word, so a bare `--trace` is given an empty value before it looks.
 * So is `--web`.
 */

/** Each bare `--trace`, `--web` made `--trace=`, up to a command or "--". `valued`: options with the next word. */
export function markBareTrace(args: readonly string[], valued: ReadonlySet<string>): string[] {
  const marked = [...args];
  let words = 0;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') break;
    if (arg === '--trace' || arg === '--web') marked[index] = `${arg}=`;
    else if (valued.has(arg)) index++;
    else if (!arg.startsWith('-')) words++;
    // The second word is the command of `run`: what follows is its own.
    if (words === 2) break;
  }
  return marked;
}
