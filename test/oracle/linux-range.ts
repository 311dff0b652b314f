/** The kernels of the machine under which a row of differences holds, by the release that brought or ended it. */

/** Undefined: there is no such end. Both as `6.5`. */
export interface LinuxRange {
  readonly from?: string;
  /** The first release in which it holds no more. */
  readonly before?: string;
}

/** `release`: as uname -r says it, `6.12.113-amd64`. */
export function holdsOn({ from, before }: LinuxRange, release: string): boolean {
  return (
    (from === undefined || ordinal(release) >= ordinal(from)) &&
    (before === undefined || ordinal(release) < ordinal(before))
  );
}

/** For a table's cell. */
export function rangeText({ from, before }: LinuxRange): string {
  const parts = [from && `${from} and later`, before && `before ${before}`].filter(Boolean);
  return parts.length === 0 ? 'all' : parts.join(', ');
}

function ordinal(release: string): number {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined) throw new Error(`no release of Linux: ${release}`);
  return Number(major) * 1000 + Number(minor);
}
