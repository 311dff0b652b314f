/** What `doctor` found, as data, and as a table for people. */
import { styled } from '../../host/config/styled.ts';

export type Health = 'ok' | 'warn' | 'fail' | 'skip';

export interface Finding {
  /** Kept from version to version: scripts look for it. */
  readonly name: string;
  readonly status: Health;
  /** What was seen. */
  readonly found: string;
  /** What follows from it. */
  readonly means?: string | undefined;
  /** What makes it right. */
  readonly todo?: string | undefined;
}

/** Whether a way of using the emulator works here. */
export interface Way {
  readonly name: 'run as root' | 'run rootless' | 'run by seccomp' | 'serve over FUSE' | 'serve over CUSE';
  readonly status: 'works' | 'fails' | 'untested';
  /** Why it fails or could not be tried; how it works, where there are several ways. */
  readonly why?: string | undefined;
}

export interface Diagnosis {
  readonly version: string;
  readonly findings: readonly Finding[];
  readonly ways: readonly Way[];
  /** `run` works for the present user. */
  readonly ok: boolean;
  /** How it would show devices; undefined: it does not work. */
  readonly run: string | undefined;
}

const COLOR = {
  ok: 'green',
  works: 'green',
  warn: 'yellow',
  skip: 'gray',
  untested: 'gray',
  fail: 'red',
  fails: 'red',
} as const;

/** Colour only where the terminal wants it; every line ends with a newline. */
export function diagnosisText({ findings, ways, run }: Diagnosis, color: boolean): string {
  const paint = (word: keyof typeof COLOR, width: number) =>
    color ? styled(COLOR[word], word.padEnd(width)) : word.padEnd(width);
  const indent = ' '.repeat(6);
  const lines = findings.flatMap(({ name, status, found, means, todo }) => [
    `${paint(status, 5)} ${name}: ${found}`,
    ...(means === undefined ? [] : [`${indent}${means}`]),
    ...(todo === undefined ? [] : [`${indent}to do: ${todo}`]),
  ]);
  const width = Math.max(...ways.map((way) => way.name.length));
  const table = ways.map(({ name, status, why }) =>
    `${name.padEnd(width)}  ${paint(status, 8)}${why === undefined ? '' : `  ${why}`}`.trimEnd(),
  );
  const verdict = run
    ? `"fwctl-emu run" can work here, by ${run}.`
    : '"fwctl-emu run" cannot work here; see the lines with "to do" above.';
  return [...lines, '', ...table, '', verdict, ''].join('\n');
}
