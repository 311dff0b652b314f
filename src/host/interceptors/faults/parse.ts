/**
 * Reads a fault: `WHAT[:KEY[=VALUE]]...`, e.g. `rpc:opcode=QUERY_HCA_CAP:error=EIO:when=3`. Every problem is found in
 * one go, each with its column. The keys are rows of keys.ts and of the drivers' dialects.
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { didYouMean } from '../../../abi/nearest-name.ts';
import type { Messages } from '../../../fwctl/dialect.ts';
import { type FaultKey, type FaultKeys, faultKeys, SET_KEY } from './keys.ts';
import type { FaultDraft } from './own-keys.ts';
import type { FaultSpec, FaultWhat } from './spec.ts';

export const FAULT_WHATS: readonly FaultWhat[] = ['open', 'info', 'rpc', 'ioctl'];

/** `column` from 1. */
export type FaultComplaint = (column: number, message: string) => void;

/** By driver. */
export type FaultMessages = ReadonlyMap<string, Messages>;

/** The fault; undefined: `complain` was told what is wrong. `messages`: of the drivers that the machine can have. */
export function parseFault(text: string, messages: FaultMessages, complain: FaultComplaint): FaultSpec | undefined {
  const keys = faultKeys([...messages.values()]);
  let sound = true;
  const refuse = (column: number, message: string): void => {
    sound = false;
    complain(column, message);
  };
  const [what, ...items] = itemsOf(text);
  if (what === undefined || !FAULT_WHATS.includes(what.text as FaultWhat)) {
    const found = what?.text ? `"${what.text}" is nothing that can fail` : 'what is to fail is missing';
    refuse(1, `${found} (${FAULT_WHATS.join(', ')})${didYouMean(what?.text ?? '', FAULT_WHATS)}`);
    return undefined;
  }
  const draft: FaultDraft = {
    selectors: {},
    effects: {},
    when: {
      first: 1,
      step: 1,
      last: Number.POSITIVE_INFINITY,
      probability: 1,
      seed: 0,
      count: Number.POSITIVE_INFINITY,
    },
    own: undefined,
  };
  const seen = new Set<string>();
  for (const item of items) {
    try {
      readItem(item.text, what.text as FaultWhat, draft, seen, keys);
    } catch (error) {
      const { offset = 0, message } = error as ItemError;
      refuse(item.column + offset, message);
    }
  }
  if (sound)
    for (const message of contradictions(what.text as FaultWhat, draft, seen, keys, messages)) refuse(1, message);
  return sound ? { text, what: what.text as FaultWhat, messages, ...draft } : undefined;
}

/** The fault; throws an Error with one line for each problem, `SPEC: column N: message`. */
export function readFault(text: string, messages: FaultMessages): FaultSpec {
  const problems: string[] = [];
  const spec = parseFault(text, messages, (column, message) => problems.push(`${text}: column ${column}: ${message}`));
  if (spec === undefined) throw new Error(problems.join('\n'));
  return spec;
}

