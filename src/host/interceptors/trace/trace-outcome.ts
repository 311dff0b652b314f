/** How a call ended, for people: the rule that refused it, who would have let it pass, and how to fix the client. */
import { SCOPE } from '../../../abi/fwctl.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { TracedCall } from './trace-call.ts';
import type { IoctlEvent, Passing, TraceOutcome } from './trace-event.ts';
import { numberFix, sizeFix } from './trace-number.ts';
import type { Payloads } from './trace-payload.ts';

/** The outcome of an exception: of an open, or of an ioctl with its call and what was decoded of it. */
export function outcomeOf(
  error: unknown,
  call?: TracedCall,
  part?: IoctlEvent['part'],
  payloads?: Payloads,
): TraceOutcome {
  if (!(error instanceof Errno)) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
  const { name: errno, rule, remedy } = error;
  const passes = call && passesOf(error, call, part, payloads);
  const fix =
    (passes && call && payloads?.meant(call)) ??
    scopeFix(error, passes, payloads?.driver) ??
    dispatchFix(error, call, payloads) ??
    remedy;
  return { kind: 'refused', errno, rule, fix, passes };
}

/** What drivers refuse a command or its scope with: mlx5, v2's mlx5, the others. */
const SCOPE_ERRNOS: readonly string[] = ['EBADMSG', 'EOPNOTSUPP', 'EPERM'];

/** Asked where the driver refused a request's opcode or scope; the core's own refusals come before it is read. */
function passesOf(error: Errno, call: TracedCall, part: IoctlEvent['part'], payloads: Payloads | undefined) {
  if (!SCOPE_ERRNOS.includes(error.name)) return undefined;
  if (part?.kind !== 'rpc' || part.request === undefined || part.delivered) return undefined;
  const passes = payloads?.passes(call);
  return passes?.[0]?.scopes.includes(part.scope) ? undefined : passes;
}

/** With the command that shows the whole table. */
function scopeFix(
  { remedy }: Errno,
  passes: readonly Passing[] | undefined,
  driver: string | undefined,
): string | undefined {
  if (passes === undefined) return undefined;
  const [own, other] = passes;
  const [scope] = own?.scopes ?? [];
  const table = `fwctl-emu scopes --driver ${driver}`;
  if (scope !== undefined) return `set fwctl_rpc.scope = ${scopeName(scope)} (${table})`;
  if (other !== undefined) return `this kernel passes it in no scope; run with --abi ${other.abi} (${table})`;
  if (remedy?.includes(table)) return remedy;
  return `${remedy ?? 'no kernel passes this command'} (${table})`;
}

/** Of what dispatch refuses. */
function dispatchFix({ name }: Errno, call: TracedCall | undefined, payloads: Payloads | undefined) {
  if (call === undefined || payloads === undefined) return undefined;
  if (name === 'ENOTTY') return call.compat ? undefined : numberFix(call.cmd, payloads.known);
  const size = call.ucmdBytes < 4 ? undefined : call.ucmd.getUint32(0, true);
  return sizeFix(
    name,
    size,
    payloads.known.find(({ number }) => number === call.cmd),
  );
}

const scopeNames = new Map<number, string>(Object.entries(SCOPE).map(([name, value]) => [value, name]));

/** `FWCTL_RPC_DEBUG_WRITE`, or the number of a scope that does not exist. */
export function scopeName(scope: number): string {
  return scopeNames.get(scope) ?? String(scope);
}
