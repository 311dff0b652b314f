/**
 * A verb of the control socket whose command line leaves no question: read by the methods' rows alone, without the
 * parser of all verbs, which takes as long as the rest of a verb. What is not plain (help, a wrong or a missing word)
 * the parser reads, and says what it has to say of it.
 */
import { resolve } from 'node:path';
import type { Method, Param, Values } from '../control/method.ts';
import { METHODS } from '../control/methods.ts';
import type { ControlCallOptions } from './command.ts';

export interface PlainCall {
  readonly method: Method;
  readonly values: Values;
  readonly options: ControlCallOptions;
}

/** Methods that answer once. */
const ROWS = METHODS.filter(({ verb, params }) => verb !== undefined && params.format === undefined);

/** First words of the verbs below, for who has nothing else to look at. */
export const PLAIN_WORDS: readonly string[] = [...new Set(ROWS.map(({ verb = '' }) => verb.split(' ')[0] ?? ''))];

/** Undefined: the parser's. */
export function plainCall(args: readonly string[]): PlainCall | undefined {
  const [first = '', second = ''] = args;
  const two = ROWS.find(({ verb }) => verb === `${first} ${second}`);
  const method = two ?? ROWS.find(({ verb }) => verb === first);
  return method && callOf(method, args.slice(two === undefined ? 1 : 2));
}

function callOf(method: Method, args: readonly string[]): PlainCall | undefined {
  const params = Object.entries(method.params).filter(([, { hidden }]) => hidden !== true);
  const places = params.filter(([, { argument }]) => argument !== undefined);
  const options = new Map(
    params.filter((each) => !places.includes(each)).map(([name, row]) => [flagOf(name), [name, row]]),
  );
  const values: Record<string, Values[string]> = {};
  let [json, socket, place]: [boolean, string | undefined, number] = [false, undefined, 0];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (!word.startsWith('-')) {
      const [name, row] = places[place++] ?? [];
      if (name === undefined || row === undefined || word === '') return undefined;
      values[name] = row.kind === 'file' ? resolve(word) : word;
      continue;
    }
    if (word === '--json' && !('mediaType' in method.answer)) json = true;
    else if (word === '--socket') {
      socket = args[++at];
      if (socket === undefined || socket === '' || socket.startsWith('-')) return undefined;
    } else {
      const [name, row] = (options.get(word) ?? []) as [string?, Param?];
      // lists and numbers have rules of their own
      if (name === undefined || row?.kind !== 'flag') return undefined;
      values[name] = true;
    }
  }
  const missing = places.some(([name, { required }]) => required === true && values[name] === undefined);
  return missing ? undefined : { method, values, options: { json, socket } };
}

function flagOf(name: string): string {
  return `--${name.replaceAll('_', '-')}`;
}
