/**
 * `run --abi NAME,NAME,...`: the command once for each kernel, then, call by call, where the answers differ. Calls are
 * told apart by what was asked and how often before: a run that ends early compares up to there.
 */
import { abiProfile } from '../abi/profiles.ts';
import { printable } from '../abi/shown-field.ts';
import { unknownAbi } from '../host/config/abi-name.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import type {
  IoctlEvent,
  OpenEvent,
  Passing,
  TraceEvent,
  TraceListener,
  TraceOutcome,
} from '../host/interceptors/trace/trace-event.ts';
import { shortScope } from '../host/interceptors/trace/trace-words.ts';

export interface AbiRun {
  readonly abi: string;
  /** The command's exit status. */
  readonly status: number;
  readonly events: readonly TraceEvent[];
}

/** The kernels of `--abi A,B`; undefined: it is one name. Throws CliError for names that make no comparison. */
export function abiList(text: string | undefined): string[] | undefined {
  if (text === undefined || !text.includes(',')) return undefined;
  const asked = text.split(',');
  if (asked.includes('')) throw new CliError('--abi: a name is missing beside a comma; take the comma out', EXIT.usage);
  // all of them before the first run: the command may take long, or do something that should not be done in vain
  const unknown = asked.find((name) => abiProfile(name) === undefined);
  if (unknown !== undefined) throw new CliError(`--abi: ${unknownAbi(unknown)}`, EXIT.usage);
  const names = asked.map((name) => abiProfile(name)?.name ?? name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new CliError(`--abi: ${twice} is given twice; leave one out`, EXIT.usage);
  return names;
}

/** Runs the command for each kernel by `runOne`, then says what differed; the greatest exit status. */
export async function compareAbis(
  names: readonly string[],
  runOne: (abi: string, listener: TraceListener) => Promise<number>,
  say: (text: string) => void,
): Promise<number> {
  const runs: AbiRun[] = [];
  for (const abi of names) {
    say(`fwctl-emu: --- ${abi}`);
    const events: TraceEvent[] = [];
    const status = await runOne(abi, (event) => events.push(event));
    runs.push({ abi, status, events });
  }
  for (const line of abiReport(runs)) say(`fwctl-emu: ${line}`);
  return Math.max(...runs.map(({ status }) => status));
}

/** What differed, line by line. */
export function abiReport(runs: readonly AbiRun[]): string[] {
  const answers = runs.map(({ events }) => answersOf(events));
  const calls = new Set(answers.flatMap((answer) => [...answer.keys()]));
  const lines: string[] = [];
  for (const call of calls) {
    const texts = answers.map((answer) => answer.get(call));
    if (texts.every((text) => text?.short === texts[0]?.short)) continue;
    lines.push(call);
    const width = Math.max(...runs.map(({ abi }) => abi.length));
    runs.forEach(({ abi }, index) => {
      lines.push(
        `  ${abi.padEnd(width)}  ${texts[index]?.long ?? 'not asked: the command had ended, or went another way'}`,
      );
    });
  }
  const differing = lines.filter((line) => !line.startsWith('  ')).length;
  const statuses = runs.map(({ abi, status }) => `${abi} ${status}`).join(', ');
  const head =
    differing === 0
      ? `no difference in ${calls.size} call${calls.size === 1 ? '' : 's'}`
      : `${differing} of ${calls.size} calls differ`;
  return [`${head}; exit status: ${statuses}`, ...lines];
}

interface Answer {
  /** What is compared. */
  readonly short: string;
  /** What is shown: the rule, and who would let it pass. */
  readonly long: string;
}

function answersOf(events: readonly TraceEvent[]): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  const seen = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== 'open' && event.kind !== 'ioctl') continue;
    const asked = `${printable(event.device)} ${wordsOf(event)}`;
    const times = (seen.get(asked) ?? 0) + 1;
    seen.set(asked, times);
    answers.set(times === 1 ? asked : `${asked} (${times})`, answerOf(event));
  }
  return answers;
}

function wordsOf(event: OpenEvent | IoctlEvent): string {
  if (event.kind === 'open') return 'open';
  const { part, cmd } = event;
  if (part === undefined) return `ioctl 0x${cmd.toString(16)}`;
  // its members are addresses as often as not, which no two runs have in common
  if (part.kind === 'command') return part.name;
  if (part.kind === 'info') return `INFO flags=${part.flags} data_len=${part.dataLen}`;
  const command = part.request === undefined ? '' : ` ${printable(part.request.command)}`;
  return `RPC scope=${shortScope(part.scope)}${command} in=${part.inLen} out=${part.outLen}`;
}

function answerOf(event: OpenEvent | IoctlEvent): Answer {
  const text = outcomeText(event.outcome);
  if (event.outcome.kind !== 'ok' || event.kind === 'open' || event.part?.kind !== 'rpc') return text;
  const { reply } = event.part;
  if (reply === undefined || reply.status === 0) return text;
  const status = `firmware ${reply.statusName} (0x${reply.status.toString(16)})`;
  return { short: status, long: status };
}

function outcomeText(outcome: TraceOutcome): Answer {
  if (outcome.kind === 'ok') return { short: 'OK', long: 'OK' };
  if (outcome.kind === 'failed') return { short: 'EIO', long: `EIO: ${printable(outcome.message)}` };
  const passes = outcome.passes === undefined ? '' : `; ${passingText(outcome.passes[0])}`;
  return { short: outcome.errno, long: `${outcome.errno}: ${outcome.rule}${passes}` };
}

function passingText(own: Passing | undefined): string {
  if (own === undefined || own.scopes.length === 0) return 'no scope lets it pass here';
  return `scope ${own.scopes.join(', ')} would pass`;
}
