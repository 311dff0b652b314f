/** What a run under a fault means: the judgement that the report counts. */
import { constants } from 'node:os';
import type { Recording } from '../../host/interceptors/recording/format.ts';
import type { SweepCase } from './sweep-cases.ts';
import type { RunEnd } from './sweep-run.ts';

/**
 * `crash`: killed by a signal of its own making. `hang`: no end, or printing without end. `hidden`: a call failed, the
 * exit status is 0. `optional`: the same of a call that it can do without. `missed`: the call was not made. `ok`: none.
 */
export type Verdict = 'crash' | 'hang' | 'hidden' | 'optional' | 'missed' | 'ok';

export const FINDINGS: readonly Verdict[] = ['crash', 'hang', 'hidden'];

export interface Judgement {
  readonly verdict: Verdict;
  /** In a few words: `SIGSEGV`, `exit 0, same output as without the fault`. */
  readonly detail: string;
}

const CRASHES: readonly NodeJS.Signals[] = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'];

/** `recording`: of this run; undefined: incomplete. `clean`: the run without faults. `optional`: its call may fail. */
export function judge(
  one: SweepCase,
  end: RunEnd,
  recording: Recording | undefined,
  clean: RunEnd,
  optional: boolean,
): Judgement {
  const [seconds, output] = [end.ms / 1000, amount(end.outputBytes)];
  if (end.stopped === 'time')
    return { verdict: 'hang', detail: `no end within ${seconds.toFixed(0)} s, ${output} of output` };
  if (end.stopped === 'output')
    return { verdict: 'hang', detail: `endless output: ${output} in ${seconds.toFixed(1)} s` };
  const signal = CRASHES.find((name) => end.status === 128 + constants.signals[name]);
  if (signal !== undefined) return { verdict: 'crash', detail: signal };
  if (recording !== undefined && !wasMade(one, recording))
    return { verdict: 'missed', detail: 'the call was not made in this run' };
  if (!one.fails || end.status !== 0 || clean.status !== 0) return { verdict: 'ok', detail: `exit ${end.status}` };
  if (recording !== undefined && wasRetried(one, recording)) return { verdict: 'ok', detail: 'exit 0 after a retry' };
  const difference = end.digest === clean.digest ? 'same output as without the fault' : 'the output differs';
  return { verdict: optional ? 'optional' : 'hidden', detail: `exit 0, ${difference}` };
}

function amount(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

/** Which call of its kind the fault is for, from 1. */
function targetOf({ fault }: SweepCase): { what: string; number: number } {
  const [, what = '', number = '0'] = /^(\w+):when=(\d+)/.exec(fault) ?? [];
  return { what, number: Number(number) };
}

function callsTo(what: string, { exchanges }: Recording): Recording['exchanges'][number]['exchange'][] {
  return exchanges.map(({ exchange }) => exchange).filter((exchange) => what in exchange);
}

function wasMade(one: SweepCase, recording: Recording): boolean {
  const { what, number } = targetOf(one);
  return callsTo(what, recording).length >= number;
}

/** The same request was sent again and went well. */
function wasRetried(one: SweepCase, recording: Recording): boolean {
  const { what, number } = targetOf(one);
  const calls = callsTo(what, recording);
  const failed = calls[number - 1];
  if (failed === undefined) return false;
  return calls.slice(number).some((call) => {
    if ('ioctl' in call && 'ioctl' in failed)
      return call.name === failed.name && call.in === failed.in && call.errno === undefined;
    if (!('rpc' in call) || !('rpc' in failed)) return !('errno' in call);
    return (
      call.in === failed.in && call.rpc === failed.rpc && call.errno === undefined && !/^(?!00)/.test(call.out ?? '')
    );
  });
}
