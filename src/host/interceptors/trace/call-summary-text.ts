/** A summary of calls for people, as strace -c has one, and as JSON. */
import { printable } from '../../../abi/shown-field.ts';
import type { CommandSummary, RefusalSummary, SummaryOfCalls } from './call-summary.ts';
import { shortScope } from './trace-words.ts';

/** What else an emulator says of a run. */
export interface SummaryFrame {
  /** The command's exit status. */
  readonly status: number;
  /** The emulated kernel's taint mask, and its flags in letters. */
  readonly taint: number;
}

/** Lines, without a newline at the end. */
export function summaryText(summary: SummaryOfCalls, { status, taint }: SummaryFrame): string {
  const { calls, refused, commands, refusals, scopes } = summary;
  const head = ['calls', 'refused', 'us/call', 'longest', 'call'].map((word, at) =>
    at < 4 ? word.padStart(8) : ` ${word}`,
  );
  const rows = commands.map(commandLine);
  const used = scopes.map(({ scope, calls: times }) => `${shortScope(scope)} ${times}`).join(', ');
  return [
    head.join(''),
    ...rows,
    `${String(calls).padStart(8)}${String(refused).padStart(8)}${' '.repeat(16)} in all, exit status ${status}`,
    ...refusals.flatMap(refusalLines),
    ...(used === '' ? [] : [`scopes: ${used}`]),
    ...(taint === 0 ? [] : [`tainted: ${taint}`]),
  ].join('\n');
}

export function summaryJson(summary: SummaryOfCalls, { status, taint }: SummaryFrame): string {
  const { scopes, refusals, ...rest } = summary;
  const named = {
    ...rest,
    refusals: refusals.map(({ passes, ...one }) => ({ ...one, ...(passes && { passes_in_scopes: passes }) })),
    scopes: scopes.map(({ scope, calls }) => ({ scope, name: shortScope(scope), calls })),
  };
  return JSON.stringify({ fwctl_emu_summary: 1, exit_status: status, taint, ...named }, null, 1);
}

function commandLine({ command, calls, refused, microseconds, longest, outcomes }: CommandSummary): string {
  const numbers = [calls, refused || '', Math.round(microseconds / calls), Math.round(longest)];
  const words = Object.entries(outcomes).map(([name, times]) => `${name} ${times}`);
  const told = refused === 0 ? '' : `  (${words.join(', ')})`;
  return `${numbers.map((number) => String(number).padStart(8)).join('')} ${printable(command)}${told}`;
}

function refusalLines({ command, outcome, by, count, rule, part, fix, passes }: RefusalSummary): string[] {
  const whose = by === 'firmware' ? 'firmware ' : '';
  const why = [rule, ...(part === undefined ? [] : [part])].map(printable).join(': ');
  const scopes = passes === undefined || passes.length === 0 ? [] : [`passes: scope ${passes.join(',')}`];
  const rest = [...scopes, ...(fix === undefined ? [] : [`fix: ${printable(fix)}`])].map((text) => `    ${text}`);
  return [`${count} x ${printable(command)} -> ${whose}${outcome}: ${why}`, ...rest];
}