class ItemError extends Error {
  /** Characters from the item's start to what is wrong. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function itemsOf(text: string): { text: string; column: number }[] {
  let column = 1;
  return text.split(':').map((part) => {
    const item = { text: part, column };
    column += part.length + 1;
    return item;
  });
}

function readItem(text: string, what: FaultWhat, draft: FaultDraft, seen: Set<string>, keys: FaultKeys): void {
  const equals = text.indexOf('=');
  const key = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  if (key === '') throw new ItemError(0, 'a KEY=VALUE is missing here; take out the colon or write one');
  const row = key.startsWith(SET_KEY.prefix) ? SET_FIELD : Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (row === undefined) {
    const names = Object.keys(keys).filter((name) => keys[name]?.for.includes(what));
    if (SET_FIELD.for.includes(what)) names.push('set.FIELD');
    throw new ItemError(0, `unknown key "${key}" (keys: ${names.join(', ')})${didYouMean(key, Object.keys(keys))}`);
  }
  if (!row.for.includes(what)) {
    const others = keysOf(keys, what, row.group);
    throw new ItemError(
      0,
      `${key} is not for ${what}, but for ${row.for.join(' and ')}; ${what} has ${others.join(', ')}`,
    );
  }
  if (seen.has(key)) throw new ItemError(0, `${key} is given twice; leave one out`);
  seen.add(key);
  if (row.bare) {
    if (value !== undefined) throw new ItemError(equals, `${key} has no value; write it alone`);
    row.read(draft, '');
    return;
  }
  if (value === undefined || value === '')
    throw new ItemError(text.length, `${key} has no value; write e.g. ${row.example}`);
  try {
    if (row === SET_FIELD) setField(draft, key.slice(SET_KEY.prefix.length), value);
    else row.read(draft, value);
  } catch (error) {
    throw new ItemError(equals + 1, (error as Error).message);
  }
}

/** Of one group, those that make sense at `what`. */
function keysOf(keys: FaultKeys, what: FaultWhat, group: FaultKey['group']): string[] {
  return Object.entries(keys).flatMap(([name, row]) => (row.group === group && row.for.includes(what) ? [name] : []));
}

/** The row of `set.FIELD`; its key is needed to read it. */
const SET_FIELD: FaultKey = {
  group: 'effect',
  about: SET_KEY.about,
  example: SET_KEY.example,
  for: ['rpc'],
  read: () => {},
};

/** Which command answers is known when one does: the name is looked up then, and the value checked. */
function setField({ effects }: FaultDraft, field: string, value: string): void {
  if (field === '') throw new Error('the name of a field is missing; write e.g. set.size=0xffff');
  const number = /^(\d+|0x[0-9a-f]+)$/i.test(value) ? BigInt(value) : undefined;
  const input: FieldInput = number === undefined ? value : number <= 0xffffffffn ? Number(number) : number;
  effects.set = new Map([...(effects.set ?? []), [field, input]]);
}

function* contradictions(
  what: FaultWhat,
  { selectors, effects, own }: FaultDraft,
  seen: ReadonlySet<string>,
  keys: FaultKeys,
  messages: FaultMessages,
): Generator<string> {
  const parts = [...(own?.values() ?? [])];
  const refuses = parts.some(({ refusal }) => refusal !== undefined);
  if (Object.keys(effects).length === 0 && !refuses) yield 'the fault has no effect; add one, e.g. error=EIO';
  yield* strangers(what, selectors.device, seen, keys);
  if (effects.error !== undefined) {
    for (const key of [...refusalsIn(keys), 'ok', 'truncate', 'flip', 'out_len']) {
      if (seen.has(key)) yield `with error there is no reply, so ${key} says nothing; leave one of them out`;
    }
    if (effects.set !== undefined) yield 'with error there is no reply whose fields could be set; leave one out';
  }
  if (effects.ok && refuses) yield 'ok and a status contradict each other';
  if (seen.has('when') && seen.has('every')) yield 'when and every both say which calls; leave one out';
  if (seen.has('hang') && seen.has('delay')) yield 'hang and delay both say when the answer comes; leave one out';
  for (const [driver, { selectors: chosen }] of own ?? []) {
    for (const [a, b] of messages.get(driver)?.exclusive ?? [])
      if (a in chosen && b in chosen) yield `no command has both a ${a} and a ${b}`;
  }
}

/** Keys by which a firmware refuses. */
function refusalsIn(keys: FaultKeys): string[] {
  return Object.entries(keys).flatMap(([key, { group, drivers }]) => (group === 'effect' && drivers ? [key] : []));
}

/** Devices that have no such calls: iommu and vfio have no firmware, fwctl's ioctls have points of their own. */
function* strangers(
  what: FaultWhat,
  device: string | undefined,
  seen: ReadonlySet<string>,
  keys: FaultKeys,
): Generator<string> {
  if (device === undefined) return;
  const fwctl = device.startsWith('fwctl');
  if (what === 'ioctl' && fwctl) yield `ioctl is of iommu and vfio; the ioctls of ${device} are info and rpc`;
  if (fwctl) return;
  if (what === 'info' || what === 'rpc') yield `${what} is of fwctl; of ${device}, open and ioctl can be struck`;
  for (const key of refusalsIn(keys)) {
    if (what === 'open' && seen.has(key))
      yield `${key} is a firmware's, and ${device} has none; it has ${keysOf(keys, 'ioctl', 'effect').join(', ')}`;
  }
}
