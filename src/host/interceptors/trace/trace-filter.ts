/**
 * `--trace-filter`: which events are shown. Terms joined by commas, all of which must hold; a term is KEY=VALUE,
 * KEY!=VALUE, values joined by `|`, of which one must fit:
 *     device=fwctl0,command=ACCESS_REG|QUERY_*,outcome!=ok
 */
import { ERRNO } from '../../../abi/errno.ts';
import { SCOPE } from '../../../abi/fwctl.ts';
import { namePattern, namesIn } from '../../../abi/name-pattern.ts';
import { didYouMean } from '../../../abi/nearest-name.ts';
import type { KmsgEvent, TraceEvent } from './trace-event.ts';
import { shortScope } from './trace-words.ts';

interface KeyRow {
  readonly about: string;
  /** What the event says under this key, each a word that a value may fit; none: no value fits. */
  words(event: TraceEvent): readonly string[];
  /** Values that are refused because nothing ever fits them; undefined: any text may. */
  readonly wrong?: (value: string, statusNames: readonly string[]) => string | undefined;
}

const number = (value: string) => (/^(\d+|\*)$/.test(value) ? undefined : `"${value}" is no number`);

const KINDS = ['open', 'info', 'rpc', 'command', 'ioctl', 'close', 'kmsg'];

const SCOPES = Object.values(SCOPE).map(shortScope);
const OUTCOMES = ['ok', 'refused', 'firmware', 'failed', 'held', ...Object.keys(ERRNO)];

/** A name that nothing has. Numbers, and what a `*` stands for, may be any. */
function noneOf(names: readonly string[]): (value: string) => string | undefined {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (value) =>
    /^\d|\*/.test(value) || known.has(value.toLowerCase())
      ? undefined
      : `there is no "${value}"${didYouMean(value, names)}`;
}

/** A word of every event but the log's lines. */
const ofCalls = (word: (event: Exclude<TraceEvent, KmsgEvent>) => string) => (event: TraceEvent) =>
  event.kind === 'kmsg' ? [] : [word(event)];

/** The keys, for help and messages. */
export const FILTER_KEYS: Readonly<Record<string, KeyRow>> = {
  device: { about: 'the device, e.g. fwctl0', words: ofCalls(({ device }) => device) },
  tid: { about: 'the calling thread', words: ofCalls(({ tid }) => String(tid)), wrong: number },
  comm: { about: "the calling program's name", words: ofCalls(({ comm }) => comm) },
  uid: { about: 'the user id of the caller', words: ofCalls(({ callerUid }) => String(callerUid)), wrong: number },
  file: {
    about: 'the number of the open file, #N of the trace',
    words: ofCalls(({ file }) => String(file)),
    wrong: number,
  },
  kind: {
    about: `what it is: ${KINDS.join(', ')}`,
    words: (event) => (event.kind === 'ioctl' ? ['ioctl', ...(event.part ? [event.part.kind] : [])] : [event.kind]),
    wrong: (value) =>
      value.includes('*') || KINDS.includes(value)
        ? undefined
        : `"${value}" is none of ${KINDS.join(', ')}${didYouMean(value, KINDS)}`,
  },
  command: {
    about: 'the command, the register or the ioctl by name, e.g. ACCESS_REG, MGIR, IOMMU_IOAS_MAP',
    words: commandWords,
  },
  scope: {
    about: 'the scope of an RPC, e.g. DEBUG_WRITE or 2',
    words: (event) =>
      event.kind === 'ioctl' && event.part?.kind === 'rpc'
        ? [String(event.part.scope), shortScope(event.part.scope)]
        : [],
    wrong: noneOf(SCOPES),
  },
  outcome: {
    about:
      'how it ended: ok, refused (an errno), firmware (a status), failed, held, or one by name, e.g. EPERM, BAD_PARAM',
    words: outcomeWords,
    wrong: (value, statusNames) => noneOf([...OUTCOMES, ...statusNames])(value),
  },
};

/** A mistake in a filter; the message says where and what would do. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

/** `statusNames`: those of all firmwares. Throws FilterError. */
export function compileFilter(text: string, statusNames: readonly string[]): (event: TraceEvent) => boolean {
  let column = 1;
  const terms = text.split(',').map((term) => {
    const at = column + term.search(/\S|$/);
    column += term.length + 1;
    return compileTerm(term.trim(), at, statusNames);
  });
  return (event) => terms.every((holds) => holds(event));
}

/** `column`: of the term, from 1. */
function compileTerm(term: string, column: number, statusNames: readonly string[]): (event: TraceEvent) => boolean {
  const refuse = (at: number, message: string): never => {
    throw new FilterError(`the filter, column ${at}: ${message}`);
  };
  const match = /^([a-z]+)(\s*(!=|=)\s*)(.+)$/.exec(term);
  const keys = Object.keys(FILTER_KEYS);
  if (match === null) return refuse(column, `"${term}" is not KEY=VALUE or KEY!=VALUE (keys: ${keys.join(', ')})`);
  const [, key = '', between = '', sign, list = ''] = match;
  const row = Object.hasOwn(FILTER_KEYS, key) ? FILTER_KEYS[key] : undefined;
  if (row === undefined)
    return refuse(column, `there is no key "${key}" (keys: ${keys.join(', ')})${didYouMean(key, keys)}`);
  let at = column + key.length + between.length;
  const patterns = list.split('|').map((value) => {
    const wrong = value === '' ? 'a value is missing' : row.wrong?.(value, statusNames);
    if (wrong !== undefined) return refuse(at, `${key}: ${wrong}`);
    at += value.length + 1;
    return namePattern(value);
  });
  const wanted = sign === '=';
  return (event) => {
    // What has no such property at all (the log's lines have no device) is shown by neither sign but for `!=`.
    const fits = row.words(event).some((word) => patterns.some((one) => one.test(word)));
    return fits === wanted;
  };
}

/** A command's names: the whole, its words, and the opcode. */
function commandWords(event: TraceEvent): readonly string[] {
  if (event.kind !== 'ioctl') return [];
  if (event.part?.kind === 'info') return ['INFO', 'FWCTL_INFO'];
  if (event.part?.kind === 'command') return [event.part.name];
  const request = event.part?.request;
  if (request === undefined) return [];
  const { command, numbers } = request;
  const [first] = Object.values(numbers);
  return first === undefined ? namesIn(command) : [...namesIn(command), `0x${first.toString(16)}`];
}

function outcomeWords(event: TraceEvent): readonly string[] {
  if (event.kind === 'kmsg' || event.kind === 'close') return ['ok'];
  const { outcome } = event;
  const held = event.held ? ['held'] : [];
  if (outcome.kind === 'refused') return ['refused', outcome.errno, ...held];
  if (outcome.kind === 'failed') return ['failed', ...held];
  const reply = event.kind === 'ioctl' && event.part?.kind === 'rpc' ? event.part.reply : undefined;
  if (reply !== undefined && reply.status !== 0)
    return ['firmware', reply.statusName, `0x${reply.status.toString(16)}`, ...held];
  return ['ok', ...held];
}
