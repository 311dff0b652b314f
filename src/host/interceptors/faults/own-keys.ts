/** Keys that are drivers' own: read by every dialect that has one of the name; the fault is for those that know all. */
import type { Messages, Selectors } from '../../../fwctl/dialect.ts';
import type { FaultEffects, FaultSelectors, FaultWhen } from './spec.ts';

/** A fault that is being read. */
export interface FaultDraft {
  readonly selectors: FaultSelectors;
  readonly effects: FaultEffects;
  readonly when: FaultWhen;
  /** By driver; undefined: no such key has been met. */
  own: Map<string, DraftPart> | undefined;
}

interface DraftPart {
  readonly selectors: Selectors;
  refusal: Record<string, number> | undefined;
}

/** Throws an Error: what is wrong with the value for all of them, or that no driver has this key and those before. */
export function readOwn(
  draft: FaultDraft,
  messages: readonly Messages[],
  part: 'selectors' | 'refusals',
  key: string,
  text: string,
): void {
  const known = new Map<string, DraftPart>();
  let wrong: unknown;
  for (const { driver, [part]: keys } of messages) {
    const row = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (row === undefined) continue;
    let value: number;
    try {
      value = row.read(text);
    } catch (error) {
      wrong ??= error;
      continue;
    }
    const before = draft.own === undefined ? { selectors: {}, refusal: undefined } : draft.own.get(driver);
    known.set(driver, before === undefined ? NONE : withValue(before, part, key, value));
  }
  if (known.size === 0) throw wrong;
  const common = new Map([...known].filter(([, one]) => one !== NONE));
  if (common.size === 0) {
    const [theirs, others] = [[...known.keys()].join(', '), [...(draft.own?.keys() ?? [])].join(', ')];
    throw new Error(`this ${key} is of driver ${theirs}, and what stands before it of ${others}; no device has both`);
  }
  draft.own = common;
}

/** Of a driver that does not have the keys before. */
const NONE: DraftPart = { selectors: {}, refusal: undefined };

function withValue(before: DraftPart, part: 'selectors' | 'refusals', key: string, value: number): DraftPart {
  if (part === 'selectors') return { ...before, selectors: { ...before.selectors, [key]: value } };
  return { ...before, refusal: { ...before.refusal, [key]: value } };
}
