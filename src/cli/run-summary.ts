/** `run --summary`: what the command called, said in the end; and a hint where nobody asked and something failed. */
import { writeFileSync } from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import type { Machine } from '../emulator/machine.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';

export interface SummaryChoice {
  /** Undefined: to stderr. */
  readonly output?: string;
}

/** Says it; `status`: the command's. Throws CliError where the file cannot be written. */
export type EndSummary = (status: number) => void;

/** From now on. */
export async function startSummary(
  { output }: SummaryChoice,
  { trace, host }: Pick<Machine, 'trace' | 'host'>,
  say: (text: string) => void,
): Promise<EndSummary> {
  const [{ CallSummary }, { summaryJson, summaryText }] = await Promise.all([
    import('../host/interceptors/trace/call-summary.ts'),
    import('../host/interceptors/trace/call-summary-text.ts'),
  ]);
  const calls = new CallSummary();
  await trace.subscribe({ listener: calls.take, detail: 'keys' });
  return (status) => {
    const frame = { status, taint: Number(host.taint.value) };
    if (output === undefined) return say(`fwctl-emu: summary\n${summaryText(calls.result(), frame)}`);
    const text = output.endsWith('.json') ? summaryJson(calls.result(), frame) : summaryText(calls.result(), frame);
    try {
      writeFileSync(output, `${text}\n`);
    } catch (error) {
      throw new CliError(`run: -o ${output}: ${(error as NodeJS.ErrnoException).code}; check the path`, EXIT.noRun);
    }
  };
}

/** What a command that failed may have failed of, from the counters, in a line; undefined: nothing was refused. */
export async function refusedHint({
  stats,
  messages,
}: Pick<Machine, 'stats' | 'messages'>): Promise<string | undefined> {
  const names = new Map<string, number>();
  let all = 0;
  const languages = await messages();
  const add = (name: string, count: number) => names.set(name, (names.get(name) ?? 0) + count);
  for (const { counts, dialect } of stats.devices()) {
    for (const [errno, count] of counts?.refusedOpens ?? []) add(errnoName(errno) ?? String(errno), count);
    for (const { outcome, count } of counts?.calls() ?? []) {
      all += count;
      if (outcome === 0) continue;
      const status = languages.get(dialect?.driver ?? '')?.statusName(outcome) ?? `status ${outcome}`;
      add(outcome < 0 ? (errnoName(-outcome) ?? String(-outcome)) : `firmware ${status}`, count);
    }
  }
  if (names.size === 0) return undefined;
  const refused = [...names.values()].reduce((sum, count) => sum + count, 0);
  const words = [...names].map(([name, count]) => `${name} ${count}`).join(', ');
  return `${refused} of ${all} calls refused (${words}): "run --summary" says why, "run --trace" each call`;
}
