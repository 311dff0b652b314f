/**
 * What a trace comes to: calls by command and outcome, refusals with their reasons and remedies, scopes used. A
 * listener of the trace; what it holds grows with the number of different calls, not with that of calls.
 */
import type { ExplainedRefusal } from '../../../fwctl/dialect.ts';
import type { IoctlEvent, OpenEvent, TraceEvent } from './trace-event.ts';

/** Of one command. */
export interface CommandSummary {
  /** `open`, `INFO`, `QUERY_HCA_CAP`, `ACCESS_REG MGIR`, `IOMMU_IOAS_MAP`, `ioctl 0x5401`. */
  readonly command: string;
  readonly calls: number;
  /** Of those, what was not OK. */
  readonly refused: number;
  /** From beginning to end, of all of them. */
  readonly microseconds: number;
  readonly longest: number;
  /** `OK`, an errno's name, a firmware's status: how often, the first seen first. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Refusals of one kind. */
export interface RefusalSummary {
  readonly command: string;
  /** `EBADMSG`, `BAD_PARAM`. */
  readonly outcome: string;
  /** An errno: the call was not delivered; the firmware has not seen it. */
  readonly by: 'kernel' | 'firmware';
  readonly count: number;
  readonly rule: string;
  /** Of the first one. */
  readonly part: string | undefined;
  readonly fix: string | undefined;
  /** Scopes in which this kernel would let it pass; undefined: they are not the reason. */
  readonly passes: readonly number[] | undefined;
}

export interface SummaryOfCalls {
  readonly opens: number;
  /** opens and ioctls. */
  readonly calls: number;
  readonly refused: number;
  /** Most calls first. */
  readonly commands: readonly CommandSummary[];
  /** Most first. */
  readonly refusals: readonly RefusalSummary[];
  /** RPCs by scope, ascending. */
  readonly scopes: readonly { readonly scope: number; readonly calls: number }[];
  /** Lines of the emulated kernel's log. */
  readonly log: readonly string[];
}

type Changing<T> = { -readonly [K in keyof T]: T[K] };
type Command = Omit<Changing<CommandSummary>, 'outcomes'> & { readonly outcomes: Record<string, number> };
type Refusal = Changing<RefusalSummary>;

/** Refusals of different kinds that are kept; a client that fuzzes makes one of each call. */
const MOST_KINDS = 1000;
const MOST_LINES = 100;

export class CallSummary {
  private opens = 0;
  private readonly commands = new Map<string, Command>();
  private readonly refusals = new Map<string, Refusal>();
  private readonly scopes = new Map<number, number>();
  private readonly log: string[] = [];

  /** A trace's listener. */
  readonly take = (event: TraceEvent): void => {
    if (event.kind === 'kmsg') {
      if (this.log.length < MOST_LINES) this.log.push(event.text);
      return;
    }
    if (event.kind === 'close') return;
    if (event.kind === 'open') this.opens++;
    else if (event.part?.kind === 'rpc') {
      const { scope } = event.part;
      this.scopes.set(scope, (this.scopes.get(scope) ?? 0) + 1);
    }
    const command = commandOf(event);
    const refusal = refusalOf(event);
    this.count(command, refusal?.outcome ?? 'OK', event.durationUs);
    if (refusal === undefined) return;
    const key = [command, refusal.outcome, refusal.rule].join('\n');
    const known = this.refusals.get(key);
    if (known !== undefined) known.count++;
    else if (this.refusals.size < MOST_KINDS) this.refusals.set(key, { command, count: 1, ...refusal });
  };

  result(): SummaryOfCalls {
    const commands = [...this.commands.values()].sort((a, b) => b.calls - a.calls);
    const sum = (of: (one: CommandSummary) => number) => commands.reduce((total, one) => total + of(one), 0);
    return {
      opens: this.opens,
      calls: sum(({ calls }) => calls),
      refused: sum(({ refused }) => refused),
      commands,
      refusals: [...this.refusals.values()].sort((a, b) => b.count - a.count),
      scopes: [...this.scopes].sort(([a], [b]) => a - b).map(([scope, calls]) => ({ scope, calls })),
      log: this.log,
    };
  }

  private count(command: string, outcome: string, us: number): void {
    let row = this.commands.get(command);
    if (row === undefined) {
      row = { command, calls: 0, refused: 0, microseconds: 0, longest: 0, outcomes: {} };
      this.commands.set(command, row);
    }
    row.calls++;
    if (outcome !== 'OK') row.refused++;
    row.microseconds += us;
    row.longest = Math.max(row.longest, us);
    row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
  }
}

function commandOf(event: OpenEvent | IoctlEvent): string {
  if (event.kind === 'open') return 'open';
  const { part, cmd } = event;
  if (part === undefined) return `ioctl 0x${cmd.toString(16)}`;
  if (part.kind === 'info') return 'INFO';
  if (part.kind === 'command') return part.name;
  const names = Object.values(part.request?.names ?? {});
  return names.length === 0 ? 'RPC' : names.join(' ');
}

type Found = Omit<RefusalSummary, 'command' | 'count'>;

function refusalOf(event: OpenEvent | IoctlEvent): Found | undefined {
  const { outcome } = event;
  const none = { part: undefined, fix: undefined, passes: undefined };
  if (outcome.kind === 'failed') return { ...none, outcome: 'EIO', by: 'kernel', rule: outcome.message };
  if (outcome.kind === 'refused') {
    const { errno, rule, fix, passes } = outcome;
    return { outcome: errno, by: 'kernel', rule, part: undefined, fix, passes: passes?.[0]?.scopes };
  }
  const reply = event.kind === 'ioctl' && event.part?.kind === 'rpc' ? event.part.reply : undefined;
  if (reply === undefined || reply.status === 0) return undefined;
  const known: ExplainedRefusal | undefined = reply.refusal;
  const rule = known?.rule ?? `status 0x${reply.status.toString(16)}`;
  return { outcome: reply.statusName, by: 'firmware', rule, part: known?.part, fix: known?.fix, passes: undefined };
}
