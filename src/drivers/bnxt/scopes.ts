/** Which request may be sent in which scope, and how long it may take: the rows of scope-table.ts that a kernel has. */
import { BUFFER_REQUESTS, type BufferRequest } from '../../abi/bnxt/buffers.ts';
import { SCOPE } from '../../abi/fwctl.ts';
import { ABI_PROFILES, type AbiName, type AbiProfile } from '../../abi/profiles.ts';
import type { ScopeTableRow } from '../../fwctl/dialect.ts';
import { Errno } from '../../kernel/errno.ts';
import { DEFAULT_TIMEOUT_MS, SCOPE_TABLE, type ScopeRow } from './scope-table.ts';

/** The first kernel with the driver, and the first whose driver knows buffers. */
export const FIRST_ABI: AbiName = 'linux-7.1';
const BUFFERS_SINCE: AbiName = 'linux-7.3';

export interface Rule {
  readonly needs: number;
  readonly timeoutMs: number;
  /** Undefined: the request has no buffers, or this kernel does not know of them. */
  readonly buffers: BufferRequest | undefined;
}

const UNKNOWN = new Errno(
  'EPERM',
  'no kernel lets this request through fwctl',
  'send a request of the bnxt driver list: fwctl-emu scopes --driver bnxt',
);
const NOT_IN_PROFILE = new Map<AbiName, Errno>(
  ABI_PROFILES.map(({ name, title }) => [
    name,
    new Errno('EPERM', `the request is not let through by ${title}`, 'use an ABI profile that has it, linux-7.3'),
  ]),
);
const NEEDS_SCOPE = Object.entries(SCOPE).map(
  ([name, scope]) => new Errno('EPERM', `the request needs scope ${name} (${scope})`, `use scope ${scope} or above`),
);

const isSince = ({ name }: AbiProfile, since: AbiName = FIRST_ABI): boolean =>
  indexOf(name) >= indexOf(since) && indexOf(name) >= indexOf(FIRST_ABI);

function indexOf(name: AbiName): number {
  return ABI_PROFILES.findIndex((abi) => abi.name === name);
}

export function hasBuffers(abi: AbiProfile): boolean {
  return isSince(abi, BUFFERS_SINCE);
}

/** Every device of a kernel shares them. */
const compiled = new WeakMap<AbiProfile, ReadonlyMap<number, Rule>>();

/** By req_type. */
export function rulesOf(abi: AbiProfile): ReadonlyMap<number, Rule> {
  let rules = compiled.get(abi);
  if (rules === undefined) {
    const rows = SCOPE_TABLE.filter(({ since }) => isSince(abi, since));
    rules = new Map(rows.map((row) => [row.type, ruleOf(abi, row)]));
    compiled.set(abi, rules);
  }
  return rules;
}

function ruleOf(abi: AbiProfile, { type, needs, timeoutMs, timeoutSince }: ScopeRow): Rule {
  return {
    needs,
    timeoutMs: (isSince(abi, timeoutSince) ? timeoutMs : undefined) ?? DEFAULT_TIMEOUT_MS,
    buffers: hasBuffers(abi) ? BUFFER_REQUESTS.get(type) : undefined,
  };
}

/** The scopes, ascending, in which this kernel's driver lets the request through; empty: in none. */
export function scopesAllowing(abi: AbiProfile, type: number): number[] {
  const row = SCOPE_TABLE.find((each) => each.type === type);
  if (row === undefined || !isSince(abi, row.since)) return [];
  return Object.values(SCOPE).filter((scope) => scope >= row.needs);
}

/** The rows that this kernel's driver has. */
export function scopeTable(abi: AbiProfile): ScopeTableRow[] {
  return SCOPE_TABLE.filter(({ since }) => isSince(abi, since)).map(({ type, name }) => ({
    number: type,
    name,
    scopes: scopesAllowing(abi, type),
  }));
}

/** The rule that refuses a request which has no row in `rulesOf`, or needs another scope. */
export function scopeRefusal(abi: AbiProfile, type: number): Errno {
  const row = SCOPE_TABLE.find((each) => each.type === type);
  if (row === undefined) return UNKNOWN;
  if (!isSince(abi, row.since)) return NOT_IN_PROFILE.get(abi.name) ?? UNKNOWN;
  return NEEDS_SCOPE[row.needs] ?? UNKNOWN;
}
