/** "Did you mean": the known names closest to one that is not known. */

/** Up to `limit` of `names`, the nearest first; those too far to be a slip of the pen are left out. */
export function nearestNames(wrong: string, names: Iterable<string>, limit = 3): string[] {
  const most = Math.max(2, Math.floor(wrong.length / 2));
  const asked = wrong.toLowerCase();
  const scored: [number, string][] = [];
  for (const name of names) {
    const known = name.toLowerCase();
    // A name that contains what was written (or the reverse) is near, however long the rest is.
    const contained = asked.length >= 3 && (known.includes(asked) || asked.includes(known));
    const distance = contained ? 1 : editDistance(asked, known, most);
    if (distance <= most) scored.push([distance, name]);
  }
  scored.sort((a, b) => a[0] - b[0]);
  return scored.slice(0, limit).map(([, name]) => name);
}

/** `; did you mean a, b or c?`, or nothing when no name is near. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  const near = nearestNames(wrong, names);
  if (near.length === 0) return '';
  const last = near[near.length - 1];
  return near.length === 1 ? `; did you mean ${last}?` : `; did you mean ${near.slice(0, -1).join(', ')} or ${last}?`;
}

/** Names that a line has room for. */
const SHOWN = 8;

/** `a, b, c`; of many `a, b, ... and 4088 more`. */
export function someNames(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  // one more name is no longer than "and 1 more"
  if (rest <= 1) return names.join(', ');
  return `${names.slice(0, SHOWN).join(', ')} and ${rest} more`;
}

/** Levenshtein distance; `most + 1` as soon as it must exceed `most`. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? most + 1;
}
