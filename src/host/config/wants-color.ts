/** Colour on a terminal is for those who have not set NO_COLOR (no-color.org: present and not empty). */
export function wantsColor(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
